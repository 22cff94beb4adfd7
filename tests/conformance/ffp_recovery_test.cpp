// SPDX-License-Identifier: Apache-2.0
// Full Feature Phase 4.1, 7.1, 10.2, 13, 14.2 and 19.5: error recovery levels 1 and 2, and two connections.
#include "tests/conformance/recovery_conformance_case.hpp"

namespace persiscsi::conformance {
namespace {

using pdu::scsi_command;
using pdu::snack_request;
using pdu::task_management_request;
using function = pdu::task_management_function;

TEST_F(recovery_conformance_case, ffp_4_1_retry_repeats_the_command_on_its_connection) {
    at_level(1);
    (void)read(512);
    const auto command = next<scsi_command>();
    tell_window();  // ExpCmdSN stays: the command has not arrived
    target->pass(options.command_retry + 1s);
    while (!target->at(0).sent.empty() && std::holds_alternative<pdu::nop_out>(target->at(0).sent.front().pdu))
        (void)next<pdu::nop_out>();
    const auto again = next<scsi_command>();
    EXPECT_EQ(again.cmd_sn, command.cmd_sn);
    EXPECT_EQ(again.initiator_task_tag, command.initiator_task_tag);
    EXPECT_EQ(again.lun, command.lun);
    EXPECT_EQ(again.cdb, command.cdb);
    EXPECT_EQ(again.expected_data_transfer_length, command.expected_data_transfer_length);
}

TEST_F(recovery_conformance_case, ffp_7_1_command_of_a_broken_connection_goes_on_by_task_reassign) {
    at_level(2);
    const auto tag = read(512);
    (void)next<scsi_command>();
    target->exp_cmd_sn = {2};
    tell_window();
    const auto request = reassignment_after_login();
    reassigned(request);
    data_in(tag, 0, 0, 512, true);
    expect_good();
}

TEST_F(recovery_conformance_case, ffp_10_2_data_is_acknowledged_before_its_status) {
    at_level(1);
    const auto tag = read(1024);
    (void)next<scsi_command>();
    acknowledging_data_in(tag, 0, 0, false);
    const auto ack = next<snack_request>();
    EXPECT_EQ(ack.type, pdu::snack_type::data_ack);
    EXPECT_EQ(ack.beg_run, 1U);
    EXPECT_EQ(ack.exp_stat_sn, target->stat_sn);
    data_in(tag, 1, 512, 512, true);
    expect_good();
}

TEST_F(recovery_conformance_case, ffp_13_1_missing_data_is_asked_for_by_its_run) {
    at_level(1);
    const auto tag = read(2560);
    (void)next<scsi_command>();
    for (std::uint32_t sn = 0; sn < 3; ++sn) data_in(tag, sn, sn * 512, 512, false);
    data_in(tag, 4, 2048, 512, true);
    const auto snack = next<snack_request>();
    EXPECT_EQ(snack.type, pdu::snack_type::data_or_r2t);
    EXPECT_EQ(snack.initiator_task_tag, tag);
    EXPECT_EQ(snack.target_transfer_tag, pdu::transfer_tag::reserved);
    EXPECT_EQ(snack.beg_run, 3U);
    EXPECT_EQ(snack.run_length, 1U);
    EXPECT_TRUE(target->take<session::scsi_finished>().empty());
    data_in(tag, 3, 1536, 512, false);
    expect_good();
}

TEST_F(recovery_conformance_case, ffp_13_2_data_ack_has_the_targets_tag_and_no_task_tag) {
    at_level(1);
    const auto tag = read(1024);
    (void)next<scsi_command>();
    data_in(tag, 0, 0, 512, false);
    acknowledging_data_in(tag, 1, 512, false);
    const auto ack = next<snack_request>();
    EXPECT_EQ(ack.initiator_task_tag, pdu::task_tag::reserved);
    EXPECT_EQ(ack.target_transfer_tag, pdu::transfer_tag{0xabcd});
    EXPECT_EQ(ack.beg_run, 2U);
    EXPECT_EQ(ack.run_length, 0U);
    good(tag);
}

TEST_F(recovery_conformance_case, ffp_14_2_of_two_connections_only_the_one_asked_for_is_closed) {
    at_level(0, 2);
    say(pdu::async_message{.event = pdu::async_event::logout_request, .parameter3 = 3}, {}, true, 1);
    target->pass(3s);
    const auto logout = next<pdu::logout_request>(nullptr, 1);
    EXPECT_EQ(logout.reason, pdu::logout_reason::close_connection);
    EXPECT_EQ(logout.cid, pdu::connection_id{1});
    answer_logout(logout, 1);
    const auto ended = target->take<session::close_transport>();
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].connection, 1U);
    (void)read(512);
    (void)next<scsi_command>();
}

TEST_F(recovery_conformance_case, ffp_19_5_task_reassign_keeps_the_task_tag) {
    at_level(2);
    const auto tag = read(1024);
    (void)next<scsi_command>();
    target->exp_cmd_sn = {2};
    data_in(tag, 0, 0, 512, false);
    const auto request = reassignment_after_login();
    EXPECT_EQ(request.function, function::task_reassign);
    EXPECT_TRUE(request.immediate);
    EXPECT_EQ(request.referenced_task_tag, tag);
    EXPECT_NE(request.initiator_task_tag, tag);
    EXPECT_LE(request.exp_data_sn.value, 1U);
    say(pdu::task_management_response{.initiator_task_tag = request.initiator_task_tag});
    data_in(tag, 1, 512, 512, true);
    expect_good();
}

}  // namespace
}  // namespace persiscsi::conformance
