// SPDX-License-Identifier: Apache-2.0
// The power goes, or the disk stops taking writes, at each file operation of a change in turn.
#include "persistence/database.hpp"
#include "persistence/schema.hpp"
#include "tests/crash/power_cut_vfs.hpp"
#include "tests/crash/table_snapshot.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <ostream>
#include <set>
#include <span>
#include <string>

namespace persiscsi::persistence::testing {
namespace {

using ::testing::AnyOf;

constexpr std::size_t far_beyond_the_last_operation = 5000;

struct scenario {
    std::string name;
    std::function<void(session_table&)> run;  // ends with a commit

    friend std::ostream& operator<<(std::ostream& out, const scenario& shown) { return out << shown.name; }
};

// Awkward texts over a few pages.
login_record long_login(std::string_view target) {
    auto login = hostile_login();
    login.target = target;
    login.owner.resize(6000);
    login.labels.resize(1);
    return login;
}

login_record discovery_at(std::string_view host) {
    auto login = long_login("");
    login.portal_host = host;
    login.chap_secret.clear();
    login.mutual_secret.clear();
    return login;
}

std::vector<target_place> places(int from, int to) {
    std::vector<target_place> all;
    for (int n = from; n < to; ++n) all.push_back({"iqn.x:disk" + std::to_string(n), "192.0.2.7", 3260, 1});
    return all;
}

// Small and large rows, several pages, all kinds of change.
void change_much(session_table& table) {
    auto tx = table.begin();
    tx.put_secret("lab", "initiator", secret("another secret value"));
    auto login = long_login("iqn.x:long");
    login.chap_secret = "lab";
    const auto id = tx.add_registration(login);
    tx.remove_registration({2});
    tx.bind({2, 2}, id);
    tx.add_live_session({3, 3}, plain_login(), std::nullopt);
    tx.remove_secret("old");
    tx.commit();
}

const scenario scenarios[] = {
    {"register", [](session_table& table) { add(table, plain_login("iqn.x:new")); }},
    {"unregister", [](session_table& table) { remove(table, {1}); }},
    {"change_much", change_much},
    {"new_boot", [](session_table& table) { table.begin_boot(boot_b); }},
    {"disconnect",
     [](session_table& table) {
         change(table, [](transaction& tx) {
             tx.remove_live_session({1, 1});
             tx.leave_disconnected({1});
         });
     }},
    {"add_portal",
     [](session_table& table) {
         change(table, [](transaction& tx) {
             const auto login = discovery_at("new");
             tx.put_portal(login);
             tx.record_answer(login.portal_host, login.portal_port, places(0, 40));
         });
     }},
    {"rediscover",
     [](session_table& table) {
         const auto port = discovery_at("").portal_port;
         change(table, [port](transaction& tx) { tx.record_answer("old", port, places(20, 60)); });
     }},
    {"remove_portal",
     [](session_table& table) {
         const auto port = discovery_at("").portal_port;
         change(table, [port](transaction& tx) { tx.remove_portal("old", port); });
     }},
};

struct power_cut : ::testing::Test {
    state_directory model;  // the state before, never changed after SetUp
    power_cut_vfs vfs{"persiscsi-power-cut"};

