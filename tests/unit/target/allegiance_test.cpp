// SPDX-License-Identifier: Apache-2.0
// ErrorRecoveryLevel 2: tasks survive their connection (RFC 7143 §7.1.4.3, §7.2.2).
#include "tests/unit/target/target_fixture.hpp"

#include <gmock/gmock.h>

namespace persiscsi::target::test {
namespace {

constexpr std::initializer_list<std::uint8_t> ready = {0, 0, 0, 0, 0, 0};
constexpr std::initializer_list<std::uint8_t> read_4 = {0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0};
constexpr std::initializer_list<std::uint8_t> write_4 = {0x2a, 0, 0, 0, 0, 0, 0, 0, 4, 0};
constexpr std::uint32_t size_4 = 4 * 512;
using outcome = pdu::task_management_outcome;

class allegiance_test : public target_test {
  protected:
    void log_in(const std::string& level = "2", const std::string& retain = "20") {
        start();
        first = std::make_unique<raw_initiator>((*target)->port(),
                                                raw_initiator::options{.keys = {{"ErrorRecoveryLevel", level},
                                                                                {"MaxConnections", "4"},
                                                                                {"ImmediateData", "No"},
                                                                                {"DefaultTime2Wait", "0"},
                                                                                {"DefaultTime2Retain", retain},
                                                                                {"MaxRecvDataSegmentLength", "512"}}});
        EXPECT_EQ(first->login().status, pdu::login_status::success);
        second = join(2);
    }
    std::unique_ptr<raw_initiator> join(std::uint16_t cid) {
        auto made =
            std::make_unique<raw_initiator>((*target)->port(),
                                            raw_initiator::options{.keys = {{"MaxRecvDataSegmentLength", "1024"}},
                                                                   .tsih = first->tsih(),
                                                                   .cid = cid,
                                                                   .numbering = first->numbering()});
        EXPECT_EQ(made->login().status, pdu::login_status::success);
        return made;
    }
    void break_off_first() {
        first.reset();
        ASSERT_TRUE(eventually([&] { return (*target)->sessions().at(0).connections.size() == 1; }));
    }
    pdu::logout_outcome log_out_first(pdu::logout_reason reason = pdu::logout_reason::remove_connection_for_recovery,
                                      pdu::status_sn exp_stat_sn = {}) {
        pdu::logout_request request;
        request.immediate = true;
        request.reason = reason;
        request.cid = static_cast<pdu::connection_id>(1);
        request.initiator_task_tag = second->fresh_tag();
        request.cmd_sn = second->next_cmd_sn();
        request.exp_stat_sn = exp_stat_sn;
        second->send(request);
        return second->receive().as<pdu::logout_response>().response;
    }
    outcome manage(pdu::task_management_function function,
                   const pdu::scsi_command& task,
                   std::uint32_t exp_data_sn = 0) {
        pdu::task_management_request request;
        request.immediate = true;
        request.function = function;
        request.initiator_task_tag = second->fresh_tag();
        request.referenced_task_tag = task.initiator_task_tag;
        request.cmd_sn = second->next_cmd_sn();
        request.exp_data_sn.value = exp_data_sn;
        if (function == pdu::task_management_function::abort_task) request.ref_cmd_sn = task.cmd_sn;
        second->send(request);
        return second->receive().as<pdu::task_management_response>().response;
    }
    outcome reassign(const pdu::scsi_command& task, std::uint32_t exp_data_sn = 0) {
        return manage(pdu::task_management_function::task_reassign, task, exp_data_sn);
    }
    pdu::scsi_command read_on_first(const std::string& script) {
        (*target)->set_script(parse_fault_script(script));
        auto command = first->command(read_4, size_4, true, false);
        first->send(command);
        return command;
    }

