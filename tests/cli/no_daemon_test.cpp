// SPDX-License-Identifier: Apache-2.0
// Commands of the daemon where none answers.
#include "tests/cli/daemon_verbs_case.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

TEST(no_daemon, is_unreachable_and_says_what_to_do) {
    const temporary_directory directory;
    const auto result = run_program({"session", "list", "--runtime-dir", directory.path().string()});
    EXPECT_EQ(result.exit, 8);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find(directory.path().string() + "/persiscsid.sock"), result.err.npos) << result.err;
    EXPECT_NE(result.err.find("start persiscsid"), result.err.npos) << result.err;
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1);
}

TEST(no_daemon, leaves_pages_and_completions_a_success) {
    const temporary_directory directory;
    const auto page = run_program({"man", "session", "unregister"});
    EXPECT_EQ(page.exit, 0) << page.err;
    EXPECT_NE(page.out.find("persiscsi\\-session\\-unregister"), page.out.npos);
    EXPECT_EQ(run_program({"man", "session"}).exit, 2);
    EXPECT_EQ(run_program({"man", "session", "--directory", directory.path().string()}).exit, 2);
    const auto pages = run_program({"man", "--directory", directory.path().string(), "--json"});
    EXPECT_EQ(pages.exit, 0) << pages.err;
    const auto names = boost::json::parse(pages.out).at("pages").as_array();
    for (const auto& name : names)
        EXPECT_TRUE(std::filesystem::exists(directory.path() / (std::string(name.as_string()) + ".1"))) << name;
    const auto nowhere = run_program({"man", "--directory", (directory.path() / "nowhere").string()});
    EXPECT_EQ(nowhere.exit, 2);
    EXPECT_NE(nowhere.err.find("nowhere/persiscsi.1: No such file"), nowhere.err.npos) << nowhere.err;
    EXPECT_EQ(run_program({"completion", "bash"}).exit, 0);
    const auto unknown = run_program({"completion", "csh"});
    EXPECT_EQ(unknown.exit, 2);
    EXPECT_EQ(unknown.err, "persiscsi: completion: \"csh\" is not bash, zsh or fish\n");
    EXPECT_EQ(run_program({"completion"}).exit, 2);
}

TEST(no_daemon, leaves_doctor_what_can_be_seen_from_here) {
    const temporary_directory directory;
    directory.file("secrets.key", "x", 0644);
    const auto place = directory.path().string();
    const auto result = run_program({"doctor", "--runtime-dir", place, "--state-dir", place});
    EXPECT_EQ(result.exit, 8);
    EXPECT_TRUE(result.out.starts_with("problem: daemon: ")) << result.out;
    EXPECT_NE(result.out.find("start persiscsid"), result.out.npos) << result.out;
    for (const auto* line :
         {"\nok: state_dir: ", ": space: ", "\nproblem: key_file: ", "\nok: boot_id: ", "\nok: clock: "})
        EXPECT_NE(result.out.find(line), result.out.npos) << line << result.out;
}

TEST(no_daemon, leaves_version_a_success) {
    const temporary_directory directory;
    const auto result = run_program({"version", "--runtime-dir", directory.path().string()});
    EXPECT_EQ(result.exit, 0);
    EXPECT_EQ(result.out, "persiscsi " PERSISCSI_VERSION "\npersiscsid not reachable\n");
    EXPECT_EQ(result.err, "");
}

TEST(socket_without_permission, is_exit_code_6) {
    const temporary_directory directory;
    const fake_daemon daemon(directory.path());
    ::chmod(directory.path().c_str(), 0755);
    ::chmod((directory.path() / "persiscsid.sock").c_str(), 0);
    const auto result =
        run_program({"session", "list", "--runtime-dir", directory.path().string()}, {.as_nobody = true});
    if (result.exit == 127) GTEST_SKIP() << "the user nobody cannot execute the program where it was built";
    EXPECT_EQ(result.exit, 6) << result.err;
    EXPECT_NE(result.err.find("no permission to open the socket"), result.err.npos) << result.err;
    EXPECT_TRUE(daemon.requests().empty());
}

}  // namespace
}  // namespace persiscsi::cli
