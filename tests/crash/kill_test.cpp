// SPDX-License-Identifier: Apache-2.0
// A child process changes the table as fast as it can and says each commit on a pipe; SIGKILL takes it at a random
// moment. What it acknowledged is there afterwards; the change in flight is there wholly or not at all.
#include "tests/crash/table_snapshot.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <poll.h>
#include <random>
#include <set>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace persiscsi::persistence::testing {
namespace {

using random_source = std::mt19937;

constexpr std::size_t most_rows = 12;
using steady = std::chrono::steady_clock;

constexpr int patience_milliseconds = 30'000;

unsigned pick(random_source& random, std::size_t below) {
    return static_cast<unsigned>(random() % below);
}

int rounds() {
    const char* wanted = std::getenv("PERSISCSI_CRASH_ROUNDS");
    return wanted == nullptr ? 60 : std::max(1, std::atoi(wanted));
}

void change_something(session_table& table, transaction& tx, random_source& random) {
    const auto registered = table.registrations();
    const auto live = table.live_sessions();
    switch (pick(random, 5)) {
        case 0:
            if (registered.size() < most_rows) tx.add_registration(plain_login("iqn.x:" + std::to_string(random())));
            break;
        case 1:
            if (!registered.empty()) tx.remove_registration(registered[pick(random, registered.size())].id);
            break;
        case 2:
            if (live.size() < most_rows) tx.add_live_session({random(), random()}, plain_login(), std::nullopt);
            break;
        case 3:
            if (!live.empty()) tx.remove_live_session(live[pick(random, live.size())].id);
            break;
        default:
            if (registered.empty() || live.empty()) break;
            const auto wanted = registered[pick(random, registered.size())].id;
            for (const auto& session : live) {
                if (session.registration == wanted) tx.bind(session.id, std::nullopt);
            }
            tx.bind(live[pick(random, live.size())].id, wanted);
    }
}

void say(int pipe_end, const std::string& line) {
    if (write(pipe_end, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(3);
}

// Never returns. "?<snapshot>" before each commit is what it is going to make true, "!" after it says that it has.
[[noreturn]] void change_until_killed(const state_directory& directory, int pipe_end, unsigned seed) {
    try {
        random_source random(seed);
        auto table = directory.open();
        table.begin_boot(boot_a);
        for (;;) {
            auto tx = table.begin();
            for (unsigned count = 1 + pick(random, 3); count > 0; --count) change_something(table, tx, random);
            say(pipe_end, '?' + snapshot_of(table) + '\n');
            tx.commit();
            say(pipe_end, "!\n");
        }
    } catch (const std::exception& error) {
        say(pipe_end, "#" + std::string(error.what()) + '\n');
    }
    _exit(2);
}

// What the child said, folded as it arrives.
struct child_story {
    std::string acknowledged;              // starts as what the table held before
    std::optional<std::string> in_flight;  // an empty text is an empty table, not "none"
    std::string complaint;
    std::string unfinished_line;
    std::size_t lines = 0;
    steady::time_point asked{};                // when the last "?" was heard
    steady::duration longest_commit{500'000};  // from "?" to "!", 500 us before any was heard

    void hear(std::string_view bytes) {
        unfinished_line += bytes;
        for (auto end = unfinished_line.find('\n'); end != std::string::npos; end = unfinished_line.find('\n')) {
            const auto line = unfinished_line.substr(0, end);
            unfinished_line.erase(0, end + 1);
            ++lines;
            if (line.front() == '?') {
                in_flight = line.substr(1);
                asked = steady::now();
            }
            if (line.front() == '!') {
                acknowledged = std::exchange(in_flight, std::nullopt).value();
                longest_commit = std::max(longest_commit, steady::now() - asked);
            }
            if (line.front() == '#') complaint = line;
        }
    }
    // False: the child has closed the pipe, or says nothing for too long.
    bool listen(int pipe_end) {
        pollfd waiting{pipe_end, POLLIN, 0};
        if (poll(&waiting, 1, patience_milliseconds) != 1) return false;
        char bytes[65536];
        const auto got = read(pipe_end, bytes, sizeof bytes);
        if (got > 0) hear({bytes, static_cast<std::size_t>(got)});
        return got > 0;
    }
};

// The moment of death is meant to be anywhere in a commit: time itself is the input here, no condition is awaited.
void spin_below(steady::duration longest, random_source& random) {
    const auto end =
        steady::now() + steady::duration(std::uniform_int_distribution<steady::rep>(0, longest.count())(random));
    while (steady::now() < end) {
    }
}

child_story run_and_kill(const state_directory& directory, std::string before, random_source& random) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe");
    const auto seed = static_cast<unsigned>(random());
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        change_until_killed(directory, ends[1], seed);
    }
    close(ends[1]);
    child_story story;
    story.acknowledged = std::move(before);
    const std::size_t enough = 1 + pick(random, 40);
    while (story.lines < enough && story.listen(ends[0])) {
    }
    spin_below(story.longest_commit * 3 / 2, random);
    kill(child, SIGKILL);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << story.complaint;
    while (story.listen(ends[0])) {
    }
    close(ends[0]);
    EXPECT_GE(story.lines, enough) << "the child stopped by itself";
    EXPECT_EQ(story.complaint, "");
    return story;
}

std::set<registration_id> ids_of(const session_table& table) {
    std::set<registration_id> ids;
    for (const auto& record : table.registrations()) ids.insert(record.id);
    return ids;
}

TEST(kill_test, acknowledged_changes_survive_sigkill_at_any_moment) {
    const state_directory directory;
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_source random(seed);
    int new_state = 0;
    int old_state = 0;
    std::set<registration_id> before;
    registration_id newest{};
    std::string snapshot = snapshot_of(directory.open());
    for (int round = 0; round < rounds(); ++round) {
        const auto story = run_and_kill(directory, snapshot, random);
        const auto table = directory.open();
        snapshot = snapshot_of(table);
        if (story.in_flight) {
            ASSERT_THAT(snapshot, ::testing::AnyOf(story.acknowledged, *story.in_flight)) << "round " << round;
            ++(snapshot == *story.in_flight ? new_state : old_state);
        } else {
            ASSERT_EQ(snapshot, story.acknowledged) << "round " << round;
        }
        const auto now = ids_of(table);
        for (const auto id : now) EXPECT_TRUE(before.contains(id) || id > newest) << id << " was given twice";
        if (!now.empty()) newest = std::max(newest, *now.rbegin());
        before = now;
    }
    RecordProperty("killed_in_flight_old_state", old_state);
    RecordProperty("killed_in_flight_new_state", new_state);
}

TEST(kill_test, first_open_killed_at_any_moment_leaves_a_directory_that_opens) {
    random_source random(std::random_device{}());
    const auto start = steady::now();
    state_directory().open();
    const auto whole_open = steady::now() - start;
    for (int round = 0; round < rounds() / 2 + 1; ++round) {
        const state_directory directory;
        const pid_t child = fork();
        if (child == 0) {
            static_cast<void>(directory.open());
            _exit(0);
        }
        spin_below(whole_open * 3 / 2, random);
        kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        auto table = directory.open();
        put(table, "lab", "initiator", "a secret of length");
        EXPECT_EQ(add(table, plain_login()), registration_id{1});
    }
}

}  // namespace
}  // namespace persiscsi::persistence::testing
