// SPDX-License-Identifier: Apache-2.0
// Several connections, and error recovery level 2: a connection is lost and the session is not (RFC 7143 §7.1.4.3,
// §7.2.2, §6.3.4).
#include "tests/script/session_case.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
using session = session_core;
using pdu::task_management_function;
using pdu::task_management_outcome;

struct connection_recovery : session_case {
    static session_options options(std::uint16_t connections, std::uint8_t level) {
        auto options = plain_options();
        options.login.wishes.max_connections = connections;
        options.login.wishes.error_recovery_level = level;
        options.login.wishes.max_outstanding_r2t = 1;
        return options;
    }
    static void agree(core_harness& target, const std::string& connections, const std::string& level) {
        target.target_keys.push_back({"MaxConnections", connections});
        target.target_keys.push_back({"ErrorRecoveryLevel", level});
    }
    connection_recovery() { agree(two, "2", "2"); }

    /// A target with two connections at level 2.
    core_harness two{options(2, 2)};

    /// The next SCSI Command, and on which of the two connections it came.
    std::pair<connection_number, pdu::scsi_command> next_command() {
        (void)two.silent();
        for (const auto i : {connection_number{0}, connection_number{1}})
            if (!two.at(i).sent.empty()) return {i, two.expect_on<pdu::scsi_command>(i)};
        throw std::runtime_error("no command");
    }
    void give_on(connection_number connection, pdu::task_tag tag) {
        two.answer_on(
            connection, pdu::data_in{.final = true, .has_status = true, .initiator_task_tag = tag}, pattern(4096));
    }
    std::size_t done_well() {
        std::size_t count = 0;
        for (const auto& one : two.take<session::scsi_finished>()) {
            EXPECT_FALSE(one.outcome.failed) << one.outcome.failed.detail;
            ++count;
        }
        return count;
    }
    void confirm_recovery_logout(connection_number over, connection_number lost) {
        const auto logout = two.expect_on<pdu::logout_request>(over);
        EXPECT_EQ(logout.reason, pdu::logout_reason::remove_connection_for_recovery);
        EXPECT_EQ(logout.cid, pdu::connection_id{lost});
        two.answer_on(over, pdu::logout_response{.initiator_task_tag = logout.initiator_task_tag});
    }
};

TEST_F(connection_recovery, further_connections_join_the_session_by_its_tsih) {
    two.log_in();
    two.open_transport(1);
    const auto login = two.expect_on<pdu::login_request>(1);
    EXPECT_EQ(login.tsih, pdu::tsih{1});
    EXPECT_EQ(login.cid, pdu::connection_id{1});
    EXPECT_EQ(login.isid, pdu::isid{0x800000000001});
    EXPECT_EQ(two.core.connection_count(), 2U);
    EXPECT_EQ(two.take<session::login_finished>().size(), 1U) << "the session is there with its first connection";
}

TEST_F(connection_recovery, commands_take_the_connections_in_turn_under_one_cmd_sn) {
    two.log_in_all();
    for (int i = 0; i < 6; ++i) (void)read(two);
    std::map<connection_number, int> on;
    std::uint32_t sum = 0;
    for (int i = 0; i < 6; ++i) {
        const auto [connection, command] = next_command();
        ++on[connection];
        sum += command.cmd_sn.value;
        give_on(connection, command.initiator_task_tag);
    }
    EXPECT_EQ(on[0], 3);
    EXPECT_EQ(on[1], 3);
    EXPECT_EQ(sum, 1U + 2U + 3U + 4U + 5U + 6U);
    EXPECT_EQ(done_well(), 6U);
}

TEST_F(connection_recovery, answer_on_another_connection_than_the_command_went_is_a_breach) {
    two.log_in_all();
    (void)read(two);
    const auto [connection, command] = next_command();
    const connection_number wrong = connection == 0 ? 1 : 0;
    two.core.stop({}, two.now);
    core_harness strict{options(2, 0)};
    agree(strict, "2", "0");
    strict.log_in_all();
    const auto tag = read(strict);
    (void)strict.silent();
    strict.answer_on(wrong, pdu::scsi_response{.initiator_task_tag = tag});
    EXPECT_EQ(strict.core.last_failure().code, make_error_code(protocol_errc::remote_unknown_task_tag));
}

