// SPDX-License-Identifier: Apache-2.0
// How a session begins, is lost, comes back and ends; time passes only where a test lets it.
#include "tests/script/core_harness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
using session = session_core;
using testing::HasSubstr;

struct session_life : testing::Test {
    core_harness target{plain_options()};
    std::vector<std::byte> memory = std::vector<std::byte>(4096);
    int owner = 0;

    pdu::task_tag read(core_harness& from, bool repeatable = true, std::chrono::milliseconds timeout = {}) {
        return from.core.submit({.data_in = memory, .timeout = timeout, .repeatable = repeatable}, &owner, from.now);
    }
    static void give(core_harness& to, pdu::task_tag tag) {
        to.answer(pdu::data_in{.final = true, .has_status = true, .initiator_task_tag = tag}, pattern(4096));
    }
    static void status(core_harness& to, pdu::task_tag tag, std::uint8_t code, std::vector<std::byte> sense = {}) {
        if (!sense.empty()) sense.insert(sense.begin(), {std::byte{0}, static_cast<std::byte>(sense.size())});
        to.answer(
            pdu::scsi_response{.underflow = true, .status = code, .initiator_task_tag = tag, .residual_count = 4096},
            sense);
    }
};

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

TEST_F(session_life, kept_session_tries_again_until_it_works_with_growing_pauses) {
    target.core.login(true, target.now);
    std::vector<std::chrono::milliseconds> pauses;
    for (int attempt = 0; attempt < 10; ++attempt) {
        const auto before = target.now;
        target.open_transport();
        pauses.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(target.now - before));
        target.drop();
    }
    EXPECT_TRUE(target.take<session::login_finished>().empty());
    EXPECT_EQ(target.core.state(), session_state::connecting);
    EXPECT_GT(pauses[5], pauses[3]);
    EXPECT_LE(pauses[9], 10001ms);
    target.log_in();
    EXPECT_EQ(target.core.state(), session_state::logged_in);
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

TEST_F(session_life, lost_connection_is_rebuilt_with_the_same_isid_and_commands_are_sent_again_in_order) {
    target.log_in();
    std::vector<pdu::task_tag> tags;
    for (int i = 0; i < 3; ++i) tags.push_back(read(target));
    target.drop();
    EXPECT_EQ(target.core.state(), session_state::reconnecting);
    tags.push_back(read(target));
    target.open_transport();
    target.exp_cmd_sn = {1};
    EXPECT_EQ(target.core.state(), session_state::reconnecting);
    target.answer_login();
    for (std::uint32_t i = 0; i < 4; ++i) {
        const auto command = target.expect<pdu::scsi_command>();
        EXPECT_EQ(command.initiator_task_tag, tags[i]);
        EXPECT_EQ(command.cmd_sn.value, 1 + i);
    }
    for (const auto tag : tags) give(target, tag);
    for (const auto& finished : target.take<session::scsi_finished>()) EXPECT_FALSE(finished.outcome.failed);
    EXPECT_EQ(target.core.logins(), 2U);
}

TEST_F(session_life, time2wait_of_the_target_passes_before_the_session_is_rebuilt) {
    target.target_keys.push_back({"DefaultTime2Wait", "3"});
    target.log_in();
    target.drop();
    (void)target.take<session::open_transport>();
    target.pass(2999ms);
    EXPECT_TRUE(target.take<session::open_transport>().empty());
    target.pass(2ms);
    EXPECT_EQ(target.take<session::open_transport>().size(), 1U);
}

TEST_F(session_life, target_that_drops_every_login_is_asked_less_and_less_often) {
    target.log_in();
    for (int i = 0; i < 8; ++i) {
        target.drop();
        target.log_in();
    }
    target.drop();
    (void)target.take<session::open_transport>();
    target.pass(4s);
    EXPECT_TRUE(target.take<session::open_transport>().empty());
}

