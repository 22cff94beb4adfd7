// SPDX-License-Identifier: Apache-2.0
// Which sessions come back: all of them in the same boot, the registered ones in the next.
#include "tests/unit/persistence/state_directory.hpp"

#include <gmock/gmock.h>

namespace persiscsi::persistence::testing {
namespace {

constexpr session_id registered_session{1, 1};
constexpr session_id plain_session{2, 2};

// One registration with a session, one without, one session without a registration.
struct boot_scope : ::testing::Test {
    state_directory directory;
    registration_id connected;
    registration_id waiting;

    void SetUp() override {
        auto table = directory.open();
        EXPECT_FALSE(table.begin_boot(boot_a).same_boot);
        connected = add(table, plain_login());
        waiting = add(table, plain_login("iqn.2024-01.example:disk2"));
        change(table, [&](transaction& tx) {
            auto login = plain_login();
            login.isid = 0x800000000001;
            tx.add_live_session(registered_session, login, connected);
            login.isid = 0x800000000002;
            tx.add_live_session(plain_session, login, std::nullopt);
        });
    }
};

TEST_F(boot_scope, same_boot_resumes_every_session_with_its_isid) {
    auto table = directory.open();
    const auto report = table.begin_boot(boot_a);
    EXPECT_TRUE(report.same_boot);
    EXPECT_EQ(report.forgotten, 0U);
    ASSERT_EQ(report.to_resume.size(), 2U);
    EXPECT_EQ(report.to_resume[0].id, registered_session);
    EXPECT_EQ(report.to_resume[0].login.isid, 0x800000000001U);
    EXPECT_EQ(report.to_resume[0].registration, connected);
    EXPECT_EQ(report.to_resume[1].id, plain_session);
    EXPECT_EQ(report.to_resume[1].login.isid, 0x800000000002U);
    EXPECT_EQ(report.to_resume[1].registration, std::nullopt);
    ASSERT_EQ(report.to_connect.size(), 1U);
    EXPECT_EQ(report.to_connect[0].id, waiting);
}

TEST_F(boot_scope, another_boot_connects_exactly_the_registrations) {
    {
        auto table = directory.open();
        const auto report = table.begin_boot(boot_b);
        EXPECT_FALSE(report.same_boot);
        EXPECT_EQ(report.forgotten, 2U);
        EXPECT_TRUE(report.to_resume.empty());
        ASSERT_EQ(report.to_connect.size(), 2U);
        EXPECT_EQ(report.to_connect[0].id, connected);
        EXPECT_EQ(report.to_connect[1].id, waiting);
    }
    auto table = directory.open();
    EXPECT_TRUE(table.live_sessions().empty());
    const auto again = table.begin_boot(boot_b);
    EXPECT_TRUE(again.same_boot);
    EXPECT_EQ(again.to_connect.size(), 2U);
    EXPECT_EQ(again.forgotten, 0U);
}

TEST_F(boot_scope, unregistered_session_is_resumed_in_this_boot_and_gone_in_the_next) {
    {
        auto table = directory.open();
        EXPECT_TRUE(remove(table, connected));
        EXPECT_EQ(table.begin_boot(boot_a).to_resume.size(), 2U);
    }
    auto table = directory.open();
    const auto report = table.begin_boot(boot_b);
    ASSERT_EQ(report.to_connect.size(), 1U);
    EXPECT_EQ(report.to_connect[0].id, waiting);
}

TEST_F(boot_scope, without_the_boot_row_the_sessions_tell_their_boot) {
    directory.sql("UPDATE boot SET boot_id='garbage'");
    {
        auto table = directory.open();
        const auto damaged = table.damaged_rows();
        ASSERT_EQ(damaged.size(), 1U);
        EXPECT_EQ(damaged[0].table, "boot");
        EXPECT_EQ(table.begin_boot(boot_a).to_resume.size(), 2U);
    }
    auto table = directory.open();
    EXPECT_EQ(table.begin_boot(boot_b).forgotten, 2U);
    EXPECT_TRUE(table.damaged_rows().empty());
}

TEST_F(boot_scope, damaged_session_is_not_resumed_and_its_registration_is_connected) {
    directory.sql("UPDATE live_sessions SET isid=isid+1 WHERE registration<>0");
    auto table = directory.open();
    const auto report = table.begin_boot(boot_a);
    ASSERT_EQ(report.to_resume.size(), 1U);
    EXPECT_EQ(report.to_resume[0].id, plain_session);
    EXPECT_EQ(report.to_connect.size(), 2U);
    change(table, [&](transaction& tx) { tx.bind(plain_session, connected); });
}

// What a disconnect by hand does to the table.
void disconnect(session_table& table, session_id id, registration_id registered) {
    change(table, [&](transaction& tx) {
        EXPECT_TRUE(tx.remove_live_session(id));
        EXPECT_TRUE(tx.leave_disconnected(registered));
    });
}

TEST_F(boot_scope, registration_disconnected_by_hand_waits_for_the_next_boot) {
    {
        auto table = directory.open();
        table.begin_boot(boot_a);
        disconnect(table, registered_session, connected);
        EXPECT_EQ(table.find_registration(connected)->disconnected_in, boot_a);
    }
    {
        auto table = directory.open();
        const auto report = table.begin_boot(boot_a);
        EXPECT_EQ(report.to_resume.size(), 1U);
        ASSERT_EQ(report.to_connect.size(), 1U);
        EXPECT_EQ(report.to_connect[0].id, waiting);
    }
    EXPECT_EQ(directory.open().begin_boot(boot_b).to_connect.size(), 2U);
}

TEST_F(boot_scope, registration_disconnected_by_hand_stays_off_without_the_boot_row) {
    {
        auto table = directory.open();
        table.begin_boot(boot_a);
        disconnect(table, registered_session, connected);
        change(table, [](transaction& tx) { tx.remove_live_session(plain_session); });
    }
    directory.sql("DELETE FROM boot");
    const auto report = directory.open().begin_boot(boot_a);
    ASSERT_EQ(report.to_connect.size(), 1U);
    EXPECT_EQ(report.to_connect[0].id, waiting);
}

TEST_F(boot_scope, another_session_of_the_registration_ends_its_disconnection) {
    auto table = directory.open();
    table.begin_boot(boot_a);
    disconnect(table, registered_session, connected);
    change(table, [&](transaction& tx) { tx.add_live_session({3, 3}, plain_login(), connected); });
    EXPECT_EQ(table.find_registration(connected)->disconnected_in, "");
    disconnect(table, {3, 3}, connected);
    change(table, [&](transaction& tx) { tx.bind(plain_session, connected); });
    EXPECT_EQ(table.find_registration(connected)->disconnected_in, "");
    EXPECT_TRUE(table.damaged_rows().empty());
}

TEST_F(boot_scope, only_an_intact_registration_is_left_disconnected) {
    directory.sql("UPDATE registrations SET owner='x' WHERE id=" + std::to_string(connected.value));
    auto table = directory.open();
    {
        auto tx = table.begin();
        EXPECT_EQ(error_of([&] { tx.leave_disconnected(waiting); }).errc(), store_errc::misuse);
    }
    table.begin_boot(boot_a);
    change(table, [&](transaction& tx) {
        EXPECT_FALSE(tx.leave_disconnected(connected));
        EXPECT_FALSE(tx.leave_disconnected({99}));
        EXPECT_TRUE(tx.leave_disconnected(waiting));
    });
    EXPECT_EQ(table.damaged_rows().size(), 1U);
}

TEST_F(boot_scope, session_needs_a_boot) {
    auto table = directory.open();
    auto tx = table.begin();
    EXPECT_EQ(error_of([&] { tx.add_live_session({3, 3}, plain_login(), std::nullopt); }).errc(), store_errc::misuse);
}

TEST_F(boot_scope, boot_ids_are_checked) {
    auto table = directory.open();
    EXPECT_EQ(error_of([&] { table.begin_boot(""); }).errc(), store_errc::misuse);
    EXPECT_EQ(error_of([&] { table.begin_boot("two words"); }).errc(), store_errc::misuse);
    EXPECT_EQ(table.live_sessions().size(), 2U);
}

}  // namespace
}  // namespace persiscsi::persistence::testing
