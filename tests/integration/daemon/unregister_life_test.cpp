// SPDX-License-Identifier: Apache-2.0
// Unregister, cases 1, 2, 8, 11 and 16: the session beside it, and what comes back.
#include "tests/integration/daemon/unregister_case.hpp"

#include <atomic>
#include <thread>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;

// Writes blocks of a session and reads them back, without a pause, until it goes.
class running_io {
  public:
    running_io(const daemon_under_test& daemon, const std::string& session)
        : thread_([this, client = daemon.client(), session]() mutable { work(client, session); }) {}
    ~running_io() { end(); }

    [[nodiscard]] unsigned rounds() const { return rounds_; }
    [[nodiscard]] unsigned failures() const { return failures_; }
    void end() {
        ending_ = true;
        if (thread_.joinable()) thread_.join();
    }

  private:
    void work(control::control_client& client, const std::string& session) {
        const auto path = "/v1/sessions/" + session + "/luns/0/blocks?lba=8";
        while (!ending_) {
            const std::vector<std::byte> data(4096, static_cast<std::byte>(rounds_ + 1));
            const bool written = client.call_raw("PUT", path, std::span(data), patience).ok();
            const auto read = client.call_raw("GET", path + "&blocks=8", std::nullopt, patience);
            if (!written || !read.ok() || read.body != data) ++failures_;
            ++rounds_;
        }
    }

    std::atomic<bool> ending_ = false;
    std::atomic<unsigned> rounds_ = 0;
    std::atomic<unsigned> failures_ = 0;
    std::thread thread_;  // last: it uses the others
};

TEST_F(unregister, case_01_registered_and_connected_loses_persistence_and_keeps_its_io) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    const auto registration = registration_of(id);
    running_io io(daemon, id);
    daemon.wait_until([&] { return io.rounds() > 2; }, "data going to and fro");
    const auto answer = off({id});
    EXPECT_EQ(answer.exit, 0) << answer.err;
    EXPECT_EQ(answer.err, "");
    expect_result(answer.only(), "unregistered", "registered", "not_registered", true);
    EXPECT_EQ(text_of(answer.only(), "id"), id);
    EXPECT_EQ(text_of(answer.only(), "registration_id"), registration);
    EXPECT_TRUE(answer.only().at("returns_because").is_null());
    const auto then = io.rounds();
    daemon.wait_until([&] { return io.rounds() > then + 3; }, "data going on");
    io.end();
    EXPECT_EQ(io.failures(), 0U);
    EXPECT_TRUE(registered().empty());
    const auto after = list("session").at(0).as_object();
    EXPECT_EQ(after.at("is_persistent"), json::value(false));
    EXPECT_EQ(after.at("is_connected"), json::value(true));
    EXPECT_TRUE(after.at("registration_id").is_null());
    EXPECT_EQ((*target).counters().logins, 1U);
    EXPECT_EQ((*target).counters().logouts, 0U);
}

TEST_F(unregister, case_02_after_a_reboot_it_stays_away_and_its_neighbours_come) {
    (void)daemon.connect(target, "disk1", true);
    const auto id = daemon.connect(target, "disk2", true).at(0);
    (void)daemon.connect(target, "disk3", true);
    ASSERT_EQ(off({id}).exit, 0);
    const auto neighbours = isids_of(list("registration"));
    ASSERT_EQ(neighbours.size(), 2U);
    reboot();
    EXPECT_EQ(run({"session", "wait", "--timeout", "20"}).exit, 0);
    EXPECT_EQ(isids_of(list("session")), neighbours);
    EXPECT_EQ(target.connected_isids(), neighbours);
    for (const auto& one : list("session")) EXPECT_NE(text_of(one, "target"), "iqn.2026-11.test:disk2");
}