    std::unique_ptr<raw_initiator> first, second;
};

TEST_F(allegiance_test, read_goes_on_behind_what_is_acknowledged) {
    log_in();
    EXPECT_EQ(second->run_write(write_4, pattern(size_4)).status, 0);
    const auto read = read_on_first("on data_in(3): drop_connection");
    (void)first->receive().as<pdu::data_in>();
    (void)first->receive().as<pdu::data_in>();
    break_off_first();
    EXPECT_EQ(log_out_first(), pdu::logout_outcome::closed);
    EXPECT_EQ(reassign(read, 1), outcome::function_complete);
    const auto again = second->receive();
    EXPECT_EQ(again.as<pdu::data_in>().data_sn.value, 1U);
    EXPECT_EQ(again.as<pdu::data_in>().buffer_offset, 512U);
    EXPECT_LE(again.data.size(), 1024U);
    auto offset = 512 + again.data.size();
    for (bool more = true; more; more = offset < size_4) {
        const auto got = second->receive();
        EXPECT_EQ(got.as<pdu::data_in>().buffer_offset, offset);
        offset += got.data.size();
    }
    EXPECT_EQ(second->run(ready).status, 0);
    EXPECT_EQ((*target)->counters().reassigns, 1U);
    EXPECT_EQ((*target)->counters().reinstatements, 0U);
}

TEST_F(allegiance_test, read_without_acknowledgement_comes_whole_in_segments_of_the_new_connection) {
    log_in();
    EXPECT_EQ(second->run_write(write_4, pattern(size_4)).status, 0);
    const auto read = read_on_first("on data_in(3): drop_connection");
    (void)first->receive();
    break_off_first();
    EXPECT_EQ(log_out_first(), pdu::logout_outcome::closed);
    EXPECT_EQ(reassign(read), outcome::function_complete);
    const auto result = second->finish(read.initiator_task_tag);
    EXPECT_EQ(result.data, pattern(size_4));
    EXPECT_EQ(result.status, 0);
}

TEST_F(allegiance_test, write_asks_for_what_did_not_come) {
    log_in();
    (*target)->set_script(parse_fault_script("on data_out(2): drop_connection"));
    const auto write = first->command(write_4, size_4, false, true);
    const auto data = pattern(size_4);
    first->send(write);
    const auto r2t = first->receive().as<pdu::r2t>();
    pdu::data_out out;
    out.initiator_task_tag = write.initiator_task_tag;
    out.target_transfer_tag = r2t.target_transfer_tag;
    first->send(out, std::span(data).first(512));
    out.data_sn.value = 1;
    out.buffer_offset = 512;
    first->send(out, std::span(data).subspan(512, 512));
    EXPECT_TRUE(first->is_closed());
    break_off_first();
    EXPECT_EQ(log_out_first(), pdu::logout_outcome::closed);
    EXPECT_EQ(reassign(write), outcome::function_complete);
    const auto again = second->receive().as<pdu::r2t>();
    EXPECT_EQ(again.r2t_sn.value, 1U);
    EXPECT_EQ(again.buffer_offset, 512U);
    EXPECT_EQ(again.desired_data_transfer_length, size_4 - 512);
    out.target_transfer_tag = again.target_transfer_tag;
    out.data_sn.value = 0;
    out.final = true;
    second->send(out, std::span(data).subspan(512));
    EXPECT_EQ(second->finish(write.initiator_task_tag).status, 0);
    EXPECT_EQ(second->run(read_4, size_4).data, data);
}

TEST_F(allegiance_test, status_that_was_lost_is_told_on_the_new_connection) {
    log_in();
    (*target)->set_script(parse_fault_script("on scsi_response(1): ignore"));
    const auto command = first->command(ready, 0, false, false);
    first->send(command);
    (void)first->run_nop();
    break_off_first();
    EXPECT_EQ(log_out_first(), pdu::logout_outcome::closed);
    EXPECT_EQ(reassign(command), outcome::function_complete);
    EXPECT_EQ(second->finish(command.initiator_task_tag).status, 0);
}

TEST_F(allegiance_test, status_that_the_logout_acknowledges_is_gone) {
    log_in();
    const auto command = first->command(ready, 0, false, false);
    first->send(command);
    (void)first->receive();
    const auto acknowledged = first->exp_stat_sn();
    break_off_first();
    EXPECT_EQ(log_out_first(pdu::logout_reason::remove_connection_for_recovery, acknowledged),
              pdu::logout_outcome::closed);
    EXPECT_EQ(reassign(command), outcome::task_does_not_exist);
}

TEST_F(allegiance_test, task_is_allegiant_until_its_connection_is_logged_out) {
    violations_expected = true;
    log_in();
    const auto read = read_on_first("on data_in(2): drop_connection");
    (void)first->receive();
    EXPECT_EQ(reassign(read), outcome::task_still_allegiant);
    break_off_first();
    EXPECT_EQ(reassign(read), outcome::task_still_allegiant);
    EXPECT_EQ(log_out_first(), pdu::logout_outcome::closed);
    EXPECT_EQ(reassign(read), outcome::function_complete);
    EXPECT_EQ((*target)->violations().size(), 2U);
}

TEST_F(allegiance_test, logout_on_the_connection_itself_releases_its_tasks) {
    log_in();
    const auto write = first->command(write_4, size_4, false, true);
    first->send(write);
    (void)first->receive().as<pdu::r2t>();
    pdu::logout_request request;
    request.reason = pdu::logout_reason::remove_connection_for_recovery;
    request.cid = static_cast<pdu::connection_id>(1);
    request.initiator_task_tag = first->fresh_tag();
    request.cmd_sn = first->take_cmd_sn();
    first->send(request);
    EXPECT_EQ(first->receive().as<pdu::logout_response>().response, pdu::logout_outcome::closed);
    EXPECT_TRUE(first->is_closed());
    ASSERT_TRUE(eventually([&] { return (*target)->sessions().at(0).connections.size() == 1; }));
    EXPECT_EQ(reassign(write), outcome::function_complete);
    EXPECT_EQ(second->finish(write.initiator_task_tag, pattern(size_4)).status, 0);
}

TEST_F(allegiance_test, reinstatement_of_the_connection_releases_its_tasks) {
    log_in();
    const auto write = first->command(write_4, size_4, false, true);
    first->send(write);
    (void)first->receive().as<pdu::r2t>();
    auto again = join(1);
    EXPECT_TRUE(first->is_closed());
    EXPECT_EQ(reassign(write), outcome::function_complete);
    EXPECT_EQ(second->finish(write.initiator_task_tag, pattern(size_4)).status, 0);
    EXPECT_EQ(again->run(ready).status, 0);
}

TEST_F(allegiance_test, logout_to_close_ends_the_tasks) {
    log_in();
    const auto read = read_on_first("on data_in(2): drop_connection");
    break_off_first();
    EXPECT_EQ(log_out_first(pdu::logout_reason::close_connection), pdu::logout_outcome::closed);
    EXPECT_EQ(reassign(read), outcome::task_does_not_exist);
}

TEST_F(allegiance_test, tasks_are_forgotten_after_time2retain) {
    log_in("2", "1");
    const auto write = first->command(write_4, size_4, false, true);
    first->send(write);
    (void)first->receive().as<pdu::r2t>();
    break_off_first();
    EXPECT_EQ(log_out_first(), pdu::logout_outcome::closed);
    // Asked too early it would be taken over; that MaxCmdSN moves tells that the command is over.
    const auto window = second->run_nop().max_cmd_sn;
    EXPECT_TRUE(eventually([&] { return second->run_nop().max_cmd_sn == window.next(); }));
    EXPECT_EQ(reassign(write), outcome::task_does_not_exist);
}

TEST_F(allegiance_test, level_1_does_not_reassign) {
    log_in("1");
    const auto read = read_on_first("on data_in(2): drop_connection");
    break_off_first();
    EXPECT_EQ(log_out_first(), pdu::logout_outcome::recovery_not_supported);
    EXPECT_EQ(reassign(read), outcome::reassignment_not_supported);
}

TEST_F(allegiance_test, abort_of_a_released_task_ends_it) {
    log_in();
    const auto write = first->command(write_4, size_4, false, true);
    first->send(write);
    (void)first->receive().as<pdu::r2t>();
    break_off_first();
    EXPECT_EQ(log_out_first(), pdu::logout_outcome::closed);
    EXPECT_EQ(manage(pdu::task_management_function::abort_task, write), outcome::function_complete);
    EXPECT_EQ(reassign(write), outcome::task_does_not_exist);
}

TEST_F(allegiance_test, task_management_is_not_reassigned) {
    log_in();
    (*target)->set_script(parse_fault_script("on task_management_response(1): ignore"));
    pdu::task_management_request request;
    request.immediate = true;
    request.function = pdu::task_management_function::abort_task_set;
    request.initiator_task_tag = first->fresh_tag();
    request.cmd_sn = first->next_cmd_sn();
    first->send(request);
    (void)first->run_nop();
    break_off_first();
    EXPECT_EQ(log_out_first(), pdu::logout_outcome::closed);
    pdu::scsi_command named;
    named.initiator_task_tag = request.initiator_task_tag;
    EXPECT_EQ(reassign(named), outcome::function_rejected);
}

}  // namespace
}  // namespace persiscsi::target::test