TEST_F(connection_recovery, target_that_takes_no_more_connections_keeps_the_session_with_those_it_has) {
    two.log_in();
    two.open_transport(1);
    const auto login = two.expect_on<pdu::login_request>(1);
    two.answer_on(1,
                  pdu::login_response{.isid = login.isid,
                                      .initiator_task_tag = login.initiator_task_tag,
                                      .status = pdu::login_status::too_many_connections});
    two.pass(4s);
    EXPECT_EQ(two.transports, 2U) << "not asked again";
    EXPECT_EQ(two.core.state(), session_state::logged_in);
}

TEST_F(connection_recovery, lost_connection_is_logged_out_by_another_and_its_tasks_are_reassigned) {
    two.log_in_all();
    (void)read(two);
    (void)read(two);
    const auto [first_on, first] = next_command();
    const auto [second_on, second] = next_command();
    const auto lost = first_on;
    const auto left = second_on;
    ASSERT_NE(lost, left);
    two.exp_cmd_sn = {3};
    two.answer_on(left, pdu::nop_in{}, {}, false);  // both commands have come
    two.drop("cable pulled", lost);
    EXPECT_EQ(two.core.state(), session_state::logged_in);
    two.pass(2000ms);  // DefaultTime2Wait
    confirm_recovery_logout(left, lost);

    const auto reassign = two.expect_on<pdu::task_management_request>(left);
    EXPECT_EQ(reassign.function, task_management_function::task_reassign);
    EXPECT_TRUE(reassign.immediate);
    EXPECT_EQ(reassign.referenced_task_tag, first.initiator_task_tag);
    EXPECT_EQ(reassign.ref_cmd_sn, pdu::command_sn{});
    EXPECT_EQ(reassign.exp_data_sn, pdu::data_sn{});
    two.answer_on(left, pdu::task_management_response{.initiator_task_tag = reassign.initiator_task_tag});
    give_on(left, first.initiator_task_tag);
    give_on(left, second.initiator_task_tag);
    EXPECT_EQ(done_well(), 2U);
    EXPECT_EQ(two.core.counters().tasks_reassigned, 1U);
    EXPECT_EQ(two.core.logins(), 1U);

    two.open_transport(lost);
    two.answer_login(lost);
    EXPECT_EQ(two.core.state_of(lost), connection_state::logged_in);
}

TEST_F(connection_recovery, data_that_was_received_is_acknowledged_by_the_reassignment) {
    two.log_in_all();
    memory.resize(2048);
    (void)read(two);
    const auto [lost, command] = next_command();
    const connection_number left = lost == 0 ? 1 : 0;
    two.exp_cmd_sn = {2};
    const auto sent = pattern(2048);
    two.answer_on(lost,
                  pdu::data_in{.initiator_task_tag = command.initiator_task_tag},
                  {sent.begin(), sent.begin() + 1024},
                  false);
    two.drop("", lost);
    two.pass(2000ms);
    confirm_recovery_logout(left, lost);
    const auto reassign = two.expect_on<pdu::task_management_request>(left);
    EXPECT_EQ(reassign.exp_data_sn.value, 1U);
    two.answer_on(left, pdu::task_management_response{.initiator_task_tag = reassign.initiator_task_tag});
    two.answer_on(left,
                  pdu::data_in{.final = true,
                               .has_status = true,
                               .initiator_task_tag = command.initiator_task_tag,
                               .data_sn = {1},
                               .buffer_offset = 1024},
                  {sent.begin() + 1024, sent.end()});
    EXPECT_EQ(done_well(), 1U);
    EXPECT_EQ(memory, sent);
}

