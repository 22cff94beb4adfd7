// SPDX-License-Identifier: Apache-2.0
// Unregister, cases 20, 21, 25 and 28: who may, whether anybody is there, what is shown, and what never is.
#include "tests/integration/daemon/unregister_case.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <unistd.h>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(unregister, case_20_without_permission_it_is_exit_code_6_and_not_not_found) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
    const auto id = daemon.connect(target, "disk1", true).at(0);
    const auto refused = [&](const std::string& name, const char* by) {
        const auto answer = off({name}, {.as_nobody = true});
        EXPECT_EQ(answer.exit, 6) << by << ": " << answer.out << answer.err;
        EXPECT_EQ(answer.out, "");
        EXPECT_THAT(answer.err, Not(HasSubstr("no such"))) << by;
        EXPECT_EQ(std::ranges::count(answer.err, '\n'), 1) << answer.err;
    };
    std::filesystem::permissions(daemon.directory(), std::filesystem::perms(0755));
    refused(id, "the directory");
    refused("reg-99", "the directory");
    std::filesystem::permissions(daemon.run(), std::filesystem::perms(0755));
    refused(id, "the socket");
    std::filesystem::permissions(daemon.socket(), std::filesystem::perms(0666));
    refused(id, "the daemon");
    refused("reg-99", "the daemon");
    EXPECT_EQ(registered().size(), 1U);
    EXPECT_EQ(session(id).at("is_persistent"), json::value(true));
}

TEST_F(unregister, case_21_without_a_daemon_it_says_what_to_do_and_nothing_changed_afterwards) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    const auto before = registered();
    ASSERT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    for (const auto& operands : {std::vector<std::string>{id}, {"--all"}, {*before.begin(), "--dry-run"}}) {
        const auto answer = off(operands);
        EXPECT_EQ(answer.exit, 8) << answer.err;
        EXPECT_EQ(answer.out, "");
        EXPECT_THAT(answer.err, HasSubstr("start persiscsid"));
        EXPECT_THAT(answer.err, HasSubstr(daemon.socket().native()));
    }
    daemon.start();
    EXPECT_EQ(registered(), before);
    EXPECT_EQ(session(id).at("is_persistent"), json::value(true));
}

TEST_F(unregister, case_25_a_dry_run_reports_the_same_and_writes_nothing) {
    const auto one = daemon.connect(target, "disk1", true, 2);
    const auto plain = daemon.connect(target, "disk2", false).at(0);
    const auto orphan = daemon.connect(target, "disk3", true).at(0);
    ASSERT_EQ(change({"target", "disconnect", orphan}).exit, 0);
    const auto before = list("registration");
    const auto file = content_of(daemon.state() / "sessions.db");
    for (const auto& operands : {std::vector<std::string>{one[0], plain, "reg-99"},
                                 {one[0], plain, "reg-99", "--atomic"},
                                 {plain, "--strict"},
                                 {"--orphans"},
                                 {"--target", std::string(disk1)},
                                 {"--all"}}) {
        auto rehearsal = operands;
        rehearsal.emplace_back("--dry-run");
        const auto rehearsed = off(rehearsal);
        EXPECT_EQ(list("registration"), before);
        EXPECT_EQ(content_of(daemon.state() / "sessions.db"), file) << "not a byte";
        if (operands.front() != "--all") continue;
        const auto done = off(operands);
        EXPECT_EQ(rehearsed.exit, done.exit);
        EXPECT_EQ(rehearsed.results, done.results);
        EXPECT_EQ(rehearsed.err, done.err);
    }
    EXPECT_TRUE(registered().empty());
}

TEST_F(unregister, case_25_a_dry_run_of_items_and_of_an_atomic_request_is_what_the_real_one_says) {
    const auto id = daemon.connect(target, "disk1", true, 2).at(0);
    const auto plain = daemon.connect(target, "disk2", false).at(0);
    for (const auto& operands :
         {std::vector<std::string>{id, plain, "reg-99", "--atomic"}, {plain, "--strict"}, {id, plain, "reg-99"}}) {
        auto rehearsal = operands;
        rehearsal.emplace_back("--dry-run");
        const auto rehearsed = off(rehearsal);
        EXPECT_EQ(registered().size(), 2U);
        const auto done = off(operands);
        EXPECT_EQ(rehearsed.exit, done.exit);
        EXPECT_EQ(rehearsed.results, done.results);
        EXPECT_EQ(rehearsed.err, done.err);
    }
    EXPECT_EQ(registered().size(), 1U);
}

TEST_F(unregister, case_28_no_secret_is_in_any_output) {
    ASSERT_EQ(daemon.end(SIGTERM), 0);
    daemon.start({"--debug"});
    const auto id = daemon.connect(target, "locked", true, 2).at(0);
    std::string all;
    for (const auto& words :
         {std::vector<std::string>{"session", "unregister", id, "--dry-run", "--pass-thru", "--json"},
          {"session", "unregister", id, "reg-99", "--atomic", "--debug"},
          {"session", "unregister", id, "--pass-thru", "--verbose", "--debug"},
          {"session", "unregister", id, "--strict", "--debug"},
          {"session", "show", id, "--json", "--debug"},
          {"registration", "list", "--json", "--debug"},
          {"session", "unregister", "--all", "--pass-thru", "--json", "--debug"}}) {
        const auto done = run(words);
        EXPECT_NE(done.out + done.err, "");
        all += done.out + done.err;
    }
    EXPECT_TRUE(registered().empty());
    EXPECT_EQ(daemon.end(SIGTERM), 0);
    all += daemon.log();
    EXPECT_THAT(all, HasSubstr("request=unregister"));
    EXPECT_THAT(all, Not(HasSubstr(std::string(chap_secret))));
    EXPECT_THAT(all, Not(HasSubstr(std::string(mutual_secret))));
}

}  // namespace
}  // namespace persiscsi::testing
