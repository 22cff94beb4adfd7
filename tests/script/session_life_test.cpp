// SPDX-License-Identifier: Apache-2.0
// How a session begins, what a caller may do with its commands, and how it ends; time passes only where a test lets it.
#include "tests/script/session_case.hpp"

#include <gmock/gmock.h>

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
using session = session_core;
using testing::HasSubstr;

struct session_life : session_case {};

TEST_F(session_life, login_reaches_full_feature_phase) {
    target.log_in();
    const auto finished = target.take<session::login_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_FALSE(finished[0].failed) << finished[0].failed.detail;
    EXPECT_EQ(target.core.state(), session_state::logged_in);
}

TEST_F(session_life, first_command_carries_the_cmd_sn_of_the_login) {
    target.core.login(false, target.now);
    target.open_transport();
    const auto login = target.expect<pdu::login_request>();
    EXPECT_EQ(login.cmd_sn.value, 1U);
    EXPECT_EQ(login.isid, pdu::isid{0x800000000001});
    EXPECT_EQ(login.tsih, pdu::tsih::fresh);
    core_harness again{plain_options()};
    again.log_in();
    (void)read(again);
    EXPECT_EQ(again.expect<pdu::scsi_command>().cmd_sn.value, 1U);
}

TEST_F(session_life, first_login_that_fails_is_final_and_names_target_and_portal) {
    target.core.login(false, target.now);
    (void)target.take<session::open_transport>();
    target.core.on_transport_lost({login_errc::connect_failed, "Connection refused"}, target.now);
    const auto finished = target.take<session::login_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].failed.code, make_error_code(login_errc::connect_failed));
    EXPECT_THAT(finished[0].failed.detail,
                HasSubstr("login to iqn.2026-11.org.persiscsi:target at 192.0.2.7:3260: Connection refused"));
    EXPECT_EQ(target.core.state(), session_state::failed);
    EXPECT_FALSE(target.core.deadline());
}

TEST_F(session_life, dead_address_ends_with_the_connect_time_out) {
    target.core.login(false, target.now);
    target.pass(4999ms);
    EXPECT_TRUE(target.take<session::login_finished>().empty());
    target.pass(2ms);
    const auto finished = target.take<session::login_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].failed.code, make_error_code(login_errc::timed_out));
}

TEST_F(session_life, silent_target_ends_with_the_login_time_out) {
    target.core.login(false, target.now);
    target.open_transport();
    target.pass(15001ms);
    const auto finished = target.take<session::login_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].failed.code, make_error_code(login_errc::timed_out));
    EXPECT_EQ(target.take<session::close_transport>().size(), 1U);
}

TEST_F(session_life, ping_of_the_target_is_answered_with_its_tag_and_lun) {
    target.log_in();
    target.answer(
        pdu::nop_in{.lun = pdu::lun_id{0x0001000000000000}, .target_transfer_tag = pdu::transfer_tag{0x77}}, {}, false);
    const auto answer = target.expect<pdu::nop_out>();
    EXPECT_TRUE(answer.immediate);
    EXPECT_EQ(answer.initiator_task_tag, pdu::task_tag::reserved);
    EXPECT_EQ(answer.target_transfer_tag, pdu::transfer_tag{0x77});
    EXPECT_EQ(answer.lun, pdu::lun_id{0x0001000000000000});
}

TEST_F(session_life, cancelling_a_command_that_was_not_sent_ends_it_at_once) {
    target.window = 1;
    target.log_in();
    (void)read(target);
    const auto waiting = read(target);
    (void)target.expect<pdu::scsi_command>();
    target.core.cancel(waiting, target.now);
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.failed.code, make_error_code(protocol_errc::local_cancelled));
    EXPECT_TRUE(target.silent());
}

TEST_F(session_life, cancelling_a_command_that_was_sent_waits_until_the_target_lets_go) {
    target.log_in();
    const auto tag = read(target);
    const auto command = target.expect<pdu::scsi_command>();
    target.core.cancel(tag, target.now);
    const auto abort = target.expect<pdu::task_management_request>();
    EXPECT_EQ(abort.function, pdu::task_management_function::abort_task);
    EXPECT_EQ(abort.referenced_task_tag, tag);
    EXPECT_EQ(abort.ref_cmd_sn, command.cmd_sn);
    EXPECT_TRUE(target.take<session::scsi_finished>().empty()) << "the target may still write to the caller's memory";
    target.answer(pdu::task_management_response{.initiator_task_tag = abort.initiator_task_tag});
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.failed.code, make_error_code(protocol_errc::local_cancelled));
}

