// SPDX-License-Identifier: Apache-2.0
// Full Feature Phase 1 to 5: command and status numbers, the command window, retry.
#include "tests/conformance/conformance_case.hpp"

namespace persiscsi::conformance {
namespace {

using pdu::scsi_command;

TEST_F(conformance_case, ffp_1_1_numbered_requests_count_up_from_the_first_login_request) {
    begin_login();
    const auto login = login_request();
    answer_login(login, {{"AuthMethod", "None"}});
    answer_login(login_request(), target_keys);
    for (std::uint32_t i = 0; i < 3; ++i) {
        const auto tag = read(512);
        EXPECT_EQ(next<scsi_command>().cmd_sn, login.cmd_sn.plus(i));
        good(tag);
    }
    target->core.logout(target->now);
    EXPECT_EQ(next<pdu::logout_request>().cmd_sn, login.cmd_sn.plus(3));
}

TEST_F(conformance_case, ffp_2_1_immediate_request_carries_the_current_cmd_sn_and_does_not_use_it_up) {
    log_in();
    target->pass(options.ping_interval + 1ms);
    const auto ping = next<pdu::nop_out>();
    EXPECT_TRUE(ping.immediate);
    (void)read(512);
    EXPECT_EQ(next<scsi_command>().cmd_sn, ping.cmd_sn);
}

TEST_F(conformance_case, ffp_2_2_immediate_task_management_request_does_not_use_up_its_cmd_sn) {
    log_in();
    const auto tag = read(512);
    const auto command = next<scsi_command>();
    target->core.cancel(tag, target->now);
    const auto abort = next<pdu::task_management_request>();
    EXPECT_TRUE(abort.immediate);
    EXPECT_EQ(abort.cmd_sn, command.cmd_sn.next());
    (void)read(512);
    EXPECT_EQ(next<scsi_command>().cmd_sn, abort.cmd_sn);
}

TEST_F(conformance_case, ffp_3_1_closed_window_holds_commands_until_a_nop_in_opens_it) {
    log_in();
    const auto first = read(512);
    (void)next<scsi_command>();
    target->exp_cmd_sn = {2};
    target->window = 0;
    for (int i = 0; i < 63; ++i) (void)read(0);  // what the login had allowed; a window never shrinks
    for (int i = 0; i < 63; ++i) (void)next<scsi_command>();
    (void)read(512);
    good(first);
    EXPECT_TRUE(silent());
    target->exp_cmd_sn = {65};
    tell_window();
    EXPECT_TRUE(silent()) << "MaxCmdSN is ExpCmdSN-1";
    target->window = 1;
    tell_window();
    EXPECT_EQ(next<scsi_command>().cmd_sn.value, 65U);
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_3_2_large_window_takes_several_commands_without_answers) {
    log_in();
    for (int i = 0; i < 8; ++i) (void)read(512);
    for (std::uint32_t i = 0; i < 8; ++i) EXPECT_EQ(next<scsi_command>().cmd_sn.value, 1 + i);
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_3_3_window_of_one_takes_one_command_at_a_time) {
    begin_login();
    target->window = 1;
    answer_login(login_request(), {{"AuthMethod", "None"}});
    answer_login(login_request(), target_keys);
    (void)read(512);
    (void)read(512);
    EXPECT_EQ(next<scsi_command>().cmd_sn.value, 1U);
    EXPECT_TRUE(silent());
    target->exp_cmd_sn = {2};
    tell_window();
    EXPECT_EQ(next<scsi_command>().cmd_sn.value, 2U);
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_5_1_large_gap_of_stat_sn_starts_recovery) {
    log_in();
    const auto tag = read(512);
    (void)next<scsi_command>();
    target->stat_sn = target->stat_sn.plus(0x40000000);
    good(tag);
    EXPECT_TRUE(closed());
    EXPECT_EQ(state(), session_state::reconnecting);
    EXPECT_TRUE(target->take<session::scsi_finished>().empty()) << "the answer is not believed";
    log_in();
    const auto again = next<scsi_command>();
    data_in(again.initiator_task_tag, 0, 0, 512, true);
    expect_good();
}

TEST_F(conformance_case, ffp_16_5_response_that_closes_the_window_stops_commands_until_it_opens) {
    begin_login();
    target->window = 1;
    answer_login(login_request(), {{"AuthMethod", "None"}});
    answer_login(login_request(), target_keys);
    const auto tag = read(512);
    (void)next<scsi_command>();
    (void)read(512);
    target->exp_cmd_sn = {2};
    target->window = 0;
    data_in(tag, 0, 0, 512, true);
    expect_good();
    EXPECT_TRUE(silent());
    target->window = 1;
    tell_window();
    EXPECT_EQ(next<scsi_command>().cmd_sn.value, 2U);
}

}  // namespace
}  // namespace persiscsi::conformance
