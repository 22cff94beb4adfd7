// SPDX-License-Identifier: Apache-2.0
// A table of an older version becomes one of this version: intact rows stay intact, damaged ones stay set aside.
#include "persistence/checked_rows.hpp"
#include "persistence/record_rows.hpp"
#include "persistence/schema.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gmock/gmock.h>

namespace persiscsi::persistence::testing {
namespace {

using ::testing::ElementsAre;

struct migration_test : ::testing::Test {
    state_directory directory;

    static std::vector<std::string> columns_in(const database& table, std::string_view name) {
        std::vector<std::string> columns;
        auto query =
            table.prepare("test", "SELECT name FROM pragma_table_info(?1) WHERE name<>'checksum' ORDER BY cid");
        query.bind(1, std::string(name));
        while (query.step()) columns.push_back(std::get<std::string>(query.column(0)));
        return columns;
    }
    std::int64_t version() const {
        return database(directory.file(), database::mode::open_existing, {}).number("test", "PRAGMA user_version");
    }
};

login_record first_login_of_version_1() {
    auto login = plain_login();
    login.portal_host = "2001:db8::7";
    login.portal_port = 3261;
    login.isid = 0x800000000001;
    login.chap_secret = "lab";
    login.header_digest = digest_wish::crc32c;
    login.data_digest = digest_wish::prefer;
    login.parameters = {{"MaxBurstLength", "262144"}, {"CHAP_A", "7"}};
    login.connections = 2;
    login.recovery = {recovery_policy::fail_after, std::chrono::seconds(30)};
    login.interface_address = "2001:db8::1";
    login.owner = "it's \"ours\"";
    login.labels = {{"rack", "17"}};
    return login;
}

TEST_F(migration_test, intact_rows_of_version_1_come_over_as_they_were) {
    directory.make_version_1();
    auto table = directory.open();
    const auto registrations = table.registrations();
    ASSERT_EQ(registrations.size(), 2U);
    EXPECT_EQ(registrations[0].id, registration_id{1});
    EXPECT_EQ(registrations[0].login, first_login_of_version_1());
    EXPECT_EQ(registrations[0].disconnected_in, "");
    EXPECT_EQ(registrations[0].created_at.time_since_epoch().count(), 1795592628237150);
    EXPECT_EQ(registrations[1].id, registration_id{3});
    EXPECT_EQ(registrations[1].login.tls, tls_wish{});
    const auto live = table.live_sessions();
    ASSERT_EQ(live.size(), 2U);
    EXPECT_EQ(live[0].login, first_login_of_version_1());
    EXPECT_EQ(live[0].registration, registration_id{1});
    EXPECT_EQ(live[1].login.target, "iqn.2024-01.example:disk4");
    EXPECT_EQ(table.load_secret("lab").value.reveal(), "a secret of length");
    const auto report = table.begin_boot(boot_a);
    EXPECT_TRUE(report.same_boot);
    EXPECT_EQ(report.to_resume.size(), 2U);
    EXPECT_EQ(add(table, plain_login()), registration_id{5});  // reg-4 was given once
}

TEST_F(migration_test, damaged_rows_of_version_1_stay_set_aside_and_untouched) {
    directory.make_version_1();
    directory.open();
    EXPECT_EQ(version(), 3);
    const auto damaged = directory.open().damaged_rows();
    EXPECT_THAT(damaged,
                ElementsAre(damaged_row{"registrations", "reg-2", "checksum does not match"},
                            damaged_row{"live_sessions", "row 3", "checksum does not match"}));
    const database table(directory.file(), database::mode::open_existing, {});
    EXPECT_EQ(table.number("test",
                           "SELECT count(*) FROM registrations WHERE id=2 AND target='iqn.2024-01.example:evil' AND "
                           "hex(checksum) LIKE '198BDD54A1CF%'"),
              1);
}

TEST_F(migration_test, file_with_a_broken_page_is_not_migrated) {
    directory.make_version_1();
    const auto content = content_of(directory.file());
    constexpr std::size_t page = 4096;
    ASSERT_GE(content.size(), 6 * page);  // one of them is sqlite_sequence, which no migration reads
    for (std::size_t start = page; start < content.size(); start += page) {
        auto broken = content;
        broken[start] = '\x55';
        write_content(directory.file(), broken);
        EXPECT_EQ(error_of([&] { directory.open(); }).errc(), store_errc::damaged) << start;
        EXPECT_EQ(content_of(directory.file()), broken) << start;
    }
}

TEST_F(migration_test, order_of_columns_is_that_of_the_file) {
    directory.open();
    const database table(directory.file(), database::mode::open_existing, {});
    for (const auto* shape :
         {&registrations_shape, &live_sessions_shape, &secrets_shape, &boot_shape, &portals_shape, &places_shape})
        EXPECT_EQ(columns_in(table, shape->name),
                  std::vector<std::string>(shape->columns.begin(), shape->columns.end()));
}

// What the next migration takes: a row of SQL.
TEST_F(migration_test, any_change_of_columns_and_values_keeps_intact_rows_intact_and_damaged_ones_damaged) {
    directory.make_version_1();
    directory.open();
    const migration steps[] = {{1, ""},
                               {2, ""},
                               {3, ""},
                               {4,
                                "ALTER TABLE registrations DROP COLUMN owner;"
                                "ALTER TABLE registrations ADD COLUMN colour TEXT;"
                                "UPDATE registrations SET colour='red', portal_port=portal_port+1;"
                                "CREATE TABLE further (number INTEGER PRIMARY KEY, checksum BLOB);"
                                "DROP TABLE live_sessions"}};
    const database table(directory.file(), database::mode::open_existing, {});
    migrate(table, steps);
    auto shape = registrations_shape;
    std::erase(shape.columns, "owner");
    shape.columns.push_back("colour");
    std::vector<bool> intact;
    for (const auto& row : read_rows(table, "test", shape)) intact.push_back(row.intact);
    EXPECT_THAT(intact, ElementsAre(true, false, true));
    EXPECT_EQ(table.number("test", "SELECT portal_port FROM registrations WHERE id=3"), 3261);
}

}  // namespace
}  // namespace persiscsi::persistence::testing
