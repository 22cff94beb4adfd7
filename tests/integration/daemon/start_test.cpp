// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/daemon/daemon_under_test.hpp"

#include <sqlite3.h>

#include <csignal>
#include <unistd.h>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;

constexpr ::uid_t nobody = 65534;

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

TEST(start, a_second_daemon_is_told_who_runs_and_ends_with_7) {
    daemon_under_test daemon;
    daemon.start();
    const auto second = daemon.start_in_vain();
    EXPECT_EQ(second.exit_code, 7);
    EXPECT_NE(second.output.find("pid " + std::to_string(daemon.process->pid())), std::string::npos) << second.output;
    EXPECT_EQ(lines_in(second.output), 1U) << second.output;
    const auto elsewhere = daemon.start_in_vain({"--runtime-dir", (daemon.directory() / "run2").native()});
    EXPECT_EQ(elsewhere.exit_code, 7) << elsewhere.output;
    daemon.ask("GET", "/v1/version");
}

TEST(start, the_socket_of_a_dead_daemon_is_replaced) {
    daemon_under_test daemon;
    daemon.start();
    daemon.end(SIGKILL);
    ASSERT_TRUE(std::filesystem::exists(daemon.socket()));
    daemon.start();
    daemon.ask("GET", "/v1/version");
    EXPECT_EQ(daemon.end(SIGTERM), 0);
    EXPECT_FALSE(std::filesystem::exists(daemon.socket()));
}

TEST(start, a_damaged_table_is_named_and_never_replaced) {
    daemon_under_test daemon;
    daemon.start();
    daemon.end(SIGTERM);
    const auto file = daemon.state() / "sessions.db";
    const std::string garbage(8192, 'x');
    write_content(file, garbage);
    const auto failed = daemon.start_in_vain();
    EXPECT_EQ(failed.exit_code, 1);
    EXPECT_NE(failed.output.find(file.native()), std::string::npos) << failed.output;
    EXPECT_EQ(lines_in(failed.output), 1U) << failed.output;
    EXPECT_EQ(content_of(file), garbage);
}

TEST(start, a_damaged_row_is_reported_and_the_rest_is_served) {
    const running_target target;
    daemon_under_test daemon;
    daemon.start();
    daemon.connect(target, "disk1", true);
    daemon.connect(target, "disk2", true);
    daemon.end(SIGTERM);
    ::sqlite3* table = nullptr;
    ASSERT_EQ(::sqlite3_open((daemon.state() / "sessions.db").c_str(), &table), SQLITE_OK);
    EXPECT_EQ(
        ::sqlite3_exec(table, "UPDATE registrations SET target = 'iqn.x:y' WHERE id = 1", nullptr, nullptr, nullptr),
        SQLITE_OK);
    ::sqlite3_close(table);
    daemon.reboot();
    daemon.start();
    EXPECT_EQ(daemon.wait_logged_in().size(), 1U);
    const auto damaged = daemon.ask("GET", "/v1/status").at("damaged_rows").as_array();
    ASSERT_EQ(damaged.size(), 1U);
    EXPECT_EQ(text_of(damaged[0], "id"), "reg-1");
}

TEST(start, a_state_directory_it_may_not_write_ends_with_6) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody without permission";
    daemon_under_test daemon;
    std::filesystem::permissions(daemon.directory(), std::filesystem::perms(0711));
    const auto failed = daemon.start_in_vain({"--runtime-dir", (daemon.directory() / "run").native()}, nobody);
    EXPECT_EQ(failed.exit_code, 6) << failed.output;
    EXPECT_EQ(lines_in(failed.output), 1U) << failed.output;
}

TEST(start, somebody_else_is_kept_out_by_the_directory_and_by_the_daemon) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
    daemon_under_test daemon;
    daemon.start();
    std::filesystem::permissions(daemon.directory(), std::filesystem::perms(0755));
    const auto exit_of = [&] {
        const auto child = ::fork();
        if (child == 0) {
            if (::setgid(nobody) != 0 || ::setuid(nobody) != 0) ::_exit(99);
            try {
                ::_exit(static_cast<int>(daemon.client().call("GET", "/v1/version", nullptr, patience).status / 10));
            } catch (const control::control_error& error) {
                ::_exit(error.kind() == control::control_failure::permission ? 6 : 98);
            }
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WEXITSTATUS(status);
    };
    EXPECT_EQ(exit_of(), 6);
    std::filesystem::permissions(daemon.run(), std::filesystem::perms(0755));
    std::filesystem::permissions(daemon.socket(), std::filesystem::perms(0666));
    EXPECT_EQ(exit_of(), 40);
}

TEST(start, options_that_make_no_sense_end_with_2) {
    daemon_under_test daemon;
    EXPECT_EQ(daemon.start_in_vain({"--nonsense"}).exit_code, 2);
    EXPECT_EQ(daemon.start_in_vain({"--initiator-name", "me"}).exit_code, 2);
    EXPECT_EQ(daemon.start_in_vain({"--socket-group", "no such group"}).exit_code, 2);
    EXPECT_EQ(daemon.start_in_vain({"--runtime-dir", "/" + std::string(120, 'x')}).exit_code, 2);
}

TEST(start, a_handover_without_a_daemon_ends_with_8) {
    daemon_under_test daemon;
    EXPECT_EQ(daemon.start_in_vain({"--handover"}).exit_code, 8);
}

TEST(start, the_initiator_name_is_made_up_once) {
    daemon_under_test daemon;
    daemon.start();
    const auto name = text_of(daemon.ask("GET", "/v1/status"), "initiator_name");
    daemon.end(SIGTERM);
    daemon.start();
    EXPECT_EQ(text_of(daemon.ask("GET", "/v1/status"), "initiator_name"), name);
    daemon.end(SIGTERM);
    daemon.start({"--initiator-name", "iqn.2026-11.test:me"});
    EXPECT_EQ(text_of(daemon.ask("GET", "/v1/status"), "initiator_name"), "iqn.2026-11.test:me");
}

}  // namespace
}  // namespace persiscsi::testing