TEST_F(unregister, case_08_a_session_that_is_down_or_reconnecting_is_unregistered) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    target.stop();
    wait_for_loss();
    const auto down = off({id});
    EXPECT_EQ(down.exit, 0) << down.err;
    expect_result(down.only(), "unregistered", "registered", "not_registered", false);
    target.start();
    EXPECT_EQ(run({"session", "wait", id, "--timeout", "20"}).exit, 0) << "it is rebuilt in this boot";
    EXPECT_EQ(session(id).at("is_persistent"), json::value(false));

    const auto other = daemon.connect(target, "disk2", true).at(0);
    target.stop();
    reboot();
    const auto trying = list("session").at(0).as_object();
    const auto ended = off({text_of(trying, "id")});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    expect_result(ended.only(), "unregistered", "registered", "not_registered", false);
    EXPECT_TRUE(list("session").empty()) << "nothing asked for it but its registration: " << other;
    target.start();
    reboot();
    EXPECT_TRUE(list("session").empty());
    EXPECT_TRUE(registered().empty());
}

TEST_F(unregister, case_11_a_session_without_registration_is_said_to_have_none) {
    const auto id = daemon.connect(target, "disk1", false).at(0);
    const auto kept = registration_of(daemon.connect(target, "disk2", true).at(0));
    const auto answer = off({id});
    EXPECT_EQ(answer.exit, 0) << answer.err;
    expect_result(answer.only(), "not_registered", "not_registered", "not_registered", true);
    EXPECT_TRUE(answer.only().at("registration_id").is_null());
    EXPECT_EQ(registered(), std::set{kept});
    EXPECT_EQ(session(id).at("is_connected"), json::value(true));
}

TEST_F(unregister, case_16_rediscovery_brings_nothing_back_and_registering_again_keeps_chap_and_digests) {
    ASSERT_EQ(run({"portal", "add", target.portal()}).exit, 0);
    const auto login = json::object{{"target", "iqn.2026-11.test:locked"},
                                    {"portal", target.portal()},
                                    {"register", true},
                                    {"header_digest", "crc32c"},
                                    {"data_digest", "prefer"},
                                    {"chap", {{"name", "someone"}, {"secret", chap_secret}}},
                                    {"mutual_chap", {{"name", "target"}, {"secret", mutual_secret}}}};
    const auto id = text_of(daemon.ask("POST", "/v1/sessions", login).at("sessions").at(0), "id");
    auto first = list("registration").at(0).as_object();
    ASSERT_EQ(off({id}).exit, 0);
    EXPECT_EQ(run({"portal", "refresh", "--all"}).exit, 0);
    EXPECT_EQ(run({"target", "refresh", "--all"}).exit, 0);
    EXPECT_TRUE(registered().empty());
    EXPECT_EQ(session(id).at("is_persistent"), json::value(false));

    ASSERT_EQ(run({"session", "register", id}).exit, 0);
    auto second = list("registration").at(0).as_object();
    EXPECT_NE(first.at("id"), second.at("id")) << "ids of registrations are never used again";
    EXPECT_EQ(second.at("header_digest"), json::value("crc32c"));
    EXPECT_TRUE(second.at("chap_secret").is_string());
    EXPECT_TRUE(second.at("mutual_secret").is_string());
    for (const auto* own : {"id", "created_at"}) {
        first.erase(own);
        second.erase(own);
    }
    EXPECT_EQ(first, second);
    reboot();
    EXPECT_EQ(run({"session", "wait", "--timeout", "20"}).exit, 0);
    const auto back = list("session").at(0).as_object();
    EXPECT_EQ(back.at("authentication_type"), json::value("MUTUALCHAP"));
    EXPECT_EQ(back.at("is_header_digest"), json::value(true));

    ASSERT_EQ(off({text_of(back, "id")}).exit, 0);
    EXPECT_EQ(run({"portal", "refresh", "--all"}).exit, 0);
    reboot();
    EXPECT_EQ(run({"portal", "refresh", "--all"}).exit, 0);
    EXPECT_TRUE(list("session").empty());
}

}  // namespace
}  // namespace persiscsi::testing
