// SPDX-License-Identifier: Apache-2.0
// Full Feature Phase 14.1, 15, 17 and 20: NOP, logout and Asynchronous Messages.
#include "tests/conformance/conformance_case.hpp"

namespace persiscsi::conformance {
namespace {

using pdu::async_event;
using pdu::scsi_command;

TEST_F(conformance_case, ffp_14_1_asked_for_logout_comes_in_time_and_no_new_command) {
    log_in();
    (void)read(512);
    (void)next<scsi_command>();
    say(pdu::async_message{.event = async_event::logout_request, .parameter3 = 3});
    (void)read(512);
    target->pass(3s);
    const auto logout = next<pdu::logout_request>();
    EXPECT_NE(logout.reason, pdu::logout_reason::remove_connection_for_recovery);
    answer_logout(logout);
    EXPECT_TRUE(closed());
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_15_1_nop_in_is_answered_with_its_tag_and_lun) {
    log_in();
    nop_in(0x00000000, 0x0001000000000000);
    const auto answer = next<pdu::nop_out>();
    EXPECT_EQ(answer.target_transfer_tag, pdu::transfer_tag{0});
    EXPECT_EQ(answer.lun, pdu::lun_id{0x0001000000000000});
    EXPECT_EQ(answer.initiator_task_tag, pdu::task_tag::reserved);
    EXPECT_TRUE(answer.immediate);
    tell_window();
    EXPECT_TRUE(silent()) << "a NOP-In without a tag wants no answer";
}

TEST_F(conformance_case, ffp_15_2_own_ping_has_a_task_tag_and_no_transfer_tag) {
    log_in();
    target->pass(options.ping_interval + 1ms);
    const auto ping = next<pdu::nop_out>();
    EXPECT_NE(ping.initiator_task_tag, pdu::task_tag::reserved);
    EXPECT_EQ(ping.target_transfer_tag, pdu::transfer_tag::reserved);
    EXPECT_EQ(ping.lun, pdu::lun_id{0});
    EXPECT_EQ(ping.cmd_sn, target->exp_cmd_sn);
    say(pdu::nop_in{.initiator_task_tag = ping.initiator_task_tag});
    target->pass(options.ping_interval / 2);
    EXPECT_EQ(state(), session_state::logged_in);
}

TEST_F(conformance_case, ffp_15_3_nop_out_that_only_acknowledges_has_neither_tag) {
    options.login.wishes.error_recovery_level = 1;
    options.login.wishes.max_outstanding_r2t = 1;
    log_in({{"ErrorRecoveryLevel", "1"}, {"MaxOutstandingR2T", "1"}});
    std::vector<pdu::task_tag> tags;
    for (int i = 0; i < 60; ++i) tags.push_back(read(512));
    for (int i = 0; i < 60; ++i) (void)next<scsi_command>();
    for (const auto tag : tags) data_in(tag, 0, 0, 512, true);
    const auto acknowledgement = next<pdu::nop_out>();
    EXPECT_EQ(acknowledgement.initiator_task_tag, pdu::task_tag::reserved);
    EXPECT_EQ(acknowledgement.target_transfer_tag, pdu::transfer_tag::reserved);
    EXPECT_TRUE(acknowledgement.immediate);
}

TEST_F(conformance_case, ffp_17_1_nothing_follows_a_logout_and_the_next_login_goes_to_the_first_address) {
    log_in();
    (void)target->take<session::open_transport>();
    target->core.logout(target->now);
    const auto logout = next<pdu::logout_request>();
    (void)read(512);
    EXPECT_TRUE(silent());
    answer_logout(logout);
    EXPECT_TRUE(closed());
    target->core.login(false, target->now);
    const auto opened = target->take<session::open_transport>();
    ASSERT_EQ(opened.size(), 1U);
    EXPECT_EQ(opened[0].to, options.portal);
}

TEST_F(conformance_case, ffp_20_1_logout_comes_within_the_second_that_was_given) {
    log_in();
    (void)read(512);
    (void)next<scsi_command>();
    say(pdu::async_message{.event = async_event::logout_request, .parameter3 = 1});
    (void)read(512);
    target->pass(1s);
    EXPECT_NE(next<pdu::logout_request>().reason, pdu::logout_reason::remove_connection_for_recovery);
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_20_2_announced_connection_drop_is_followed_by_a_login_after_time2wait) {
    log_in();
    (void)target->take<session::open_transport>();
    say(pdu::async_message{.event = async_event::connection_drop, .parameter1 = 0, .parameter2 = 1, .parameter3 = 20});
    EXPECT_TRUE(closed());
    target->pass(999ms);
    EXPECT_TRUE(target->take<session::open_transport>().empty());
    target->pass(2ms);
    EXPECT_EQ(target->take<session::open_transport>().size(), 1U);
}

TEST_F(conformance_case, ffp_20_3_announced_session_drop_is_followed_by_a_login_between_one_and_two_seconds) {
    log_in();
    (void)target->take<session::open_transport>();
    say(pdu::async_message{.event = async_event::session_drop, .parameter2 = 1, .parameter3 = 1});
    EXPECT_TRUE(closed());
    target->pass(999ms);
    EXPECT_TRUE(target->take<session::open_transport>().empty());
    target->pass(1001ms);
    EXPECT_EQ(target->take<session::open_transport>().size(), 1U);
    log_in();
    EXPECT_EQ(state(), session_state::logged_in);
}

TEST_F(conformance_case, ffp_20_4_wish_to_negotiate_is_met_within_its_time) {
    log_in();
    say(pdu::async_message{.event = async_event::negotiation_request, .parameter3 = 3});
    target->pass(3s);
    auto& sent = target->at(0).sent;
    ASSERT_FALSE(sent.empty());
    EXPECT_TRUE(std::holds_alternative<pdu::text_request>(sent.front().pdu) ||
                std::holds_alternative<pdu::logout_request>(sent.front().pdu));
}

}  // namespace
}  // namespace persiscsi::conformance
