// SPDX-License-Identifier: Apache-2.0
// Who may look, who may change, and what is written down of it.
#include "tests/integration/daemon/daemon_under_test.hpp"

#include <boost/json/parse.hpp>

#include <csignal>
#include <grp.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;

constexpr ::uid_t nobody = 65534;

class access_of_users : public ::testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
        const auto* group = ::getgrgid(nobody);
        if (group == nullptr) GTEST_SKIP() << "needs a name for group " << nobody;
        group_ = group->gr_name;
        std::filesystem::permissions(daemon.directory(), std::filesystem::perms(0755));
    }

    struct ended {
        int exit_code;
        std::string output;
    };
    ended command_of_nobody(std::vector<std::string> words) {
        words.insert(words.begin(), PERSISCSI_PROGRAM);
        words.insert(words.end(), {"--runtime-dir", daemon.run().native()});
        const auto output = daemon.directory() / "output";
        child_process command(words, {}, output, nobody);
        const int exit_code = command.wait();
        return {exit_code, content_of(output)};
    }
    std::vector<json::object> audit() const {
        std::vector<json::object> lines;
        std::istringstream all(content_of(daemon.state() / "audit.log"));
        for (std::string line; std::getline(all, line);) lines.push_back(json::parse(line).as_object());
        return lines;
    }

    running_target target;
    daemon_under_test daemon;
    std::string group_;
};

TEST_F(access_of_users, readers_see_and_change_nothing) {
    daemon.start({"--readers-group", group_});
    const auto id = daemon.connect(target, "disk1", true).front();
    const auto listed = command_of_nobody({"session", "list"});
    EXPECT_EQ(listed.exit_code, 0) << listed.output;
    EXPECT_NE(listed.output.find(id), std::string::npos) << listed.output;

    for (const auto& words : {std::vector<std::string>{"session", "unregister", id},
                              {"target", "disconnect", id, "--yes"},
                              {"secret", "remove", "one"},
                              {"read", "session:" + id + "/0", "--blocks", "1"}}) {
        const auto refused = command_of_nobody(words);
        EXPECT_EQ(refused.exit_code, 6) << refused.output;
        EXPECT_NE(refused.output.find("uid 65534 may only look: it is no operator"), std::string::npos)
            << refused.output;
    }
    EXPECT_EQ(daemon.registrations().size(), 1U);
    EXPECT_EQ(daemon.sessions().size(), 1U);
}

TEST_F(access_of_users, operators_change_everything) {
    daemon.start({"--socket-group", group_});
    const auto id = daemon.connect(target, "disk1", true).front();
    const auto done = command_of_nobody({"session", "unregister", id});
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_TRUE(daemon.registrations().empty());
}

TEST_F(access_of_users, without_a_group_others_are_not_even_let_in) {
    daemon.start();
    EXPECT_EQ(command_of_nobody({"session", "list"}).exit_code, 6);
}

TEST_F(access_of_users, the_audit_log_says_who_changed_what) {
    daemon.start({"--readers-group", group_});
    const auto id = daemon.connect(target, "disk1", true).front();
    daemon.ask("POST", "/v1/sessions/unregister", {{"ids", {id}}, {"dry_run", true}});
    daemon.ask("POST", "/v1/sessions/unregister", {{"ids", {id, "nonsense"}}});
    EXPECT_EQ(command_of_nobody({"session", "register", id}).exit_code, 6);

    const auto lines = audit();
    ASSERT_EQ(lines.size(), 4U) << "connect, two items, and the refused request; neither the list nor the rehearsal";
    EXPECT_EQ(lines[0].at("request"), "POST /v1/sessions");
    EXPECT_EQ(lines[0].at("uid"), 0);
    EXPECT_EQ(lines[0].at("pid"), ::getpid());
    EXPECT_EQ(lines[1].at("request"), "POST /v1/sessions/unregister");
    EXPECT_EQ(text_of(lines[1].at("item"), "id"), id);
    EXPECT_EQ(lines[1].at("item").at("before"), "registered");
    EXPECT_EQ(lines[1].at("item").at("after"), "not_registered");
    EXPECT_EQ(lines[2].at("item").at("result"), "not_found");
    EXPECT_EQ(lines[3].at("uid"), nobody);
    EXPECT_EQ(lines[3].at("status"), 403);
    EXPECT_EQ(lines[3].at("answer").at("error").at("code"), "forbidden");
    struct ::stat file {};
    ASSERT_EQ(::stat((daemon.state() / "audit.log").c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777U, 0600U);
}

TEST_F(access_of_users, a_change_is_made_also_where_it_cannot_be_written_down) {
    daemon.start({"--audit-log", "/dev/full"});
    const auto id = daemon.connect(target, "disk1", true).front();
    EXPECT_EQ(daemon.registrations().size(), 1U);
    EXPECT_NE(daemon.log().find("audit=failed"), std::string::npos) << daemon.log();
}

TEST_F(access_of_users, an_audit_log_that_cannot_be_opened_is_named) {
    const auto failed = daemon.start_in_vain({"--audit-log", daemon.directory().native()});
    EXPECT_NE(failed.exit_code, 0);
    EXPECT_NE(failed.output.find(daemon.directory().native()), std::string::npos) << failed.output;
}

}  // namespace
}  // namespace persiscsi::testing
