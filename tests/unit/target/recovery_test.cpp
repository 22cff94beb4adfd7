// SPDX-License-Identifier: Apache-2.0
// ErrorRecoveryLevel 1: what was lost within a connection comes again (RFC 7143 §7.1.4, §11.16).
#include "tests/unit/target/target_fixture.hpp"

#include <gmock/gmock.h>

namespace persiscsi::target::test {
namespace {

constexpr std::initializer_list<std::uint8_t> ready = {0, 0, 0, 0, 0, 0};
constexpr std::initializer_list<std::uint8_t> read_4 = {0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0};
constexpr std::initializer_list<std::uint8_t> write_4 = {0x2a, 0, 0, 0, 0, 0, 0, 0, 4, 0};
constexpr std::uint32_t size_4 = 4 * 512;

class recovery_test : public target_test {
  protected:
    raw_initiator& log_in(pdu::text_keys keys = {}, target_options options = plain_target()) {
        start(std::move(options));
        keys.insert(keys.begin(), {{"ErrorRecoveryLevel", "1"}, {"DataDigest", "CRC32C"}});
        initiator = std::make_unique<raw_initiator>((*target)->port(), raw_initiator::options{.keys = std::move(keys)});
        EXPECT_EQ(initiator->login().status, pdu::login_status::success);
        return *initiator;
    }
    void script(const std::string& text) { (*target)->set_script(parse_fault_script(text)); }

    pdu::snack_request snack(pdu::snack_type type, std::uint32_t beg_run, std::uint32_t run_length) {
        pdu::snack_request request;
        request.type = type;
        request.exp_stat_sn = initiator->exp_stat_sn();
        request.beg_run = beg_run;
        request.run_length = run_length;
        return request;
    }
    pdu::scsi_command send_read() {
        auto command = initiator->command(read_4, size_4, true, false);
        initiator->send(command);
        return command;
    }
    pdu::data_in expect_data_in(std::uint32_t data_sn) {
        const auto in = initiator->receive().as<pdu::data_in>();
        EXPECT_EQ(in.data_sn.value, data_sn);
        return in;
    }
    pdu::reject expect_reject(pdu::reject_reason reason) {
        const auto answer = initiator->receive().as<pdu::reject>();
        EXPECT_EQ(answer.reason, reason);
        return answer;
    }
    void expect_violation(const std::string& part) {
        violations_expected = true;
        ASSERT_FALSE((*target)->violations().empty());
        EXPECT_THAT((*target)->violations().back(), testing::HasSubstr(part));
    }

