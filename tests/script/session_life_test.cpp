// SPDX-License-Identifier: Apache-2.0
// How a session begins, what a caller may do with its commands, and how it ends; time passes only where a test lets it.
#include "pdu/ahs.hpp"
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

TEST_F(session_life, target_that_wants_a_negotiation_gets_one_and_its_new_segment_length_counts) {
    target.log_in();
    target.answer(pdu::async_message{.event = pdu::async_event::negotiation_request, .parameter3 = 3});
    std::vector<std::byte> text;
    const auto request = target.expect<pdu::text_request>(&text);
    EXPECT_TRUE(request.final);
    EXPECT_EQ(request.target_transfer_tag, pdu::transfer_tag::reserved);
    EXPECT_EQ(pdu::parse_text(text).keys, (pdu::text_keys{{"MaxRecvDataSegmentLength", "262144"}}));
    target.answer(pdu::text_response{.final = true, .initiator_task_tag = request.initiator_task_tag},
                  pdu::encode_text({{"MaxRecvDataSegmentLength", "1024"}}));
    memory = pattern(4096);
    (void)target.core.submit({.data_out = memory}, &owner, target.now);
    std::vector<std::byte> immediate;
    (void)target.expect<pdu::scsi_command>(&immediate);
    EXPECT_EQ(immediate.size(), 1024U);
    EXPECT_EQ(target.core.logins(), 1U);
}

TEST_F(session_life, negotiation_that_the_target_rejects_changes_nothing) {
    target.log_in();
    target.answer(pdu::async_message{.event = pdu::async_event::negotiation_request, .parameter3 = 3});
    const auto header = pdu::encode(target.expect<pdu::text_request>());
    target.answer(pdu::reject{.reason = pdu::reject_reason::protocol_error}, {header.begin(), header.end()});
    EXPECT_EQ(target.core.state(), session_state::logged_in);
    const auto tag = read(target);
    (void)target.expect<pdu::scsi_command>();
    give(target, tag);
    EXPECT_EQ(target.take<session::scsi_finished>().size(), 1U);
}

TEST_F(session_life, task_management_function_ends_the_tasks_of_its_logical_unit) {
    target.log_in();
    (void)read(target);
    const auto command = target.expect<pdu::scsi_command>();
    target.core.manage(pdu::task_management_function::logical_unit_reset, pdu::lun_id{}, &owner, target.now);
    const auto reset = target.expect<pdu::task_management_request>();
    EXPECT_EQ(reset.function, pdu::task_management_function::logical_unit_reset);
    EXPECT_TRUE(reset.immediate);
    EXPECT_EQ(reset.cmd_sn, command.cmd_sn.next());
    EXPECT_EQ(reset.referenced_task_tag, pdu::task_tag::reserved);
    (void)read(target);  // after it, so not ended by it
    (void)target.expect<pdu::scsi_command>();
    target.answer(pdu::task_management_response{.initiator_task_tag = reset.initiator_task_tag});
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.failed.code, make_error_code(protocol_errc::local_task_set_aborted));
    const auto managed = target.take<session::management_finished>();
    ASSERT_EQ(managed.size(), 1U);
    EXPECT_EQ(managed[0].outcome, pdu::task_management_outcome::function_complete);
}

TEST_F(session_life, bidirectional_command_with_a_long_cdb_carries_both_in_its_additional_headers) {
    target.log_in();
    std::vector<std::byte> out = pattern(512);
    const std::vector<std::byte> rest(16, std::byte{0x77});
    memory.resize(1024);
    const auto tag = target.core.submit(
        {.cdb = {std::byte{0x7f}}, .cdb_rest = rest, .data_in = memory, .data_out = out}, &owner, target.now);
    ASSERT_FALSE(target.silent());
    const auto ahs = pdu::parse_ahs(target.at(0).sent.front().ahs);
    EXPECT_EQ(ahs.headers.extended_cdb, rest);
    EXPECT_EQ(ahs.headers.bidirectional_read_expected_data_transfer_length, 1024U);
    const auto command = target.expect<pdu::scsi_command>();
    EXPECT_TRUE(command.read && command.write);
    EXPECT_EQ(command.expected_data_transfer_length, 512U);
    target.answer(pdu::data_in{.final = true, .initiator_task_tag = tag}, pattern(1000), false);
    target.answer(pdu::scsi_response{
        .bidirectional_read_underflow = true, .initiator_task_tag = tag, .bidirectional_read_residual_count = 24});
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_FALSE(finished[0].outcome.failed) << finished[0].outcome.failed.detail;
    EXPECT_EQ(finished[0].outcome.data_in_size, 1000U);
    EXPECT_EQ(finished[0].outcome.bidi_read_residual_count, 24U);
    EXPECT_TRUE(finished[0].outcome.bidi_read_underflow);
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