TEST_F(session_life, command_that_may_not_be_repeated_fails_with_its_connection) {
    target.log_in();
    (void)read(target, false);
    (void)target.expect<pdu::scsi_command>();
    target.drop("cable pulled");
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.failed.code, make_error_code(protocol_errc::remote_closed));
    EXPECT_THAT(finished[0].outcome.failed.detail, HasSubstr("cable pulled"));
}

TEST_F(session_life, command_whose_answer_is_lost_again_and_again_fails_in_the_end) {
    auto options = plain_options();
    options.lost_repeats = 2;
    core_harness flaky{options};
    flaky.log_in();
    (void)read(flaky);
    for (int i = 0; i < 3; ++i) {
        (void)flaky.expect<pdu::scsi_command>();
        EXPECT_TRUE(flaky.take<session::scsi_finished>().empty());
        flaky.drop();
        flaky.log_in();
    }
    EXPECT_EQ(flaky.take<session::scsi_finished>().size(), 1U);
    EXPECT_TRUE(flaky.silent());
}

TEST_F(session_life, policy_fail_at_once_fails_what_is_outstanding_and_what_comes_while_reconnecting) {
    auto options = plain_options();
    options.recovery = fail_at_once{};
    core_harness strict{options};
    strict.log_in();
    (void)read(strict);
    strict.drop();
    EXPECT_EQ(strict.take<session::scsi_finished>().size(), 1U);
    EXPECT_EQ(read(strict), pdu::task_tag::reserved);
    EXPECT_EQ(strict.take<session::scsi_finished>().size(), 1U);
    strict.log_in();
    EXPECT_NE(read(strict), pdu::task_tag::reserved);
}

TEST_F(session_life, policy_fail_after_waits_so_long_and_no_longer) {
    auto options = plain_options();
    options.recovery = fail_after{10s};
    core_harness bounded{options};
    bounded.log_in();
    (void)read(bounded);
    bounded.drop();
    bounded.pass(9s);
    EXPECT_TRUE(bounded.take<session::scsi_finished>().empty());
    bounded.pass(2s);
    const auto finished = bounded.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.failed.code, make_error_code(protocol_errc::local_gave_up_reconnecting));
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

TEST_F(session_life, silence_is_asked_about_and_then_taken_for_death) {
    target.log_in();
    target.pass(5001ms);
    const auto ping = target.expect<pdu::nop_out>();
    EXPECT_NE(ping.initiator_task_tag, pdu::task_tag::reserved);
    EXPECT_EQ(ping.target_transfer_tag, pdu::transfer_tag::reserved);
    target.answer(pdu::nop_in{.initiator_task_tag = ping.initiator_task_tag});
    target.pass(5001ms);
    EXPECT_EQ(target.core.state(), session_state::logged_in);
    (void)target.expect<pdu::nop_out>();
    target.pass(5001ms);
    EXPECT_EQ(target.core.state(), session_state::reconnecting);
    EXPECT_EQ(target.core.last_failure().code, make_error_code(protocol_errc::remote_silent));
}

TEST_F(session_life, unit_attention_is_met_by_sending_the_command_again) {
    target.log_in();
    const auto tag = read(target);
    const auto first = target.expect<pdu::scsi_command>();
    status(
        target,
        tag,
        2,
        {std::byte{0x70}, {}, std::byte{0x06}, {}, {}, {}, {}, std::byte{0x0a}, {}, {}, {}, {}, std::byte{0x29}, {}});
    const auto second = target.expect<pdu::scsi_command>();
    EXPECT_EQ(second.cmd_sn, first.cmd_sn.next());
    give(target, second.initiator_task_tag);
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.status, 0);
}

TEST_F(session_life, endless_unit_attention_reaches_the_caller) {
    target.log_in();
    (void)read(target);
    for (int i = 0; i < 6; ++i) {
        const auto command = target.expect<pdu::scsi_command>();
        status(target, command.initiator_task_tag, 2, {std::byte{0x70}, {}, std::byte{0x06}, {}});
    }
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.status, 2);
}

