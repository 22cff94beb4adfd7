// SPDX-License-Identifier: Apache-2.0
// What a session does when its target or its network lets it down.
#include "tests/script/session_case.hpp"

#include <gmock/gmock.h>

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
using session = session_core;
using testing::HasSubstr;

struct session_recovery : session_case {};

TEST_F(session_recovery, kept_session_tries_again_until_it_works_with_growing_pauses) {
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

TEST_F(session_recovery, lost_connection_is_rebuilt_with_the_same_isid_and_commands_are_sent_again_in_order) {
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

TEST_F(session_recovery, time2wait_of_the_target_passes_before_the_session_is_rebuilt) {
    target.target_keys.push_back({"DefaultTime2Wait", "3"});
    target.log_in();
    target.drop();
    (void)target.take<session::open_transport>();
    target.pass(2999ms);
    EXPECT_TRUE(target.take<session::open_transport>().empty());
    target.pass(2ms);
    EXPECT_EQ(target.take<session::open_transport>().size(), 1U);
}

TEST_F(session_recovery, target_that_drops_every_login_is_asked_less_and_less_often) {
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

TEST_F(session_recovery, command_that_may_not_be_repeated_fails_with_its_connection) {
    target.log_in();
    (void)read(target, false);
    (void)target.expect<pdu::scsi_command>();
    target.drop("cable pulled");
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.failed.code, make_error_code(protocol_errc::remote_closed));
    EXPECT_THAT(finished[0].outcome.failed.detail, HasSubstr("cable pulled"));
}

TEST_F(session_recovery, command_whose_answer_is_lost_again_and_again_fails_in_the_end) {
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

TEST_F(session_recovery, policy_fail_at_once_fails_what_is_outstanding_and_what_comes_while_reconnecting) {
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

TEST_F(session_recovery, policy_fail_after_waits_so_long_and_no_longer) {
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

TEST_F(session_recovery, silence_is_asked_about_and_then_taken_for_death) {
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

TEST_F(session_recovery, unit_attention_is_met_by_sending_the_command_again) {
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

TEST_F(session_recovery, endless_unit_attention_reaches_the_caller) {
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

TEST_F(session_recovery, busy_and_task_set_full_are_waited_out_until_the_task_time_out) {
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

TEST_F(session_recovery, target_that_asks_for_a_logout_gets_it_when_the_commands_sent_are_done) {
    target.log_in();
    const auto tag = read(target);
    (void)target.expect<pdu::scsi_command>();
    target.answer(pdu::async_message{.event = pdu::async_event::logout_request, .parameter3 = 3});
    (void)read(target);
    EXPECT_TRUE(target.silent()) << "no new command";
    give(target, tag);
    target.pass(0ms);
    EXPECT_EQ(target.expect<pdu::logout_request>().reason, pdu::logout_reason::close_session);
}

TEST_F(session_recovery, target_that_asks_for_a_logout_gets_it_soon_and_the_session_comes_back) {
    target.log_in();
    (void)read(target);
    (void)target.expect<pdu::scsi_command>();
    target.answer(pdu::async_message{.event = pdu::async_event::logout_request, .parameter3 = 1});
    target.pass(500ms);
    const auto logout = target.expect<pdu::logout_request>();
    target.answer(pdu::logout_response{.initiator_task_tag = logout.initiator_task_tag});
    EXPECT_EQ(target.core.state(), session_state::reconnecting);
    target.log_in();
    EXPECT_EQ(target.expect<pdu::scsi_command>().expected_data_transfer_length, 4096U);
}

TEST_F(session_recovery, announced_drop_is_followed_by_the_wait_it_asks_for) {
    target.log_in();
    target.answer(pdu::async_message{.event = pdu::async_event::session_drop, .parameter2 = 7});
    (void)target.take<session::open_transport>();
    target.pass(6999ms);
    EXPECT_TRUE(target.take<session::open_transport>().empty());
    target.pass(2ms);
    EXPECT_EQ(target.take<session::open_transport>().size(), 1U);
}

TEST_F(session_recovery, rejected_command_fails_when_its_place_is_filled_and_the_others_go_on) {
    target.log_in();
    const auto bad = read(target);
    const auto good = read(target);
    const auto command = target.expect<pdu::scsi_command>();
    (void)target.expect<pdu::scsi_command>();
    const auto header = pdu::encode(command);
    target.answer(pdu::reject{.reason = pdu::reject_reason::command_not_supported}, {header.begin(), header.end()});
    const auto abort = target.expect<pdu::task_management_request>();
    EXPECT_EQ(abort.function, pdu::task_management_function::abort_task);
    EXPECT_EQ(abort.referenced_task_tag, bad);
    EXPECT_EQ(abort.ref_cmd_sn, command.cmd_sn);
    target.answer(pdu::task_management_response{.initiator_task_tag = abort.initiator_task_tag});
    auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.failed.code, make_error_code(protocol_errc::remote_rejected_pdu));
    give(target, good);
    finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_FALSE(finished[0].outcome.failed);
    EXPECT_EQ(target.core.logins(), 1U);
}

TEST_F(session_recovery, command_whose_immediate_data_came_corrupt_is_sent_again_with_its_cmd_sn) {
    target.log_in();
    memory = pattern(4096);
    (void)target.core.submit({.data_out = memory}, &owner, target.now);
    const auto command = target.expect<pdu::scsi_command>();
    const auto header = pdu::encode(command);
    target.answer(pdu::reject{.reason = pdu::reject_reason::data_digest_error}, {header.begin(), header.end()});
    const auto again = target.expect<pdu::scsi_command>();
    EXPECT_EQ(again.cmd_sn, command.cmd_sn);
    EXPECT_EQ(again.initiator_task_tag, command.initiator_task_tag);
    target.answer(pdu::scsi_response{.initiator_task_tag = again.initiator_task_tag});
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_FALSE(finished[0].outcome.failed);
}

TEST_F(session_recovery, connection_lost_at_any_step_of_a_session_loses_no_command) {
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
