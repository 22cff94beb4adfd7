// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/daemon/daemon_under_test.hpp"

#include <boost/json/serialize.hpp>

#include <csignal>
#include <fstream>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;

void expect_no_secret(const std::string& text, const std::string& where) {
    for (const auto secret : {chap_secret, mutual_secret, std::string_view("stored-Maple-5513-ferry")})
        EXPECT_EQ(text.find(secret), std::string::npos) << "a secret in " << where;
}

TEST(secrecy, no_secret_in_answers_log_command_line_or_state) {
    const running_target target;
    daemon_under_test daemon;
    daemon.start({"--debug"});
    daemon.connect(target, "locked", true);
    daemon.ask(
        "PUT", "/v1/secrets/stored", json::object{{"chap_name", "other"}, {"secret", "stored-Maple-5513-ferry"}});
    const auto wrong = daemon.refused("POST",
                                      "/v1/sessions",
                                      json::object{{"target", "iqn.2026-11.test:locked"},
                                                   {"portal", target.portal()},
                                                   {"another", true},
                                                   {"chap_secret", "stored"}});
    expect_no_secret(wrong.message, "an error");
    for (const auto* path : {"/v1/status", "/v1/sessions", "/v1/registrations", "/v1/secrets", "/v1/connections"})
        expect_no_secret(json::serialize(daemon.ask("GET", path)), path);
    const auto process = "/proc/" + std::to_string(daemon.process->pid());
    expect_no_secret(content_of(process + "/cmdline"), "the command line");
    expect_no_secret(content_of(process + "/environ"), "the environment");
    EXPECT_EQ(daemon.end(SIGTERM), 0);
    EXPECT_NE(daemon.log().find("request=connect"), std::string::npos);
    expect_no_secret(daemon.log(), "the log");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(daemon.state()))
        if (entry.is_regular_file()) expect_no_secret(content_of(entry.path()), entry.path().native());
}

TEST(secrecy, a_stored_secret_logs_in_and_cannot_be_removed_while_used) {
    const running_target target;
    daemon_under_test daemon;
    daemon.start();
    const auto created =
        daemon.ask("PUT", "/v1/secrets/mine", json::object{{"chap_name", "someone"}, {"secret", chap_secret}});
    EXPECT_EQ(text_of(created, "result"), "created");
    daemon.ask(
        "POST",
        "/v1/sessions",
        json::object{{"target", "iqn.2026-11.test:locked"}, {"portal", target.portal()}, {"chap_secret", "mine"}});
    const auto refused = daemon.ask("DELETE", "/v1/secrets", json::object{{"names", {"mine"}}}).at("results").at(0);
    EXPECT_EQ(text_of(refused, "result"), "refused");
    daemon.ask("DELETE", "/v1/sessions", json::object{{"all", true}});
    const auto removed = daemon.ask("DELETE", "/v1/secrets", json::object{{"names", {"mine"}}}).at("results").at(0);
    EXPECT_EQ(text_of(removed, "result"), "removed");
    EXPECT_EQ(daemon.refused("PUT", "/v1/secrets/auto-7", json::object{{"chap_name", "x"}, {"secret", "y"}}).exit, 2);
}

TEST(secrecy, a_corrected_secret_ends_the_failing_reconnect_after_a_boot) {
    const running_target target;
    daemon_under_test daemon;
    daemon.start();
    const auto store = [&](std::string_view value) {
        daemon.ask("PUT", "/v1/secrets/mine", json::object{{"chap_name", "someone"}, {"secret", value}});
    };
    store(chap_secret);
    daemon.ask("POST",
               "/v1/sessions",
               json::object{{"target", "iqn.2026-11.test:locked"},
                            {"portal", target.portal()},
                            {"register", true},
                            {"chap_secret", "mine"}});
    store("an-outdated-one-77");
    EXPECT_EQ(text_of(daemon.sessions()[0], "state"), "logged_in");
    daemon.end(SIGKILL);
    daemon.reboot();
    daemon.start();
    daemon.wait_until([&] { return daemon.sessions()[0].at("last_error").is_string(); }, "the login refused");
    store(chap_secret);
    EXPECT_EQ(daemon.wait_logged_in().size(), 1U);
}

TEST(secrecy, the_socket_and_the_state_are_for_their_owner_only) {
    daemon_under_test daemon;
    daemon.start();
    const auto mode = [](const std::filesystem::path& path) { return std::filesystem::status(path).permissions(); };
    EXPECT_EQ(mode(daemon.state()), std::filesystem::perms(0700));
    EXPECT_EQ(mode(daemon.run()), std::filesystem::perms(0700));
    EXPECT_EQ(mode(daemon.socket()), std::filesystem::perms(0660));
}

TEST(secrecy, core_dumps_are_off) {
    daemon_under_test daemon;
    daemon.start();
    daemon.end(SIGKILL);
    const auto marks = daemon.directory() / "limits";
    child_process plain({PERSISCSID_PROGRAM, "--state-dir", daemon.state(), "--runtime-dir", daemon.run()},
                        {{"PERSISCSI_BOOT_ID_FILE", daemon.boot_file()}},
                        marks);
    const auto until = std::chrono::steady_clock::now() + patience;
    while (content_of(marks).find("started") == std::string::npos) {
        ASSERT_LT(std::chrono::steady_clock::now(), until) << content_of(marks);
        ASSERT_FALSE(plain.ended_within(std::chrono::milliseconds(5))) << content_of(marks);
    }
    const auto limits = content_of("/proc/" + std::to_string(plain.pid()) + "/limits");
    if (limits.empty()) GTEST_SKIP() << "only root may look into a process that forbids core dumps";
    const auto line = limits.substr(limits.find("Max core file size"), 60);
    EXPECT_NE(line.find(" 0 "), std::string::npos) << line;
}

}  // namespace
}  // namespace persiscsi::testing
