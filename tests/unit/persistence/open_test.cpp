// SPDX-License-Identifier: Apache-2.0
// Opening: who may, what is made, what is refused. A refused file stays byte for byte what it was.
#include "persistence/schema.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace persiscsi::persistence::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct open_test : ::testing::Test {
    state_directory directory;

    store_error refusal() const {
        return error_of([&] { directory.open(); });
    }
    // The code a child process ends open() with, after `prepare`, which answers whether it could. 0: it opened;
    // -1: not prepared.
    int code_in_child(const std::function<bool()>& prepare) const {
        const pid_t child = fork();
        if (child == 0) {
            if (!prepare()) _exit(99);
            try {
                static_cast<void>(directory.open());
            } catch (const store_error& error) {
                _exit(error.code().value());
            }
            _exit(0);
        }
        int status = 0;
        EXPECT_EQ(waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFEXITED(status));
        return WEXITSTATUS(status) == 99 ? -1 : WEXITSTATUS(status);
    }
};

// Root passes every permission check; nobody does not.
bool become_nobody() {
    constexpr uid_t nobody = 65534;
    return geteuid() != 0 || (setgid(nobody) == 0 && setuid(nobody) == 0);
}

unsigned mode_of(const std::filesystem::path& file) {
    struct stat status {};
    EXPECT_EQ(stat(file.c_str(), &status), 0) << file;
    return status.st_mode & 07777U;
}

TEST_F(open_test, makes_directory_and_files_for_the_owner_alone) {
    const auto before = umask(0);
    directory.open();
    umask(before);
    EXPECT_EQ(mode_of(directory.path()), 0700U);
    EXPECT_EQ(mode_of(directory.file()), 0600U);
    EXPECT_EQ(mode_of(directory.path() / "lock"), 0600U);
}

TEST_F(open_test, does_not_make_the_parent_directory) {
    const auto error = error_of([&] { session_table::open({directory.parent() / "a" / "b", {}, {}}); });
    EXPECT_EQ(error.errc(), store_errc::not_found);
    EXPECT_EQ(error_of([&] { session_table::open({}); }).errc(), store_errc::misuse);
}

TEST_F(open_test, second_owner_is_refused_naming_the_first) {
    {
        const auto owner = directory.open();
        const auto error = refusal();
        EXPECT_EQ(error.errc(), store_errc::locked);
        EXPECT_THAT(error.what(),
                    AllOf(HasSubstr(directory.path().native()), HasSubstr("pid " + std::to_string(getpid()))));
        EXPECT_EQ(code_in_child([] { return true; }), static_cast<int>(store_errc::locked));
    }
    directory.open();
}

TEST_F(open_test, lock_of_a_dead_process_does_not_hold) {
    ASSERT_EQ(code_in_child([&] {
                  static const auto kept = directory.open();
                  return false;
              }),
              -1);
    directory.open();
}

TEST_F(open_test, table_of_a_newer_version_is_refused_untouched) {
    directory.open();
    directory.sql("PRAGMA user_version=7");
    const auto before = content_of(directory.file());
    const auto error = refusal();
    EXPECT_EQ(error.errc(), store_errc::newer_version);
    EXPECT_THAT(error.what(), HasSubstr("table version 7, this program knows up to 3"));
    EXPECT_EQ(content_of(directory.file()), before);
}

TEST_F(open_test, migrations_run_once_and_in_order) {
    directory.open();
    const migration steps[] = {{1, "not run"},
                               {2, "not run"},
                               {3, "not run"},
                               {4, "CREATE TABLE four (a)"},
                               {5, "INSERT INTO four VALUES (5)"}};
    const database table(directory.file(), database::mode::open_existing, {});
    migrate(table, steps);
    migrate(table, steps);
    EXPECT_EQ(table.number("test", "PRAGMA user_version"), 5);
    EXPECT_EQ(table.number("test", "SELECT count(*) FROM four"), 1);
}

TEST_F(open_test, failed_migration_leaves_the_version_before_it) {
    directory.open();
    const migration steps[] = {
        {1, ""}, {2, ""}, {3, ""}, {4, "CREATE TABLE four (a)"}, {5, "CREATE TABLE five (a); SELECT * FROM nowhere"}};
    const database table(directory.file(), database::mode::open_existing, {});
    EXPECT_EQ(error_of([&] { migrate(table, steps); }).errc(), store_errc::damaged);
    EXPECT_EQ(table.number("test", "PRAGMA user_version"), 4);
    EXPECT_EQ(table.number("test", "SELECT count(*) FROM sqlite_schema WHERE name='five'"), 0);
}

TEST_F(open_test, file_that_is_no_table_is_refused_and_kept) {
    directory.open();
    for (const auto& content : {std::string(), std::string("x"), std::string(8192, 'x'), std::string(8192, '\0')}) {
        write_content(directory.file(), content);
        const auto error = refusal();
        EXPECT_EQ(error.errc(), store_errc::damaged) << content.size();
        EXPECT_THAT(error.what(), HasSubstr(directory.file().native()));
        EXPECT_EQ(content_of(directory.file()), content);
    }
}

