// SPDX-License-Identifier: Apache-2.0
// A damaged row is set aside and named; the healthy ones are served.
#include "persistence/checked_rows.hpp"
#include "persistence/record_rows.hpp"
#include "persistence/schema.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace persiscsi::persistence::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct damage_test : ::testing::Test {
    state_directory directory;

    void SetUp() override {
        auto table = directory.open();
        table.begin_boot(boot_a);
        put(table, "lab", "initiator", "a secret of length");
        put(table, "prod", "initiator", "a secret of length");
        change(table, [](transaction& tx) {
            for (const auto* target : {"iqn.x:one", "iqn.x:two", "iqn.x:three"})
                tx.add_registration(plain_login(target));
            tx.add_live_session({1, 1}, plain_login(), registration_id{1});
            tx.add_live_session({2, 2}, plain_login(), registration_id{2});
        });
    }
    static std::vector<std::string> targets(const session_table& table) {
        std::vector<std::string> out;
        for (const auto& record : table.registrations()) out.push_back(record.login.target);
        return out;
    }
};

TEST_F(damage_test, damaged_registration_hides_no_other) {
    directory.sql("UPDATE registrations SET target='iqn.x:evil' WHERE id=2");
    const auto before = content_of(directory.file());
    {
        const auto table = directory.open();
        EXPECT_THAT(targets(table), ElementsAre("iqn.x:one", "iqn.x:three"));
        EXPECT_THAT(table.damaged_rows(),
                    ElementsAre(damaged_row{"registrations", "reg-2", "checksum does not match"}));
        const auto error = error_of([&] { static_cast<void>(table.find_registration({2})); });
        EXPECT_EQ(error.errc(), store_errc::damaged);
        EXPECT_THAT(error.what(), HasSubstr("read registration reg-2: damaged (row 2 of registrations"));
    }
    EXPECT_EQ(content_of(directory.file()), before);
}

TEST_F(damage_test, every_column_is_covered_by_the_checksum) {
    const struct {
        const table_shape& shape;
        std::string_view key;
    } tables[] = {{registrations_shape, "id"},
                  {live_sessions_shape, "number"},
                  {secrets_shape, "number"},
                  {boot_shape, "number"}};
    for (const auto& [shape, key] : tables) {
        for (const auto column : shape.columns) {
            if (column == key) continue;
            const std::string name(column);
            const std::string where = " WHERE " + std::string(key) + "=1";
            const std::string aside =
                "CREATE TABLE aside AS SELECT " + name + " AS v FROM " + std::string(shape.name) + where;
            directory.sql(aside + "; UPDATE " + std::string(shape.name) + " SET " + name + "=CASE WHEN " + name +
                          " IS 3 THEN 4 ELSE 3 END" + where);
            EXPECT_EQ(directory.open().damaged_rows().size(), 1U) << shape.name << '.' << name;
            directory.sql("UPDATE " + std::string(shape.name) + " SET " + name + "=(SELECT v FROM aside)" + where +
                          "; DROP TABLE aside");
            EXPECT_TRUE(directory.open().damaged_rows().empty()) << shape.name << '.' << name;
        }
    }
}

TEST_F(damage_test, row_copied_to_another_id_is_damaged) {
    directory.sql("UPDATE registrations SET id=9 WHERE id=3");
    EXPECT_THAT(directory.open().damaged_rows(),
                ElementsAre(damaged_row{"registrations", "reg-9", "checksum does not match"}));
}