TEST_F(connection_recovery, data_of_a_task_that_got_a_wrong_offset_is_asked_for_from_its_beginning) {
    two.log_in_all();
    memory.resize(2048);
    (void)read(two);
    const auto [lost, command] = next_command();
    const connection_number left = lost == 0 ? 1 : 0;
    two.exp_cmd_sn = {2};
    const auto sent = pattern(2048);
    const pdu::data_in wrong{.initiator_task_tag = command.initiator_task_tag, .buffer_offset = 1};
    two.answer_on(lost, wrong, {sent.begin(), sent.begin() + 1024}, false);
    const pdu::data_in right{.initiator_task_tag = command.initiator_task_tag, .data_sn = {1}, .buffer_offset = 1024};
    two.answer_on(lost, right, {sent.begin() + 1024, sent.end()}, false);  // overlaps the one before
    EXPECT_EQ(two.core.last_failure().code, make_error_code(protocol_errc::remote_bad_data_offset));
    two.pass(2000ms);
    confirm_recovery_logout(left, lost);
    const auto reassign = two.expect_on<pdu::task_management_request>(left);
    EXPECT_EQ(reassign.exp_data_sn, pdu::data_sn{});
    two.answer_on(left, pdu::task_management_response{.initiator_task_tag = reassign.initiator_task_tag});
    two.answer_on(
        left, pdu::data_in{.final = true, .has_status = true, .initiator_task_tag = command.initiator_task_tag}, sent);
    EXPECT_EQ(done_well(), 1U);
    EXPECT_EQ(memory, sent);
}

TEST_F(connection_recovery, command_that_the_target_has_not_seen_is_sent_again_with_its_cmd_sn) {
    two.log_in_all();
    (void)read(two);
    const auto [lost, command] = next_command();
    const connection_number left = lost == 0 ? 1 : 0;
    two.drop("", lost);
    two.pass(2000ms);
    confirm_recovery_logout(left, lost);
    const auto again = two.expect_on<pdu::scsi_command>(left);
    EXPECT_EQ(again.cmd_sn, command.cmd_sn);
    EXPECT_EQ(again.initiator_task_tag, command.initiator_task_tag);
    give_on(left, again.initiator_task_tag);
    EXPECT_EQ(done_well(), 1U);
    EXPECT_EQ(two.core.counters().commands_retried, 1U);
}

TEST_F(connection_recovery, only_connection_is_reinstated_and_its_task_goes_on) {
    core_harness one{options(1, 2)};
    agree(one, "1", "2");
    one.log_in();
    const auto tag = read(one);
    (void)one.expect<pdu::scsi_command>();
    one.exp_cmd_sn = {2};
    one.answer(pdu::nop_in{}, {}, false);
    const auto last_status = one.stat_sn;
    one.drop();
    EXPECT_EQ(one.core.state(), session_state::reconnecting);
    one.open_transport();
    const auto login = one.expect<pdu::login_request>();
    EXPECT_EQ(login.tsih, pdu::tsih{1});
    EXPECT_EQ(login.cid, pdu::connection_id{0});
    EXPECT_EQ(login.exp_stat_sn, last_status) << "RFC 7143 §11.12.9";
    one.at(0).sent.push_front({login, pdu::encode_text({{"InitiatorName", "again"}}), {}});
    one.answer_login();
    const auto reassign = one.expect<pdu::task_management_request>();
    EXPECT_EQ(reassign.referenced_task_tag, tag);
    one.answer(pdu::task_management_response{.initiator_task_tag = reassign.initiator_task_tag});
    give(one, tag);
    const auto finished = one.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_FALSE(finished[0].outcome.failed) << finished[0].outcome.failed.detail;
    EXPECT_EQ(one.core.logins(), 1U);
}

TEST_F(connection_recovery, logout_while_the_only_connection_is_lost_ends_its_tasks) {
    core_harness one{options(1, 2)};
    agree(one, "1", "2");
    one.log_in();
    (void)read(one);
    (void)one.expect<pdu::scsi_command>();
    one.drop();
    one.core.logout(one.now);
    EXPECT_EQ(one.take<session::scsi_finished>().size(), 1U);
    EXPECT_EQ(one.take<session::logout_finished>().size(), 1U);
}

TEST_F(connection_recovery, session_that_the_target_has_forgotten_is_reinstated) {
    core_harness one{options(1, 2)};
    agree(one, "1", "2");
    one.log_in();
    const auto tag = read(one);
    (void)one.expect<pdu::scsi_command>();
    one.drop();
    one.open_transport();
    const auto login = one.expect<pdu::login_request>();
    one.answer(pdu::login_response{.isid = login.isid,
                                   .initiator_task_tag = login.initiator_task_tag,
                                   .status = pdu::login_status::session_does_not_exist});
    one.log_in();
    EXPECT_EQ(one.core.logins(), 2U);
    EXPECT_EQ(one.expect<pdu::scsi_command>().initiator_task_tag, tag);
}

