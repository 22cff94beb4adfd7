// SPDX-License-Identifier: Apache-2.0
// Unregister, cases 17 and 18: the table is damaged, cannot be written, or the daemon dies.
#include "tests/integration/daemon/unregister_case.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <atomic>
#include <csignal>
#include <map>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

constexpr ::uid_t nobody = 65534;

TEST_F(unregister, case_17_a_corrupt_row_is_named_and_can_be_unregistered_and_the_rest_is_served) {
    const auto damaged = registration_of(daemon.connect(target, "disk1", true).at(0));
    const auto healthy = registration_of(daemon.connect(target, "disk2", true).at(0));
    const auto kept = registration_of(daemon.connect(target, "disk3", true).at(0));
    ASSERT_EQ(daemon.end(SIGTERM), 0);
    ::sqlite3* table = nullptr;
    ASSERT_EQ(::sqlite3_open((daemon.state() / "sessions.db").c_str(), &table), SQLITE_OK);
    const auto harm = "UPDATE registrations SET target = 'iqn.x:y' WHERE id = " + damaged.substr(4);
    EXPECT_EQ(::sqlite3_exec(table, harm.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    ::sqlite3_close(table);
    daemon.reboot();
    daemon.start();
    EXPECT_EQ(run({"session", "wait", "--timeout", "20"}).exit, 0);
    EXPECT_EQ(registered(), (std::set{healthy, kept}));
    EXPECT_THAT(run({"status", "--json"}).out, HasSubstr(damaged));
    const auto good = off({healthy});
    EXPECT_EQ(good.exit, 0) << good.err;
    expect_result(good.only(), "unregistered", "registered", "not_registered", true);
    const auto bad = off({damaged});
    EXPECT_EQ(bad.exit, 0) << bad.err;
    expect_result(bad.only(), "unregistered", "damaged", "not_registered", false);
    EXPECT_EQ(registered(), std::set{kept});
    EXPECT_TRUE(daemon.ask("GET", "/v1/status").at("damaged_rows").as_array().empty());
}

TEST_F(unregister, case_17_a_full_disk_is_a_clear_error_and_loses_nothing) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    const auto before = registered();
    // As good as a full disk to whoever writes: no file may grow, and none may be made.
    ::rlimit whole{};
    const ::rlimit nothing{0, RLIM_INFINITY};
    ASSERT_EQ(::prlimit(daemon.process->pid(), RLIMIT_FSIZE, &nothing, &whole), 0);
    const auto failed = off({id});
    EXPECT_EQ(failed.exit, 1) << failed.out << failed.err;
    EXPECT_EQ(failed.out, "");
    EXPECT_THAT(failed.err, HasSubstr("space"));
    EXPECT_EQ(std::ranges::count(failed.err, '\n'), 1) << failed.err;
    EXPECT_EQ(registered(), before) << "and lists are served";
    EXPECT_EQ(session(id).at("is_persistent"), json::value(true));
    EXPECT_EQ(session(id).at("is_connected"), json::value(true));
    ASSERT_EQ(::prlimit(daemon.process->pid(), RLIMIT_FSIZE, &whole, nullptr), 0);
    const auto done = off({id});
    EXPECT_EQ(done.exit, 0) << done.err;
    expect_result(done.only(), "unregistered", "registered", "not_registered", true);
    crash_and_start();
    EXPECT_TRUE(registered().empty());
}

// The daemon of another user, whose files the test takes away and gives back.
class unregister_of_nobody : public unregister {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root, to run the daemon as a user without rights";
        std::filesystem::permissions(daemon.directory(), std::filesystem::perms(0755));
        for (const auto& place : {daemon.state(), daemon.run()}) {
            std::filesystem::create_directory(place);
            std::filesystem::permissions(place, std::filesystem::perms(0700));
            ASSERT_EQ(::chown(place.c_str(), nobody, nobody), 0);
        }
        daemon.start({}, nobody);
    }
    void mode(const std::filesystem::path& place, unsigned bits) const {
        std::filesystem::permissions(place, std::filesystem::perms(bits));
    }
    [[nodiscard]] std::filesystem::path table() const { return daemon.state() / "sessions.db"; }
};