TEST_F(damage_test, values_of_the_wrong_type_or_range_are_refused_behind_a_right_checksum) {
    const struct {
        std::string_view column;
        sql_value value;
        std::string_view reason;
    } cases[] = {
        {"portal_port", std::int64_t{65536}, "portal_port is out of range: 65536"},
        {"portal_port", std::int64_t{-1}, "portal_port is out of range: -1"},
        {"portal_port", std::int64_t{0}, "portal port is 0"},
        {"isid", std::int64_t{-1}, "isid is out of range: -1"},
        {"isid", std::int64_t{1} << 48U, "isid has more than 48 bits"},
        {"target", std::monostate{}, "target has the wrong type"},
        {"target", std::string(), "target is empty"},
        {"target", blob{"iqn"}, "target has the wrong type"},
        {"header_digest", std::string("sha1"), "header_digest is not what was ever written there"},
        {"recovery_policy", std::string(), "recovery_policy is not what was ever written there"},
        {"recovery_limit", std::int64_t{-5}, "recovery limit of -5 s with wait_for_ever"},
        {"parameters", std::string("1:a,"), "parameters is not what was ever written there"},
        {"created_at", std::string("now"), "created_at has the wrong type"},
        {"tls", std::int64_t{2}, "tls is out of range: 2"},
        {"tls_verify", std::int64_t{0}, "options of TLS without TLS"},
        {"tls_ca", std::monostate{}, "tls_ca has the wrong type"},
        {"tls_key", std::string("/key"), "options of TLS without TLS"},
        {"disconnected_in", std::string("two words"), "disconnected_in is no boot id"},
    };
    for (const auto& [column, value, reason] : cases) {
        {
            const auto table = open_database(directory.file(), {});
            auto values = read_rows(table, "test", registrations_shape, "id", std::int64_t{1}).front().values;
            const auto& columns = registrations_shape.columns;
            values[static_cast<std::size_t>(std::ranges::find(columns, column) - columns.begin())] = value;
            values.front() = std::int64_t{4};
            table.execute("test", "DELETE FROM registrations WHERE id=4; INSERT INTO registrations(id) VALUES (4)");
            replace_row(table, "test", registrations_shape, values);
        }
        const auto table = directory.open();
        EXPECT_THAT(table.damaged_rows(), ElementsAre(damaged_row{"registrations", "reg-4", std::string(reason)}));
        EXPECT_EQ(table.registrations().size(), 3U);
    }
}

TEST_F(damage_test, emptied_rows_are_set_aside) {
    directory.sql(
        "UPDATE registrations SET target=NULL, checksum=NULL WHERE id=1;"
        "UPDATE secrets SET sealed=NULL WHERE name='lab';"
        "UPDATE live_sessions SET id=zeroblob(3) WHERE number=1");
    auto table = directory.open();
    EXPECT_EQ(table.registrations().size(), 2U);
    EXPECT_EQ(table.live_sessions().size(), 1U);
    EXPECT_EQ(table.secrets().size(), 1U);
    EXPECT_EQ(table.damaged_rows().size(), 3U);
    EXPECT_EQ(table.load_secret("prod").chap_name, "initiator");
    EXPECT_EQ(error_of([&] { static_cast<void>(table.load_secret("lab")); }).errc(), store_errc::damaged);
}

TEST_F(damage_test, damaged_rows_can_be_removed_and_replaced) {
    directory.sql("UPDATE registrations SET owner='x' WHERE id=2; UPDATE secrets SET created_at=1");
    auto table = directory.open();
    EXPECT_TRUE(remove(table, {2}));
    put(table, "lab", "initiator", "a secret of length");
    change(table, [](transaction& tx) { EXPECT_TRUE(tx.remove_secret("prod")); });
    EXPECT_TRUE(table.damaged_rows().empty());
}

// Whatever single byte of the file goes bad: an error, or healthy rows and only healthy rows; never a wrong value.
TEST_F(damage_test, any_flipped_byte_is_refused_or_set_aside) {
    const auto healthy = content_of(directory.file());
    const auto written = directory.open().registrations();
    std::size_t refused = 0;
    std::size_t set_aside = 0;
    for (std::size_t offset = 0; offset < healthy.size(); offset += 29) {
        auto damaged = healthy;
        damaged[offset] = static_cast<char>(damaged[offset] ^ 0x41);
        write_content(directory.file(), damaged);
        try {
            const auto table = directory.open();
            const auto bad = table.damaged_rows();
            for (const auto& record : table.registrations()) {
                EXPECT_NE(std::ranges::find(written, record), written.end()) << offset;
            }
            set_aside += bad.size();
        } catch (const store_error& error) {
            EXPECT_THAT(
                error.errc(),
                ::testing::AnyOf(store_errc::damaged, store_errc::newer_version, store_errc::read_only, store_errc::io))
                << offset << ": " << error.what();
            ++refused;
        }
        if (std::filesystem::exists(directory.path() / "sessions.db-journal"))
            ADD_FAILURE() << "written to at " << offset;
    }
    EXPECT_GT(refused, 0U);
    EXPECT_GT(set_aside, 0U);
}

}  // namespace
}  // namespace persiscsi::persistence::testing