TEST_F(connection_recovery, session_is_reinstated_when_time2retain_is_over) {
    core_harness one{options(1, 2)};
    agree(one, "1", "2");
    one.target_keys.push_back({"DefaultTime2Retain", "5"});
    one.log_in();
    one.drop();
    pdu::tsih last = pdu::tsih{1};
    for (int i = 0; i < 40 && last != pdu::tsih::fresh; ++i) {
        one.open_transport();
        last = one.expect<pdu::login_request>().tsih;
        one.drop();
    }
    EXPECT_EQ(last, pdu::tsih::fresh);
    EXPECT_GE(one.now - time_point{std::chrono::hours(1)}, 7s) << "Time2Wait 2 and Time2Retain 5";
}

TEST_F(connection_recovery, command_that_loses_each_connection_it_comes_to_fails_in_the_end) {
    auto with = options(1, 2);
    with.lost_repeats = 2;
    core_harness one{with};
    agree(one, "1", "2");
    one.log_in();
    const auto tag = read(one);
    (void)one.expect<pdu::scsi_command>();
    one.exp_cmd_sn = {2};
    one.answer(pdu::nop_in{}, {}, false);
    for (int i = 0; i < 2; ++i) {
        one.drop();
        one.open_transport();
        one.answer_login();
        const auto reassign = one.expect<pdu::task_management_request>();
        ASSERT_EQ(reassign.function, task_management_function::task_reassign);
        one.answer(pdu::task_management_response{.initiator_task_tag = reassign.initiator_task_tag});
        EXPECT_TRUE(one.take<session::scsi_finished>().empty());
    }
    one.drop("the third time");
    one.open_transport();
    one.answer_login();
    const auto abort = one.expect<pdu::task_management_request>();
    EXPECT_EQ(abort.function, task_management_function::abort_task);
    EXPECT_EQ(abort.referenced_task_tag, tag);
    one.answer(pdu::task_management_response{.initiator_task_tag = abort.initiator_task_tag});
    const auto finished = one.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.failed.code, make_error_code(protocol_errc::remote_closed));
    EXPECT_THAT(finished[0].outcome.failed.detail, testing::HasSubstr("the third time"));
    EXPECT_EQ(one.core.logins(), 1U);
}

TEST_F(connection_recovery, policy_fail_after_counts_from_the_loss_whatever_recovery_is_tried) {
    auto with = options(1, 2);
    with.recovery = fail_after{10s};
    core_harness one{with};
    agree(one, "1", "2");
    one.target_keys.push_back({"DefaultTime2Retain", "5"});
    one.log_in();
    (void)read(one);
    (void)one.expect<pdu::scsi_command>();
    const auto lost_at = one.now;
    one.drop();
    while (one.take<session::scsi_finished>().empty() && one.now < lost_at + 60s) {
        one.pass(100ms);
        for (const auto& opens : one.take<session::open_transport>()) one.drop("refused", opens.connection);
    }
    EXPECT_GE(one.now, lost_at + 10s);
    EXPECT_LE(one.now, lost_at + 11s) << "connection recovery ended after 7 s, and the session's went on counting";
}

TEST_F(connection_recovery, task_that_the_target_does_not_know_any_more_is_sent_anew) {
    two.log_in_all();
    (void)read(two);
    const auto [lost, command] = next_command();
    const connection_number left = lost == 0 ? 1 : 0;
    two.exp_cmd_sn = {2};
    two.answer_on(left, pdu::nop_in{}, {}, false);
    two.drop("", lost);
    two.pass(2000ms);
    confirm_recovery_logout(left, lost);
    const auto reassign = two.expect_on<pdu::task_management_request>(left);
    two.answer_on(left,
                  pdu::task_management_response{.response = task_management_outcome::task_does_not_exist,
                                                .initiator_task_tag = reassign.initiator_task_tag});
    const auto again = two.expect_on<pdu::scsi_command>(left);
    EXPECT_EQ(again.cmd_sn.value, 2U);
    give_on(left, again.initiator_task_tag);
    EXPECT_EQ(done_well(), 1U);
}

