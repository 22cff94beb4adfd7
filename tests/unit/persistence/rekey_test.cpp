// SPDX-License-Identifier: Apache-2.0
#include "persistence/seal_key.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <optional>

namespace persiscsi::persistence::testing {
namespace {

using ::testing::HasSubstr;

struct rekey_test : ::testing::Test {
    state_directory directory;
    std::optional<session_table> table;

    void SetUp() override {
        table.emplace(directory.open());
        put(*table, "one", "user", "the first value");
        put(*table, "two", "user", "the second value");
    }
    void open_again() {
        table.reset();
        table.emplace(directory.open());
    }
    std::filesystem::path next() const { return directory.key().native() + ".next"; }
    void expect_all_open() const {
        EXPECT_EQ(table->load_secret("one").value, secret("the first value"));
        EXPECT_EQ(table->load_secret("two").value, secret("the second value"));
    }
};

TEST_F(rekey_test, seals_everything_with_a_new_key_and_leaves_no_old_one) {
    const auto before = content_of(directory.key());
    const auto sealed = table->sealed_secrets();
    EXPECT_EQ(table->rekey(false).size(), 2U);
    expect_all_open();
    EXPECT_NE(content_of(directory.key()), before);
    EXPECT_NE(table->sealed_secrets()[0].key_id, sealed[0].key_id);
    EXPECT_NE(table->sealed_secrets()[0].sealed, sealed[0].sealed);
    EXPECT_FALSE(std::filesystem::exists(next()));
    EXPECT_EQ(std::filesystem::status(directory.key()).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    open_again();
    expect_all_open();
}

TEST_F(rekey_test, rehearsal_changes_no_file) {
    const auto before = content_of(directory.file()) + content_of(directory.key());
    EXPECT_EQ(table->rekey(true).size(), 2U);
    EXPECT_EQ(content_of(directory.file()) + content_of(directory.key()), before);
    EXPECT_FALSE(std::filesystem::exists(next()));
}

TEST_F(rekey_test, cut_off_before_the_commit_the_new_key_is_dropped) {
    seal_key::create(next());
    const auto before = content_of(directory.key());
    expect_all_open();
    open_again();
    expect_all_open();
    EXPECT_EQ(content_of(directory.key()), before);
    EXPECT_FALSE(std::filesystem::exists(next()));
}

TEST_F(rekey_test, half_a_key_file_is_in_nobodys_way) {
    write_content(next().native() + ".new", "0123");
    open_again();
    EXPECT_EQ(table->rekey(false).size(), 2U);
    expect_all_open();
    EXPECT_FALSE(std::filesystem::exists(next().native() + ".new"));
}

TEST_F(rekey_test, cut_off_after_the_commit_the_new_key_takes_its_place) {
    const auto old_key = content_of(directory.key());
    (void)table->rekey(false);
    std::filesystem::rename(directory.key(), next());
    write_content(directory.key(), old_key);
    std::filesystem::permissions(directory.key(), std::filesystem::perms::owner_read);
    expect_all_open();
    put(*table, "three", "user", "put in between");
    open_again();
    expect_all_open();
    EXPECT_EQ(table->load_secret("three").value, secret("put in between"));
    EXPECT_FALSE(std::filesystem::exists(next()));
    EXPECT_NE(content_of(directory.key()), old_key);
}

TEST_F(rekey_test, secret_that_does_not_open_is_told_and_stays_as_it_is) {
    table.reset();
    directory.sql("UPDATE secrets SET key_id=x'0102030405060708' WHERE name='one'");
    std::filesystem::rename(directory.key(), directory.parent() / "lost");
    seal_key::create(directory.key());
    table.emplace(directory.open());
    put(*table, "three", "user", "of the new key");
    const auto results = table->rekey(false);
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[0].name, "two");
    EXPECT_THAT(results[0].reason, HasSubstr("not sealed with the key"));
    EXPECT_EQ(results[1].reason, "");
    EXPECT_EQ(table->load_secret("three").value, secret("of the new key"));
    EXPECT_EQ(error_of([&] { (void)table->load_secret("two"); }).errc(), store_errc::wrong_key);
}

TEST_F(rekey_test, key_from_outside_the_state_directory_is_refused) {
    table.reset();
    const auto credential = directory.parent() / "credential";
    std::filesystem::rename(directory.key(), credential);
    table.emplace(session_table::open({directory.path(), credential, {}}));
    const auto before = content_of(credential);
    const auto error = error_of([&] { (void)table->rekey(false); });
    EXPECT_EQ(error.errc(), store_errc::misuse);
    EXPECT_THAT(error.what(), HasSubstr("renew it where it comes from"));
    EXPECT_EQ(content_of(credential), before);
    expect_all_open();
}

}  // namespace
}  // namespace persiscsi::persistence::testing
