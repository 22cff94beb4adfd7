// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/daemon/daemon_under_test.hpp"

#include <csignal>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;

// Three registered sessions, of which the third is unregistered again while it stays connected.
class boot_scope : public ::testing::Test {
  protected:
    void SetUp() override {
        daemon.start();
        for (const auto* disk : {"disk1", "disk2", "disk3"}) {
            const auto ids = daemon.connect(target, disk, true);
            ASSERT_EQ(ids.size(), 1U);
            third = ids[0];
        }
        before = isids_of(daemon.sessions());
        ASSERT_EQ(before.size(), 3U);
        const auto answer = daemon.ask("POST", "/v1/sessions/unregister", json::object{{"ids", {third}}});
        ASSERT_EQ(text_of(answer.at("results").at(0), "result"), "unregistered");
        ASSERT_TRUE(answer.at("results").at(0).at("session_still_connected").as_bool());
    }

    std::multiset<std::uint64_t> registered_isids() { return isids_of(daemon.registrations()); }

    running_target target;
    daemon_under_test daemon;
    std::string third;
    std::multiset<std::uint64_t> before;
};

TEST_F(boot_scope, after_kill_and_a_new_boot_exactly_the_registered_two_come_back) {
    const auto registered = registered_isids();
    ASSERT_EQ(registered.size(), 2U);
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    daemon.reboot();
    daemon.start();
    const auto up = daemon.wait_logged_in();
    EXPECT_EQ(isids_of(up), registered);
    EXPECT_EQ(isids_of(daemon.sessions()), registered);
    for (const auto& session : daemon.sessions()) EXPECT_NE(text_of(session, "id"), third);
    EXPECT_EQ(target.connected_isids(), registered);
}

TEST_F(boot_scope, the_preview_foretells_who_is_logged_in_after_the_reboot) {
    const auto away = text_of(daemon.registrations()[0], "session_id");
    daemon.ask("DELETE", "/v1/sessions", json::object{{"ids", {away}}});
    std::set<std::string> foretold;
    std::set<std::string> left_behind;
    const auto preview = daemon.ask("GET", "/v1/boot/preview");
    for (const auto& one : preview.at("boot").as_array())
        (one.at("will_log_in").as_bool() ? foretold : left_behind).insert(text_of(one, "target"));
    EXPECT_EQ(foretold, (std::set<std::string>{"iqn.2026-11.test:disk1", "iqn.2026-11.test:disk2"}));
    EXPECT_EQ(left_behind, std::set<std::string>{"iqn.2026-11.test:disk3"});
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    daemon.reboot();
    daemon.start();
    std::set<std::string> back;
    for (const auto& session : daemon.wait_logged_in()) back.insert(text_of(session, "target"));
    EXPECT_EQ(back, foretold);
    EXPECT_EQ(daemon.sessions().size(), foretold.size());
}

TEST_F(boot_scope, after_kill_in_the_same_boot_all_three_come_back_with_their_ids_and_isids) {
    std::set<std::string> ids;
    for (const auto& session : daemon.sessions()) ids.insert(text_of(session, "id"));
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    daemon.start();
    json::array wanted;
    for (const auto& id : ids) wanted.emplace_back(id);
    EXPECT_EQ(isids_of(daemon.wait_logged_in(wanted)), before);
    EXPECT_EQ(daemon.sessions().size(), 3U);
    EXPECT_EQ(target.connected_isids(), before);
    EXPECT_EQ(registered_isids().size(), 2U);
}

TEST_F(boot_scope, session_disconnected_by_hand_is_back_after_a_reboot_and_not_after_a_crash) {
    const auto registered = registered_isids();
    const auto gone = text_of(daemon.registrations()[0], "session_id");
    daemon.ask("DELETE", "/v1/sessions", json::object{{"ids", {gone}}});
    EXPECT_TRUE(daemon.registrations()[0].at("disconnected_by_hand").as_bool());
    EXPECT_FALSE(daemon.registrations()[1].at("disconnected_by_hand").as_bool());
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    daemon.start();
    EXPECT_EQ(daemon.wait_logged_in().size(), 1U);
    EXPECT_EQ(daemon.sessions().size(), 2U);
    EXPECT_EQ(daemon.registrations().size(), 2U);
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    daemon.reboot();
    daemon.start();
    EXPECT_EQ(isids_of(daemon.wait_logged_in()), registered);
    EXPECT_FALSE(daemon.registrations()[0].at("disconnected_by_hand").as_bool());
}

TEST_F(boot_scope, after_an_orderly_stop_only_registrations_come_back_even_in_the_same_boot) {
    const auto registered = registered_isids();
    EXPECT_EQ(daemon.end(SIGTERM), 0) << daemon.log();
    EXPECT_EQ((*target).counters().logouts, 3U);
    daemon.start();
    EXPECT_EQ(isids_of(daemon.wait_logged_in()), registered);
    EXPECT_EQ(daemon.sessions().size(), 2U);
}

TEST_F(boot_scope, a_handover_keeps_every_session_for_the_next_daemon) {
    const auto handed = daemon.start_in_vain({"--handover"});
    EXPECT_EQ(handed.exit_code, 0) << handed.output;
    EXPECT_EQ(daemon.process->wait(), 0) << daemon.log();
    EXPECT_EQ((*target).counters().logouts, 0U);
    daemon.start();
    EXPECT_EQ(isids_of(daemon.wait_logged_in({json::value(third)})).size(), 1U);
    EXPECT_EQ(isids_of(daemon.sessions()), before);
}

TEST_F(boot_scope, registrations_are_tried_until_the_target_is_there) {
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    target.stop();
    daemon.reboot();
    daemon.start();
    daemon.wait_until(
        [&] {
            std::size_t tried = 0;
            for (const auto& session : daemon.sessions()) tried += session.at("last_error").is_string() ? 1U : 0U;
            return tried == 2;
        },
        "a login that failed");
    target.start();
    EXPECT_EQ(daemon.wait_logged_in().size(), 2U);
}

TEST_F(boot_scope, unregister_during_the_boot_reconnect_ends_it) {
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    target.stop();
    daemon.reboot();
    daemon.start();
    ASSERT_EQ(daemon.sessions().size(), 2U);
    const auto gone = text_of(daemon.sessions()[0], "id");
    daemon.ask("POST", "/v1/sessions/unregister", json::object{{"ids", {gone}}});
    ASSERT_EQ(daemon.sessions().size(), 1U);
    EXPECT_NE(text_of(daemon.sessions()[0], "id"), gone);
    target.start();
    EXPECT_EQ(daemon.wait_logged_in().size(), 1U);
    EXPECT_EQ(target.connected_isids().size(), 1U);
}

TEST_F(boot_scope, a_stop_while_reconnecting_is_prompt) {
    target.stop();
    daemon.wait_until(
        [&] {
            for (const auto& session : daemon.sessions())
                if (text_of(session, "state") == "logged_in") return false;
            return true;
        },
        "all sessions reconnecting");
    const auto started = std::chrono::steady_clock::now();
    EXPECT_EQ(daemon.end(SIGTERM), 0) << daemon.log();
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(8));
}

}  // namespace
}  // namespace persiscsi::testing