    void SetUp() override {
        auto table = model.open();
        table.begin_boot(boot_a);
        put(table, "old", "initiator", "an old secret value");
        put(table, "lab", "initiator", "a secret of length");
        change(table, [](transaction& tx) {
            for (const auto* target : {"iqn.x:one", "iqn.x:two", "iqn.x:three"})
                tx.add_registration(long_login(target));
            tx.add_live_session({1, 1}, plain_login(), registration_id{1});
            tx.add_live_session({2, 2}, plain_login(), registration_id{2});
            const auto login = discovery_at("old");
            tx.put_portal(login);
            tx.record_answer(login.portal_host, login.portal_port, places(0, 40));
        });
    }
    session_table open(const state_directory& directory) const {
        auto table = session_table::open({directory.path(), {}, "persiscsi-power-cut"});
        table.begin_boot(boot_a);
        return table;
    }
    void copy_model_to(const state_directory& directory) const {
        std::filesystem::remove_all(directory.path());
        std::filesystem::copy(model.path(), directory.path(), std::filesystem::copy_options::recursive);
    }
    std::string state_after(const scenario& wanted) const {
        const state_directory directory;
        copy_model_to(directory);
        auto table = directory.open();
        table.begin_boot(boot_a);
        wanted.run(table);
        return snapshot_of(table);
    }
};

bool acknowledged(session_table& table, const scenario& wanted) {
    try {
        wanted.run(table);
        return true;
    } catch (const store_error&) {
        return false;
    }
}

struct survival {
    unsynced kind;
    unsigned seed;
};
constexpr survival survivals[] = {{unsynced::lost, 0},
                                  {unsynced::kept, 0},
                                  {unsynced::random_sectors, 1},
                                  {unsynced::random_sectors, 2},
                                  {unsynced::random_sectors, 3},
                                  {unsynced::random_sectors, 4}};

// One scenario each: ctest gives every one of them its own time.
struct power_cut_during : power_cut, ::testing::WithParamInterface<scenario> {};

INSTANTIATE_TEST_SUITE_P(each, power_cut_during, ::testing::ValuesIn(scenarios), [](const auto& chosen) {
    return chosen.param.name;
});

TEST_P(power_cut_during, change_leaves_the_old_or_the_new_state_at_any_operation) {
    const auto& wanted = GetParam();
    const auto before = snapshot_of(model.open());
    const auto after = state_after(wanted);
    ASSERT_NE(before, after);
    const state_directory directory;
    for (const auto& survivors : survivals) {
        std::size_t operation = 0;
        for (bool cut = true; cut;) {
            ASSERT_LT(++operation, far_beyond_the_last_operation);
            copy_model_to(directory);
            bool done = false;
            {
                auto table = open(directory);
                vfs.arm(operation, fault::power_cut);
                done = acknowledged(table, wanted);
                cut = vfs.struck();
            }
            vfs.settle(survivors.kind, survivors.seed + static_cast<unsigned>(operation));
            const auto found = snapshot_of(directory.open());
            ASSERT_TRUE(found == after || (found == before && !done))
                << (done ? "acknowledged," : "") << " cut at operation " << operation << "\n"
                << found << "\nbefore " << before << "\nafter " << after;
            ASSERT_TRUE(cut || done);
        }
        EXPECT_GT(operation, 5U);
    }
}

TEST_P(power_cut_during, change_is_safe_once_it_is_answered) {
    const auto after = state_after(GetParam());
    const state_directory directory;
    for (const auto& survivors : survivals) {
        copy_model_to(directory);
        {
            auto table = open(directory);
            ASSERT_TRUE(acknowledged(table, GetParam()));
            vfs.arm(1, fault::power_cut);
            EXPECT_THROW(table.begin_boot("another-boot"), store_error);
        }
        vfs.settle(survivors.kind, survivors.seed);
        EXPECT_EQ(snapshot_of(directory.open()), after);
    }
}

TEST_P(power_cut_during, disk_without_writes_costs_nothing_and_the_table_goes_on_after_repair) {
    const auto& wanted = GetParam();
    const auto before = snapshot_of(model.open());
    const auto after = state_after(wanted);
    const state_directory directory;
    std::size_t operation = 0;
    for (bool failed = true; failed;) {
        ASSERT_LT(++operation, far_beyond_the_last_operation);
        copy_model_to(directory);
        auto table = open(directory);
        vfs.arm(operation, fault::no_writes);
        const bool done = acknowledged(table, wanted);
        failed = vfs.struck();
        vfs.repair();
        const auto found = snapshot_of(table);
        ASSERT_TRUE(found == after || (found == before && !done)) << "failed at operation " << operation << "\n"
                                                                  << found;
        if (found == before) wanted.run(table);
        EXPECT_EQ(snapshot_of(table), after) << "repeated after operation " << operation;
    }
}

// The key files are beside SQLite's own: their states are those of rekey_test, these are the operations in between.
TEST_F(power_cut, while_the_key_is_renewed_leaves_every_secret_readable) {
    const auto before = snapshot_of(model.open());
    const auto old_key = content_of(model.key());
    const state_directory directory;
    for (const auto& survivors : survivals) {
        bool kept_old = false;
        std::size_t operation = 0;
        for (bool cut = true; cut;) {
            ASSERT_LT(++operation, far_beyond_the_last_operation);
            copy_model_to(directory);
            bool done = false;
            {
                auto table = open(directory);
                vfs.arm(operation, fault::power_cut);
                const scenario renew{"rekey", [](session_table& of) { (void)of.rekey(false); }};
                done = acknowledged(table, renew);
                cut = vfs.struck();
            }
            vfs.settle(survivors.kind, survivors.seed + static_cast<unsigned>(operation));
            const auto table = directory.open();
            ASSERT_EQ(snapshot_of(table), before) << "cut at operation " << operation;
            ASSERT_FALSE(std::filesystem::exists(directory.key().native() + ".next"));
            const bool renewed = content_of(directory.key()) != old_key;
            ASSERT_TRUE(renewed || !done);
            kept_old = kept_old || !renewed;
            ASSERT_TRUE(cut || done);
        }
        EXPECT_GT(operation, 5U);
        EXPECT_TRUE(kept_old);
    }
}

TEST_F(power_cut, disk_without_writes_keeps_every_secret_readable_while_the_key_is_renewed) {
    const auto before = snapshot_of(model.open());
    const state_directory directory;
    std::size_t operation = 0;
    for (bool failed = true; failed;) {
        ASSERT_LT(++operation, far_beyond_the_last_operation);
        copy_model_to(directory);
        auto table = open(directory);
        vfs.arm(operation, fault::no_writes);
        const scenario renew{"rekey", [](session_table& of) { (void)of.rekey(false); }};
        (void)acknowledged(table, renew);
        failed = vfs.struck();
        vfs.repair();
        ASSERT_EQ(snapshot_of(table), before) << "failed at operation " << operation;
        renew.run(table);
        ASSERT_EQ(snapshot_of(table), before) << "repeated after operation " << operation;
    }
}

TEST_F(power_cut, during_the_first_open_leaves_a_directory_that_opens) {
    for (const auto& survivors : survivals) {
        std::size_t operation = 0;
        for (bool cut = true; cut;) {
            ASSERT_LT(++operation, far_beyond_the_last_operation);
            const state_directory directory;
            vfs.arm(operation, fault::power_cut);
            try {
                static_cast<void>(session_table::open({directory.path(), {}, "persiscsi-power-cut"}));
            } catch (const store_error&) {
                EXPECT_TRUE(vfs.struck());
            }
            cut = vfs.struck();
            vfs.settle(survivors.kind, survivors.seed);
            EXPECT_EQ(snapshot_of(directory.open()), "") << operation;
        }
    }
}

// Every value of the file, as SQLite sees it: what no reading of ours can paper over.
std::string content_by_sqlite(const state_directory& directory) {
    const database table(directory.file(), database::mode::open_existing, {});
    std::string out = "version " + std::to_string(table.number("test", "PRAGMA user_version"));
    for (const auto* name : {"registrations", "live_sessions", "secrets", "boot", "sqlite_schema", "sqlite_sequence"}) {
        auto query = table.prepare("test", "SELECT * FROM " + std::string(name));
        while (query.step()) {
            out += '\n';
            for (int index = 0; index < query.column_count(); ++index) {
                const auto value = query.column(index);
                if (const auto* number = std::get_if<std::int64_t>(&value)) out += std::to_string(*number);
                if (const auto* text = std::get_if<std::string>(&value)) out += *text;
                if (const auto* raw = std::get_if<blob>(&value))
                    out += std::to_string(std::hash<std::string>{}(raw->bytes));
                out += '|';
            }
        }
    }
    return out;
}

bool opens_over_the_faulty_disk(const state_directory& directory) {
    try {
        static_cast<void>(session_table::open({directory.path(), {}, "persiscsi-power-cut"}));
        return true;
    } catch (const store_error&) {
        return false;
    }
}

struct power_cut_during_migration : ::testing::Test {
    state_directory old;
    state_directory migrated;
    state_directory directory;
    power_cut_vfs vfs{"persiscsi-power-cut"};
    std::set<std::string> on_the_way;  // the old table, and after each migration but the last
    std::string after;
    std::string served;