TEST_F(session_life, task_that_times_out_is_aborted_and_a_silent_abort_loses_the_session) {
    target.log_in();
    (void)read(target, true, 1s);
    (void)target.expect<pdu::scsi_command>();
    target.pass(1001ms);
    (void)target.expect<pdu::task_management_request>();
    target.answer(pdu::nop_in{}, {}, false);
    target.pass(5001ms);
    EXPECT_EQ(target.core.state(), session_state::reconnecting);
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.failed.code, make_error_code(protocol_errc::local_task_timed_out));
}

TEST_F(session_life, logout_lets_sent_commands_finish_first) {
    target.log_in();
    const auto tag = read(target);
    (void)target.expect<pdu::scsi_command>();
    target.core.logout(target.now);
    EXPECT_TRUE(target.silent());
    give(target, tag);
    const auto logout = target.expect<pdu::logout_request>();
    EXPECT_EQ(logout.reason, pdu::logout_reason::close_session);
    target.answer(pdu::logout_response{.initiator_task_tag = logout.initiator_task_tag});
    const auto finished = target.take<session::logout_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_FALSE(finished[0].failed);
    EXPECT_EQ(target.core.state(), session_state::idle);
    EXPECT_FALSE(target.core.deadline());
}

TEST_F(session_life, logout_that_is_not_answered_closes_all_the_same_and_says_so) {
    target.log_in();
    target.core.logout(target.now);
    (void)target.expect<pdu::logout_request>();
    target.pass(5001ms);
    const auto finished = target.take<session::logout_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].failed.code, make_error_code(protocol_errc::remote_silent));
    EXPECT_EQ(target.core.state(), session_state::idle);
}

TEST_F(session_life, logout_while_reconnecting_stops_trying) {
    target.log_in();
    (void)read(target);
    target.drop();
    target.core.logout(target.now);
    EXPECT_EQ(target.take<session::logout_finished>().size(), 1U);
    EXPECT_EQ(target.take<session::scsi_finished>().size(), 1U);
    EXPECT_FALSE(target.core.deadline());
}

TEST_F(session_life, redirection_is_followed_for_one_login_only) {
    target.core.login(false, target.now);
    target.open_transport();
    (void)target.take<session::open_transport>();
    const auto request = target.expect<pdu::login_request>();
    target.answer(pdu::login_response{.initiator_task_tag = request.initiator_task_tag,
                                      .status = pdu::login_status::target_moved_temporarily},
                  pdu::encode_text({{"TargetAddress", "192.0.2.8:3261,1"}}));
    auto opened = target.take<session::open_transport>();
    ASSERT_EQ(opened.size(), 1U);
    EXPECT_EQ(opened[0].to, (portal{"192.0.2.8", 3261}));
    target.open_transport();
    target.answer_login();
    target.drop();
    (void)target.take<session::open_transport>();
    target.pass(3s);
    opened = target.take<session::open_transport>();
    ASSERT_EQ(opened.size(), 1U);
    EXPECT_EQ(opened[0].to, (portal{"192.0.2.7", 3260}));
}

TEST_F(session_life, redirection_in_a_circle_ends) {
    target.core.login(false, target.now);
    for (int i = 0; i < 6; ++i) {
        target.open_transport();
        const auto request = target.expect<pdu::login_request>();
        target.answer(pdu::login_response{.initiator_task_tag = request.initiator_task_tag,
                                          .status = pdu::login_status::target_moved_temporarily},
                      pdu::encode_text({{"TargetAddress", "192.0.2.7:3260,1"}}));
    }
    const auto finished = target.take<session::login_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].failed.code, make_error_code(login_errc::too_many_redirects));
}

TEST_F(session_life, stop_ends_everything_at_once) {
    target.log_in();
    (void)read(target);
    (void)read(target);
    target.core.stop({protocol_errc::local_cancelled, "closed"}, target.now);
    EXPECT_EQ(target.take<session::scsi_finished>().size(), 2U);
    EXPECT_EQ(target.take<session::close_transport>().size(), 1U);
    EXPECT_FALSE(target.core.deadline());
}

}  // namespace
}  // namespace persiscsi::test
