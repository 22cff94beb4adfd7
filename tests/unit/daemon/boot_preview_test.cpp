// SPDX-License-Identifier: Apache-2.0
#include "daemon/boot_preview.hpp"

#include "daemon/connect_jobs.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

namespace persiscsi::daemon {
namespace {

using namespace persistence::testing;

persistence::login_record login_to(std::string_view target, std::string_view secret = "") {
    auto login = plain_login(target);
    login.chap_secret = secret;
    return login;
}

class boot_preview : public ::testing::Test {
  protected:
    void open() { table.emplace(directory.open()); }
    // One of each kind, before the table is opened a last time.
    void SetUp() override {
        open();
        (void)table->begin_boot(boot_a);
        put(*table, "good", "user", "of good value");
        put(*table, "lost", "user", "to be gone soon");
        change(*table, [](auto& tx) {
            const auto live = tx.add_registration(login_to("iqn.2024-01.example:live", "good"));
            tx.add_live_session({1, 1}, login_to("iqn.2024-01.example:live", "good"), live);
            tx.leave_disconnected(tx.add_registration(login_to("iqn.2024-01.example:away")));
            tx.add_registration(login_to("iqn.2024-01.example:no-secret", "lost"));
            const auto damaged = tx.add_registration(login_to("iqn.2024-01.example:damaged"));
            tx.add_live_session({2, 2}, login_to("iqn.2024-01.example:damaged"), damaged);
            tx.add_live_session({3, 3}, login_to("iqn.2024-01.example:loose"), std::nullopt);
        });
        table.reset();
        directory.sql("DELETE FROM secrets WHERE name='lost'; UPDATE registrations SET owner='x' WHERE id=4");
        open();
        (void)table->begin_boot(boot_a);
    }
    std::multiset<std::string> foretold() {
        std::multiset<std::string> targets;
        for (const auto& one : preview_boot(*table))
            if (one.will_log_in) targets.insert(one.target);
        return targets;
    }
    std::multiset<std::string> come_back() {
        std::multiset<std::string> targets;
        for (const auto& one : plan_boot(*table, boot_b).sessions)
            if (one.broken.empty()) targets.insert(one.login.target);
        return targets;
    }

    state_directory directory;
    std::optional<persistence::session_table> table;
};

TEST_F(boot_preview, gives_each_its_reason) {
    std::map<std::string, std::pair<std::string, bool>> seen;
    for (const auto& one : preview_boot(*table)) seen[one.id] = {std::string(one.reason), one.will_log_in};
    const std::map<std::string, std::pair<std::string, bool>> wanted{
        {"reg-1", {"registered", true}},
        {"reg-2", {"disconnected_by_hand", true}},
        {"reg-3", {"cannot_log_in", false}},
        {"reg-4", {"damaged_row", false}},
        {"0000000000000002-0000000000000002", {"damaged_row", false}},
        {"0000000000000003-0000000000000003", {"not_registered", false}}};
    EXPECT_EQ(seen, wanted);
}

TEST_F(boot_preview, says_which_secret_is_missing) {
    const auto all = preview_boot(*table);
    ASSERT_GT(all.size(), 2U);
    EXPECT_NE(all[2].message.find("\"lost\""), std::string::npos) << all[2].message;
}

TEST_F(boot_preview, foretells_whom_the_next_boot_plans) {
    const auto foreseen = foretold();
    EXPECT_EQ(foreseen.size(), 2U);
    EXPECT_EQ(come_back(), foreseen);
}

TEST_F(boot_preview, without_the_key_nobody_with_a_secret_is_foretold_nor_planned) {
    std::filesystem::remove(directory.key());
    const auto foreseen = foretold();
    EXPECT_EQ(foreseen, std::multiset<std::string>{"iqn.2024-01.example:away"});
    EXPECT_EQ(come_back(), foreseen);
}

TEST_F(boot_preview, leaves_every_byte_of_the_table) {
    const auto before = content_of(directory.file());
    (void)preview_boot(*table);
    EXPECT_EQ(content_of(directory.file()), before);
    EXPECT_EQ(table->live_sessions().size(), 3U);
}

}  // namespace
}  // namespace persiscsi::daemon