    std::unique_ptr<raw_initiator> initiator;
    const pdu::text_keys short_segments = {{"MaxRecvDataSegmentLength", "512"}};
};

TEST_F(recovery_test, data_snack_brings_the_lost_data_again) {
    log_in(short_segments);
    script("on data_in(2): ignore");
    auto command = send_read();
    for (const auto data_sn : {0U, 2U, 3U}) (void)expect_data_in(data_sn);
    auto lost = snack(pdu::snack_type::data_or_r2t, 1, 1);
    lost.initiator_task_tag = command.initiator_task_tag;
    lost.exp_stat_sn = command.exp_stat_sn;  // the status is not acknowledged yet
    initiator->send(lost);
    const auto again = expect_data_in(1);
    EXPECT_EQ(again.buffer_offset, 512U);
    EXPECT_FALSE(again.final);
    EXPECT_EQ((*target)->counters().data_snacks, 1U);
}

TEST_F(recovery_test, data_snack_for_all_brings_the_status_with_its_number) {
    log_in(short_segments);
    auto command = send_read();
    for (const auto data_sn : {0U, 1U, 2U}) (void)expect_data_in(data_sn);
    const auto last = expect_data_in(3);
    auto all = snack(pdu::snack_type::data_or_r2t, 0, 0);
    all.initiator_task_tag = command.initiator_task_tag;
    all.exp_stat_sn = command.exp_stat_sn;
    initiator->send(all);
    for (const auto data_sn : {0U, 1U, 2U}) (void)expect_data_in(data_sn);
    const auto again = expect_data_in(3);
    EXPECT_TRUE(again.has_status);
    EXPECT_EQ(again.stat_sn, last.stat_sn);
}

TEST_F(recovery_test, data_snack_for_what_was_not_sent_is_a_protocol_error) {
    log_in(short_segments);
    auto command = send_read();
    for (const auto data_sn : {0U, 1U, 2U, 3U}) (void)expect_data_in(data_sn);
    auto beyond = snack(pdu::snack_type::data_or_r2t, 4, 1);
    beyond.initiator_task_tag = command.initiator_task_tag;
    beyond.exp_stat_sn = command.exp_stat_sn;
    initiator->send(beyond);
    EXPECT_EQ(expect_reject(pdu::reject_reason::protocol_error).data_sn.value, 4U);
    expect_violation("DataSN 4 to 5, unacknowledged are 0 to 4");
}

TEST_F(recovery_test, acknowledged_status_ends_the_recovery_of_its_data) {
    log_in(short_segments);
    auto command = send_read();
    for (const auto data_sn : {0U, 1U, 2U, 3U}) (void)expect_data_in(data_sn);
    auto late = snack(pdu::snack_type::data_or_r2t, 1, 1);  // its ExpStatSN acknowledges
    late.initiator_task_tag = command.initiator_task_tag;
    initiator->send(late);
    (void)expect_reject(pdu::reject_reason::protocol_error);
    expect_violation("names no task");
}

TEST_F(recovery_test, r2t_snack_brings_an_exact_replica) {
    log_in({{"ImmediateData", "No"}});
    script("on r2t(1): ignore");
    const auto data = pattern(size_4);
    auto command = initiator->command(write_4, size_4, false, true);
    initiator->send(command);
    (void)initiator->run_nop();
    auto lost = snack(pdu::snack_type::data_or_r2t, 0, 1);
    lost.initiator_task_tag = command.initiator_task_tag;
    initiator->send(lost);
    EXPECT_EQ(initiator->finish(command.initiator_task_tag, data).status, 0);
    EXPECT_EQ(initiator->run(read_4, size_4).data, data);
}

TEST_F(recovery_test, status_snack_brings_the_lost_status_with_its_number) {
    log_in();
    script("on scsi_response(1): ignore");
    const auto lost = initiator->command(ready, 0, false, false);
    initiator->send(lost);
    const auto expected = initiator->exp_stat_sn();
    initiator->send(snack(pdu::snack_type::status, expected.value, 1));
    const auto again = initiator->receive().as<pdu::scsi_response>();
    EXPECT_EQ(again.initiator_task_tag, lost.initiator_task_tag);
    EXPECT_EQ(again.stat_sn, expected);
    EXPECT_EQ(again.exp_cmd_sn, initiator->next_cmd_sn());
    EXPECT_EQ((*target)->counters().status_snacks, 1U);
}

TEST_F(recovery_test, status_snack_without_a_run_brings_all_unacknowledged) {
    log_in();
    script("every scsi_response(1): ignore");
    for (int i = 0; i < 3; ++i) {
        auto command = initiator->command(ready, 0, false, false);
        initiator->send(command);
    }
    (void)initiator->run_nop();
    auto all = snack(pdu::snack_type::status, 0, 0);
    all.exp_stat_sn = initiator->exp_stat_sn().plus(0xfffffffcU);
    script("");
    initiator->send(all);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(initiator->receive().as<pdu::scsi_response>().status, 0);
    (void)initiator->receive().as<pdu::nop_in>();
}

TEST_F(recovery_test, status_snack_for_an_acknowledged_status_is_a_protocol_error) {
    log_in();
    EXPECT_EQ(initiator->run(ready).status, 0);
    const auto done = initiator->exp_stat_sn().plus(0xffffffffU);
    initiator->send(snack(pdu::snack_type::status, done.value, 1));
    (void)expect_reject(pdu::reject_reason::protocol_error);
    expect_violation("are not all unacknowledged");
}

TEST_F(recovery_test, data_ack_frees_what_it_acknowledges) {
    log_in({{"MaxRecvDataSegmentLength", "512"}, {"MaxBurstLength", "1024"}});
    auto command = send_read();
    (void)expect_data_in(0);
    const auto asks = expect_data_in(1);
    EXPECT_TRUE(asks.acknowledge);
    EXPECT_NE(asks.target_transfer_tag, pdu::transfer_tag::reserved);
    (void)expect_data_in(2);
    EXPECT_FALSE(expect_data_in(3).acknowledge);
    auto ack = snack(pdu::snack_type::data_ack, 2, 0);
    ack.target_transfer_tag = asks.target_transfer_tag;
    ack.exp_stat_sn = command.exp_stat_sn;
    initiator->send(ack);
    auto all = snack(pdu::snack_type::data_or_r2t, 0, 0);
    all.initiator_task_tag = command.initiator_task_tag;
    all.exp_stat_sn = command.exp_stat_sn;
    initiator->send(all);
    (void)expect_data_in(2);
    (void)expect_data_in(3);
    auto acknowledged = snack(pdu::snack_type::data_or_r2t, 1, 1);
    acknowledged.initiator_task_tag = command.initiator_task_tag;
    acknowledged.exp_stat_sn = command.exp_stat_sn;
    initiator->send(acknowledged);
    (void)expect_reject(pdu::reject_reason::protocol_error);
    expect_violation("DataSN 1 to 2, unacknowledged are 2 to 4");
}

TEST_F(recovery_test, data_ack_without_an_a_bit_is_invalid) {
    log_in();
    auto ack = snack(pdu::snack_type::data_ack, 1, 0);
    ack.target_transfer_tag = static_cast<pdu::transfer_tag>(99);
    initiator->send(ack);
    (void)expect_reject(pdu::reject_reason::invalid_data_ack);
    expect_violation("answers no A bit");
}

TEST_F(recovery_test, r_data_snack_brings_all_data_and_a_response_with_its_tag) {
    log_in(short_segments);
    auto command = send_read();
    for (const auto data_sn : {0U, 1U, 2U}) (void)expect_data_in(data_sn);
    const auto last = expect_data_in(3);
    auto anew = snack(pdu::snack_type::r_data, 0, 0);
    anew.initiator_task_tag = command.initiator_task_tag;
    anew.target_transfer_tag = static_cast<pdu::transfer_tag>(7);
    anew.exp_stat_sn = command.exp_stat_sn;
    initiator->send(anew);
    for (const auto data_sn : {0U, 1U, 2U, 3U}) EXPECT_FALSE(expect_data_in(data_sn).has_status);
    const auto response = initiator->receive().as<pdu::scsi_response>();
    EXPECT_EQ(response.snack_tag, static_cast<pdu::snack_tag>(7));
    EXPECT_EQ(response.stat_sn, last.stat_sn);
    EXPECT_EQ(response.exp_data_sn.value, 4U);
    EXPECT_EQ(initiator->run(ready).status, 0);
}

TEST_F(recovery_test, corrupt_data_out_is_rejected_and_asked_for_again) {
    log_in({{"ImmediateData", "No"}});
    const auto data = pattern(size_4);
    const auto command = initiator->command(write_4, size_4, false, true);
    initiator->send(command);
    const auto r2t = initiator->receive().as<pdu::r2t>();
    pdu::data_out out;
    out.initiator_task_tag = command.initiator_task_tag;
    out.target_transfer_tag = r2t.target_transfer_tag;
    initiator->send(out, std::span(data).first(512));
    out.data_sn.value = 1;
    out.buffer_offset = 512;
    initiator->send_corrupt(out, std::span(data).subspan(512, 512));
    out.data_sn.value = 2;
    out.buffer_offset = 1024;
    out.final = true;
    initiator->send(out, std::span(data).subspan(1024));
    (void)expect_reject(pdu::reject_reason::data_digest_error);
    const auto recovery = initiator->receive().as<pdu::r2t>();
    EXPECT_EQ(recovery.r2t_sn.value, 1U);
    EXPECT_EQ(recovery.buffer_offset, 512U);
    EXPECT_EQ(recovery.desired_data_transfer_length, 512U);
    out.target_transfer_tag = recovery.target_transfer_tag;
    out.data_sn.value = 0;
    out.buffer_offset = 512;
    initiator->send(out, std::span(data).subspan(512, 512));
    EXPECT_EQ(initiator->finish(command.initiator_task_tag).status, 0);
    EXPECT_EQ(initiator->run(read_4, size_4).data, data);
    EXPECT_EQ((*target)->counters().recovery_r2ts, 1U);
    expect_violation("data digest mismatch");
}

TEST_F(recovery_test, unsolicited_data_that_was_corrupt_is_asked_for) {
    log_in({{"InitialR2T", "No"}, {"ImmediateData", "No"}, {"FirstBurstLength", "2048"}});
    const auto data = pattern(size_4);
    auto command = initiator->command(write_4, size_4, false, true);
    command.final = false;
    initiator->send(command);
    pdu::data_out out;
    out.initiator_task_tag = command.initiator_task_tag;
    out.final = true;
    initiator->send_corrupt(out, data);
    (void)expect_reject(pdu::reject_reason::data_digest_error);
    const auto result = initiator->finish(command.initiator_task_tag, data);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.r2ts, 1U);
    EXPECT_EQ(initiator->run(read_4, size_4).data, data);
    expect_violation("data digest mismatch");
}

TEST_F(recovery_test, data_out_that_vanished_within_a_sequence_is_asked_for) {
    log_in({{"ImmediateData", "No"}});
    script("on data_out(2): ignore");
    initiator->piece = 512;
    const auto data = pattern(size_4);
    const auto result = initiator->run_write(write_4, data);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.r2ts, 2U);
    EXPECT_EQ(initiator->run(read_4, size_4).data, data);
}