TEST_F(connection_recovery, connection_that_carries_a_recovery_is_lost_too_and_the_tasks_come_back_all_the_same) {
    core_harness three{options(3, 2)};
    agree(three, "3", "2");
    three.log_in_all();
    std::vector<pdu::task_tag> tags;
    for (int i = 0; i < 3; ++i) tags.push_back(read(three));
    (void)three.silent();
    three.exp_cmd_sn = {4};
    three.answer_on(2, pdu::nop_in{}, {}, false);
    three.drop("", 0);
    three.pass(2000ms);
    (void)three.silent();
    const connection_number over = three.at(1).sent.size() > 1 ? 1 : 2;  // the recovery logout is behind the command
    const connection_number left = over == 1 ? 2 : 1;
    three.drop("", over);
    three.pass(2000ms);
    (void)three.expect_on<pdu::scsi_command>(left);
    std::set<pdu::task_tag> reassigned;
    for (int i = 0; i < 4; ++i) {  // two logouts, two reassignments
        (void)three.silent();
        ASSERT_FALSE(three.at(left).sent.empty());
        const auto& first = three.at(left).sent.front();
        if (std::holds_alternative<pdu::logout_request>(first.pdu)) {
            const auto logout = three.expect_on<pdu::logout_request>(left);
            three.answer_on(left, pdu::logout_response{.initiator_task_tag = logout.initiator_task_tag});
        } else {
            const auto reassign = three.expect_on<pdu::task_management_request>(left);
            reassigned.insert(reassign.referenced_task_tag);
            three.answer_on(left, pdu::task_management_response{.initiator_task_tag = reassign.initiator_task_tag});
        }
    }
    EXPECT_EQ(reassigned.size(), 2U);
    for (const auto tag : tags)
        three.answer_on(
            left, pdu::data_in{.final = true, .has_status = true, .initiator_task_tag = tag}, pattern(4096));
    const auto finished = three.take<session::scsi_finished>();
    EXPECT_EQ(finished.size(), 3U);
    for (const auto& one : finished) EXPECT_FALSE(one.outcome.failed) << one.outcome.failed.detail;
    EXPECT_EQ(three.core.logins(), 1U);
}

TEST_F(connection_recovery, level_1_closes_the_lost_connection_and_sends_its_tasks_anew_on_another) {
    core_harness target1{options(2, 1)};
    agree(target1, "2", "1");
    target1.log_in_all();
    (void)read(target1);
    (void)target1.silent();
    const connection_number lost = target1.at(0).sent.empty() ? 1 : 0;
    const connection_number left = lost == 0 ? 1 : 0;
    target1.exp_cmd_sn = {2};
    target1.answer_on(left, pdu::nop_in{}, {}, false);
    target1.drop("", lost);
    target1.pass(2000ms);
    const auto logout = target1.expect_on<pdu::logout_request>(left);
    EXPECT_EQ(logout.reason, pdu::logout_reason::close_connection);
    EXPECT_EQ(logout.cid, pdu::connection_id{lost});
    target1.answer_on(left, pdu::logout_response{.initiator_task_tag = logout.initiator_task_tag});
    EXPECT_EQ(target1.expect_on<pdu::scsi_command>(left).cmd_sn.value, 2U);
    EXPECT_EQ(target1.core.logins(), 1U);
}

TEST_F(connection_recovery, level_0_reinstates_the_session_with_all_its_connections) {
    core_harness target0{options(2, 0)};
    agree(target0, "2", "0");
    target0.log_in_all();
    (void)read(target0);
    (void)target0.silent();
    target0.drop("", 1);
    EXPECT_EQ(target0.take<session::close_transport>().size(), 2U);
    EXPECT_EQ(target0.core.state(), session_state::reconnecting);
    target0.log_in_all();
    EXPECT_EQ(target0.core.logins(), 2U);
    (void)target0.silent();
    EXPECT_EQ(target0.at(0).sent.size() + target0.at(1).sent.size(), 1U) << "the command, anew";
}

TEST_F(connection_recovery, connection_that_the_target_wants_logged_out_goes_alone_and_comes_back) {
    two.log_in_all();
    two.answer_on(1, pdu::async_message{.event = pdu::async_event::logout_request, .parameter3 = 2});
    two.pass(0ms);  // nothing to wait for
    const auto logout = two.expect_on<pdu::logout_request>(1);
    EXPECT_EQ(logout.reason, pdu::logout_reason::close_connection);
    EXPECT_EQ(logout.cid, pdu::connection_id{1});
    two.answer_on(1, pdu::logout_response{.initiator_task_tag = logout.initiator_task_tag});
    EXPECT_EQ(two.core.state(), session_state::logged_in);
    two.open_transport(1);
    two.answer_login(1);
    EXPECT_EQ(two.core.logins(), 1U);
}