TEST_F(open_test, table_with_a_broken_page_is_refused_and_kept) {
    {
        auto table = directory.open();
        add(table, plain_login());
    }
    constexpr std::size_t page = 4096;
    auto content = content_of(directory.file());
    ASSERT_GE(content.size(), 3 * page);
    for (std::size_t start = page; start < content.size(); start += page) {
        auto broken = content;
        broken[start] = '\x55';
        write_content(directory.file(), broken);
        EXPECT_EQ(refusal().errc(), store_errc::damaged) << start;
        EXPECT_EQ(content_of(directory.file()), broken);
    }
    write_content(directory.file(), content.substr(0, content.size() - page));
    EXPECT_EQ(refusal().errc(), store_errc::damaged);
}

TEST_F(open_test, foreign_sqlite_file_is_refused) {
    directory.open();
    std::filesystem::remove(directory.file());
    write_content(directory.file(), "");
    directory.sql("CREATE TABLE theirs (a); PRAGMA user_version=1");
    EXPECT_EQ(refusal().errc(), store_errc::damaged);
    EXPECT_THAT(refusal().what(), HasSubstr("not a session table: application id 0"));
    directory.sql("PRAGMA user_version=0");
    directory.sql("PRAGMA application_id=" + std::to_string(application_id));
    EXPECT_THAT(refusal().what(), HasSubstr("table version 0"));
}

TEST_F(open_test, anything_but_a_regular_file_is_refused) {
    directory.open();
    std::filesystem::remove(directory.file());
    ASSERT_EQ(mkfifo(directory.file().c_str(), 0600), 0);
    EXPECT_EQ(refusal().errc(), store_errc::damaged);
    std::filesystem::remove(directory.file());
    std::filesystem::create_directory(directory.file());
    EXPECT_EQ(refusal().errc(), store_errc::io);
}

TEST_F(open_test, lost_table_beside_its_journal_is_not_replaced) {
    directory.open();
    std::filesystem::remove(directory.file());
    write_content(directory.path() / "sessions.db-journal", "left over");
    EXPECT_EQ(refusal().errc(), store_errc::damaged);
    EXPECT_FALSE(std::filesystem::exists(directory.file()));
}

TEST_F(open_test, half_made_table_of_a_crash_is_replaced) {
    std::filesystem::create_directory(directory.path());
    write_content(directory.path() / "sessions.db.new", "half");
    write_content(directory.path() / "secrets.key.new", "half");
    directory.open();
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "sessions.db.new"));
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "secrets.key.new"));
}

TEST_F(open_test, file_without_permission_is_refused) {
    directory.open();
    ASSERT_EQ(chmod(directory.parent().c_str(), 0755), 0);
    ASSERT_EQ(chmod(directory.path().c_str(), 0777), 0);
    ASSERT_EQ(chmod((directory.path() / "lock").c_str(), 0666), 0);
    ASSERT_EQ(chmod(directory.file().c_str(), 0444), 0);
    EXPECT_EQ(code_in_child(become_nobody), static_cast<int>(store_errc::permission));
}

TEST_F(open_test, directory_without_permission_is_refused) {
    ASSERT_EQ(chmod(directory.parent().c_str(), 0555), 0);
    EXPECT_EQ(code_in_child(become_nobody), static_cast<int>(store_errc::permission));
    ASSERT_EQ(chmod(directory.parent().c_str(), 0700), 0);
}

TEST_F(open_test, read_only_file_system_is_named_as_such) {
    directory.open();
    const int code = code_in_child([&] {
        const auto named = directory.path();
        const char* path = named.c_str();
        return unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               mount(path, path, nullptr, MS_BIND, nullptr) == 0 &&
               mount(nullptr, path, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
    });
    if (code == -1) GTEST_SKIP() << "no right to mount a read-only file system here";
    EXPECT_EQ(code, static_cast<int>(store_errc::read_only));
}

// Registers until the disk is full, checks that nothing was lost, makes room and goes on with the same table. Answers
// what went wrong, else the code of the refusal.
std::string fill_and_go_on(const state_directory& directory) {
    const auto ballast = directory.path() / "ballast";
    auto table = directory.open();
    write_content(ballast, std::string(65536, 'b'));
    auto login = plain_login();
    login.owner = std::string(20000, 'o');
    for (std::size_t kept = 0; kept < 100; ++kept) {
        try {
            add(table, login);
        } catch (const store_error& error) {
            if (table.registrations().size() != kept || !table.damaged_rows().empty()) return "rows were lost";
            std::filesystem::remove(ballast);
            add(table, login);
            return std::string(name_of(error.errc()));
        }
    }
    return "never full";
}

TEST_F(open_test, full_file_system_is_named_as_such_and_loses_nothing) {
    std::filesystem::create_directory(directory.path());
    const auto answer = directory.parent() / "answer";
    const int code = code_in_child([&] {
        const auto named = directory.path();
        if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("tmpfs", named.c_str(), "tmpfs", 0, "size=256k") != 0) {
            return false;
        }
        write_content(answer, fill_and_go_on(directory));
        return true;
    });
    if (code == -1) GTEST_SKIP() << "no right to mount a file system here";
    EXPECT_EQ(code, 0);
    EXPECT_EQ(content_of(answer), "full");
}

}  // namespace
}  // namespace persiscsi::persistence::testing