    void SetUp() override {
        old.make_version_1();
        migrated.make_version_1();
        for (std::size_t steps = 1; steps < migrations.size(); ++steps) {
            migrate(database(migrated.file(), database::mode::open_existing, {}), std::span(migrations).first(steps));
            on_the_way.insert(content_by_sqlite(migrated));
        }
        served = snapshot_of(migrated.open());
        after = content_by_sqlite(migrated);
        ASSERT_EQ(on_the_way.size(), migrations.size() - 1);
        ASSERT_TRUE(on_the_way.contains(content_by_sqlite(old)));
        ASSERT_FALSE(on_the_way.contains(after));
    }
    void start_again() const {
        std::filesystem::remove_all(directory.path());
        std::filesystem::copy(old.path(), directory.path(), std::filesystem::copy_options::recursive);
    }
};

TEST_F(power_cut_during_migration, leaves_a_whole_version_and_nothing_between_at_any_operation) {
    for (const auto& survivors : survivals) {
        std::size_t operation = 0;
        for (bool cut = true; cut;) {
            ASSERT_LT(++operation, far_beyond_the_last_operation);
            start_again();
            vfs.arm(operation, fault::power_cut);
            const bool opened = opens_over_the_faulty_disk(directory);
            cut = vfs.struck();
            vfs.settle(survivors.kind, survivors.seed + static_cast<unsigned>(operation));
            const auto found = content_by_sqlite(directory);
            ASSERT_TRUE(found == after || (on_the_way.contains(found) && !opened))
                << "cut at operation " << operation << "\n"
                << found;
            ASSERT_EQ(snapshot_of(directory.open()), served) << "cut at operation " << operation;
            ASSERT_TRUE(cut || opened);
        }
        EXPECT_GT(operation, 5U);
    }
}

TEST_F(power_cut_during_migration, disk_without_writes_leaves_a_table_that_migrates_after_repair) {
    std::size_t operation = 0;
    for (bool failed = true; failed;) {
        ASSERT_LT(++operation, far_beyond_the_last_operation);
        start_again();
        vfs.arm(operation, fault::no_writes);
        const bool opened = opens_over_the_faulty_disk(directory);
        failed = vfs.struck();
        vfs.repair();
        const auto found = content_by_sqlite(directory);
        ASSERT_TRUE(found == after || (on_the_way.contains(found) && !opened)) << "failed at operation " << operation;
        ASSERT_EQ(snapshot_of(directory.open()), served) << "failed at operation " << operation;
    }
    EXPECT_GT(operation, 5U);
}

// Adds registrations until the disk refuses.
store_errc refusal_of(transaction& tx) {
    for (int count = 0; count < 1000; ++count) {
        try {
            tx.add_registration(long_login("iqn.x:filler"));
        } catch (const store_error& error) {
            return error.errc();
        }
    }
    return {};
}

TEST_F(power_cut, transaction_goes_no_further_after_a_failed_change) {
    const state_directory directory;
    copy_model_to(directory);
    auto table = open(directory);
    const auto before = snapshot_of(table);
    for (const std::size_t operation : {1U, 2U, 3U, 8U, 40U, 200U}) {
        {
            auto tx = table.begin();
            vfs.arm(operation, fault::no_writes);
            EXPECT_THAT(refusal_of(tx), AnyOf(store_errc::full, store_errc::io)) << operation;
            vfs.repair();
            EXPECT_EQ(error_of([&] { tx.add_registration(plain_login()); }).errc(), store_errc::misuse);
            EXPECT_EQ(error_of([&] { tx.commit(); }).errc(), store_errc::misuse);
        }
        EXPECT_EQ(snapshot_of(table), before) << operation;
    }
}

}  // namespace
}  // namespace persiscsi::persistence::testing