TEST_F(unregister_of_nobody, case_17_a_directory_that_cannot_be_written_is_a_clear_error_and_loses_nothing) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    mode(daemon.state(), 0500);
    const auto failed = off({id});
    EXPECT_EQ(failed.exit, 6) << failed.out << failed.err;
    EXPECT_EQ(failed.out, "");
    EXPECT_THAT(failed.err, HasSubstr("sessions.db"));
    EXPECT_EQ(registered().size(), 1U);
    EXPECT_EQ(session(id).at("is_connected"), json::value(true));
    mode(daemon.state(), 0700);
    EXPECT_EQ(off({id}).exit, 0);
    EXPECT_TRUE(registered().empty());
}

TEST_F(unregister_of_nobody, case_17_a_table_that_cannot_be_read_or_written_is_named_and_left_as_it_is) {
    (void)daemon.connect(target, "disk1", true);
    const auto before = registered();
    for (const unsigned bits : {0U, 0400U}) {
        ASSERT_EQ(daemon.end(SIGTERM), 0);
        const auto content = content_of(table());
        mode(table(), bits);
        const auto failed = daemon.start_in_vain({}, nobody);
        EXPECT_EQ(failed.exit_code, 6) << failed.output;
        EXPECT_THAT(failed.output, HasSubstr("sessions.db"));
        EXPECT_EQ(content_of(table()), content);
        mode(table(), 0600);
        daemon.start({}, nobody);
        EXPECT_EQ(registered(), before);
    }
}

// Asks to unregister one after another until the daemon is gone; how many answers came, and whether one did not.
struct traffic {
    std::atomic<std::size_t> answered = 0;
    std::atomic<bool> asking = false;
    std::atomic<bool> over = false;

    void run(control::control_client client, const std::vector<std::string>& ids) {
        try {
            for (const auto& id : ids) {
                asking = true;
                const auto answer =
                    client.call("POST", "/v1/sessions/unregister", json::object{{"ids", {id}}}, patience);
                if (!answer.ok()) break;
                asking = false;
                ++answered;
            }
        } catch (const control::control_error&) {
        }
        over = true;
    }
};

TEST_F(unregister, case_18_a_crash_at_any_point_leaves_the_old_or_the_new_state) {
    constexpr std::size_t sessions = 8;
    auto ids = daemon.connect(target, "disk1", true, sessions);
    std::set<std::size_t> points;
    for (unsigned round = 0; round < 16; ++round) {
        const auto all = registered();
        ASSERT_EQ(all.size(), sessions);
        std::map<std::string, std::string> registration;
        for (const auto& id : ids) registration[id] = registration_of(id);
        traffic asked;
        std::thread client([&] { asked.run(daemon.client(), ids); });
        while (!asked.over && (!asked.asking || asked.answered < round % sessions)) std::this_thread::yield();
        for (unsigned i = 0; i < (round / sessions) * 400; ++i) std::this_thread::yield();  // another moment of it
        daemon.end(SIGKILL);
        client.join();
        daemon.start();
        const auto left = registered();
        points.insert(asked.answered);
        for (std::size_t i = 0; i < sessions; ++i) {
            if (i == asked.answered) continue;  // either
            EXPECT_EQ(left.contains(registration[ids[i]]), i > asked.answered) << "session " << i;
        }
        EXPECT_GE(left.size() + asked.answered + 1, sessions);
        EXPECT_TRUE(daemon.ask("GET", "/v1/status").at("damaged_rows").as_array().empty());
        json::array wanted(ids.begin(), ids.end());
        EXPECT_EQ(daemon.wait_logged_in(wanted).size(), sessions) << "a crash takes no session away";
        daemon.ask("POST", "/v1/sessions/register", json::object{{"ids", wanted}});
    }
    EXPECT_GT(points.size(), 4U) << "the crashes came at different points";
}

}  // namespace
}  // namespace persiscsi::testing