TEST_F(session_life, busy_and_task_set_full_are_waited_out_until_the_task_time_out) {
    for (const auto full : {std::uint8_t{0x08}, std::uint8_t{0x28}}) {
        core_harness crowded{plain_options()};
        crowded.log_in();
        (void)read(crowded, true, 2s);
        int sent = 0;
        while (crowded.take<session::scsi_finished>().empty()) {
            ASSERT_LT(sent, 50);
            if (crowded.silent()) {
                crowded.pass(10ms);
                continue;
            }
            status(crowded, crowded.expect<pdu::scsi_command>().initiator_task_tag, full);
            EXPECT_TRUE(crowded.silent()) << "not again before a pause";
            ++sent;
        }
        EXPECT_GE(sent, 3);
        EXPECT_LT(sent, 20) << "the pauses grow";
    }
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

TEST_F(session_life, target_that_asks_for_a_logout_gets_it_and_the_session_comes_back) {
    target.log_in();
    (void)read(target);
    (void)target.expect<pdu::scsi_command>();
    target.answer(pdu::async_message{.event = pdu::async_event::logout_request, .parameter3 = 3});
    const auto logout = target.expect<pdu::logout_request>();
    target.answer(pdu::logout_response{.initiator_task_tag = logout.initiator_task_tag});
    EXPECT_EQ(target.core.state(), session_state::reconnecting);
    target.log_in();
    EXPECT_EQ(target.expect<pdu::scsi_command>().expected_data_transfer_length, 4096U);
}

TEST_F(session_life, announced_drop_is_followed_by_the_wait_it_asks_for) {
    target.log_in();
    target.answer(pdu::async_message{.event = pdu::async_event::session_drop, .parameter2 = 7});
    (void)target.take<session::open_transport>();
    target.pass(6999ms);
    EXPECT_TRUE(target.take<session::open_transport>().empty());
    target.pass(2ms);
    EXPECT_EQ(target.take<session::open_transport>().size(), 1U);
}

TEST_F(session_life, rejected_command_fails_and_the_others_are_sent_again) {
    target.log_in();
    const auto bad = read(target);
    const auto good = read(target);
    const auto command = target.expect<pdu::scsi_command>();
    const auto header = pdu::encode(command);
    target.answer(pdu::reject{.reason = pdu::reject_reason::command_not_supported}, {header.begin(), header.end()});
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.failed.code, make_error_code(protocol_errc::remote_rejected_pdu));
    target.log_in();
    EXPECT_EQ(target.expect<pdu::scsi_command>().initiator_task_tag, good);
    EXPECT_NE(bad, good);
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

TEST_F(session_life, connection_lost_at_any_step_of_a_session_loses_no_command) {
    // The whole life of three commands, broken after each PDU the target sends; it always ends with all three done.
    for (int drop_after = 0; drop_after < 12; ++drop_after) {
        core_harness broken{plain_options()};
        int answers = 0;
        int drops = 0;
        const auto maybe_drop = [&] {
            if (answers++ != drop_after) return false;
            ++drops;
            broken.drop();
            return true;
        };
        broken.core.login(true, broken.now);
        for (int i = 0; i < 3; ++i) (void)read(broken);
        std::size_t done = 0;
        for (int rounds = 0; done < 3 && rounds < 5; ++rounds) {
            broken.open_transport();
            if (maybe_drop()) continue;
            broken.answer_login();
            if (maybe_drop()) continue;
            while (done < 3) {
                const auto command = broken.expect<pdu::scsi_command>();
                if (maybe_drop()) break;
                give(broken, command.initiator_task_tag);
                done += broken.take<session::scsi_finished>().size();
            }
        }
        EXPECT_EQ(done, 3U) << "dropped after " << drop_after;
        EXPECT_EQ(drops, drop_after < 5 ? 1 : 0);
    }
}

}  // namespace
}  // namespace persiscsi::test