TEST_F(recovery_test, end_of_a_sequence_that_vanished_is_asked_for_in_time) {
    log_in({{"ImmediateData", "No"}});
    script("on data_out(4): ignore");
    initiator->piece = 512;
    const auto data = pattern(size_4);
    const auto result = initiator->run_write(write_4, data);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.r2ts, 2U);
    EXPECT_EQ(initiator->run(read_4, size_4).data, data);
}

TEST_F(recovery_test, corrupt_command_leaves_a_hole_that_its_retry_fills) {
    log_in();
    const auto data = pattern(size_4);
    const auto command = initiator->command(write_4, size_4, false, true);
    initiator->send_corrupt(command, data);
    (void)expect_reject(pdu::reject_reason::data_digest_error);
    const auto next = initiator->command(ready, 0, false, false);
    initiator->send(next);
    EXPECT_EQ(initiator->run_nop().exp_cmd_sn, command.cmd_sn);
    initiator->send(command, data);
    EXPECT_EQ(initiator->finish(command.initiator_task_tag).status, 0);
    EXPECT_EQ(initiator->finish(next.initiator_task_tag).status, 0);
    EXPECT_EQ(initiator->run(read_4, size_4).data, data);
    expect_violation("data digest mismatch");
}

TEST_F(recovery_test, retry_of_a_running_command_is_ignored) {
    log_in({{"ImmediateData", "No"}});
    script("on scsi_command(1): reject(2)");  // after a hole a retry is no breach
    const auto first = initiator->command(ready, 0, false, false);
    initiator->send(first);
    (void)expect_reject(pdu::reject_reason::data_digest_error);
    initiator->send(first);
    EXPECT_EQ(initiator->finish(first.initiator_task_tag).status, 0);
    const auto data = pattern(size_4);
    const auto command = initiator->command(write_4, size_4, false, true);
    initiator->send(command);
    initiator->send(command);
    EXPECT_EQ(initiator->finish(command.initiator_task_tag, data).status, 0);
    initiator->send(command);
    (void)initiator->run_nop();
    EXPECT_EQ((*target)->counters().repeated_requests, 2U);
    EXPECT_EQ((*target)->counters().commands, 2U);
}

}  // namespace
}  // namespace persiscsi::target::test