TEST_F(connection_recovery, drop_that_is_announced_on_another_connection_is_taken_for_one) {
    two.log_in_all();
    two.answer_on(0,
                  pdu::async_message{
                      .event = pdu::async_event::connection_drop, .parameter1 = 1, .parameter2 = 3, .parameter3 = 10});
    EXPECT_EQ(two.core.state_of(1), connection_state::free);
    two.pass(2999ms);
    EXPECT_TRUE(two.silent());
    two.pass(1ms);
    confirm_recovery_logout(0, 1);
}

TEST_F(connection_recovery, cancelled_command_of_a_lost_connection_is_aborted_on_another) {
    two.log_in_all();
    const auto tag = read(two);
    const auto [lost, command] = next_command();
    const connection_number left = lost == 0 ? 1 : 0;
    two.drop("", lost);
    two.core.cancel(tag, two.now);
    two.pass(2000ms);
    confirm_recovery_logout(left, lost);
    const auto abort = two.expect_on<pdu::task_management_request>(left);
    EXPECT_EQ(abort.function, task_management_function::abort_task);
    EXPECT_EQ(abort.ref_cmd_sn, command.cmd_sn) << "fills its place";
    two.answer_on(left, pdu::task_management_response{.initiator_task_tag = abort.initiator_task_tag});
    const auto finished = two.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.failed.code, make_error_code(protocol_errc::local_cancelled));
}

TEST_F(connection_recovery, logout_of_the_session_closes_all_connections) {
    two.log_in_all();
    two.core.logout(two.now);
    (void)two.silent();
    const connection_number over = two.at(0).sent.empty() ? 1 : 0;
    const auto logout = two.expect_on<pdu::logout_request>(over);
    EXPECT_EQ(logout.reason, pdu::logout_reason::close_session);
    two.drop("the target is faster here than with its answer", over == 0 ? 1 : 0);
    EXPECT_TRUE(two.take<session::logout_finished>().empty());
    two.answer_on(over, pdu::logout_response{.initiator_task_tag = logout.initiator_task_tag});
    EXPECT_EQ(two.take<session::close_transport>().size(), 2U);
    const auto finished = two.take<session::logout_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_FALSE(finished[0].failed) << finished[0].failed.detail;
    EXPECT_FALSE(two.core.deadline());
}

TEST_F(connection_recovery, logical_unit_reset_over_one_connection_frees_the_memory_that_another_is_writing_to) {
    two.log_in_all();
    const auto tag = read(two);
    const auto [on, command] = next_command();
    const auto over = static_cast<connection_number>(1 - on);
    const pdu::frame data(
        pdu::encode(pdu::data_in{.initiator_task_tag = tag, .exp_cmd_sn = two.exp_cmd_sn, .max_cmd_sn = {64}}),
        pattern(4096),
        {});
    std::vector<std::byte> wire;
    for (const auto part : {data.head(), data.data()}) wire.insert(wire.end(), part.begin(), part.end());
    two.receive({wire.begin(), wire.begin() + 1000}, on);

    two.core.manage(task_management_function::logical_unit_reset, {}, &owner, two.now);
    (void)two.silent();
    const bool here = !two.at(over).sent.empty();
    const auto request = two.expect_on<pdu::task_management_request>(here ? over : on);
    ASSERT_TRUE(here) << "the reset must come over the other connection, or this test tells nothing";
    two.answer_on(over, pdu::task_management_response{.initiator_task_tag = request.initiator_task_tag});
    ASSERT_EQ(two.take<session::scsi_finished>().size(), 1U);

    std::fill(memory.begin(), memory.end(), std::byte{0x5a});  // the caller's again
    two.receive({wire.begin() + 1000, wire.end()}, on);
    EXPECT_EQ(std::count(memory.begin(), memory.end(), std::byte{0x5a}), 4096);
    EXPECT_EQ(two.core.state_of(on), connection_state::logged_in) << "what the target sent was no wrong";
}

}  // namespace
}  // namespace persiscsi::test
