// SPDX-License-Identifier: Apache-2.0
#include "persistence/session_table.hpp"

#include "tests/unit/persistence/state_directory.hpp"

#include <gmock/gmock.h>

namespace persiscsi::persistence::testing {
namespace {

using ::testing::HasSubstr;

struct table_test : ::testing::Test {
    state_directory directory;
};

TEST_F(table_test, registration_comes_back_whole_after_reopening) {
    registration written;
    {
        auto table = directory.open();
        put(table, "mine \"'", "me", "my secret value");
        put(table, std::string("th\0eirs", 7), "they", "their secret value");
        auto login = hostile_login();
        login.chap_secret = "mine \"'";
        login.mutual_secret = std::string("th\0eirs", 7);
        const auto before = std::chrono::system_clock::now() - std::chrono::microseconds(1);
        const auto id = add(table, login);
        written = table.find_registration(id).value();
        EXPECT_EQ(written.login, login);
        EXPECT_GE(written.created_at, before);
        EXPECT_LE(written.created_at, std::chrono::system_clock::now());
    }
    const auto table = directory.open();
    ASSERT_EQ(table.registrations().size(), 1U);
    EXPECT_EQ(table.registrations().front(), written);
    EXPECT_EQ(table.find_registration(written.id), written);
    EXPECT_TRUE(table.damaged_rows().empty());
}

TEST_F(table_test, live_session_comes_back_whole_after_reopening) {
    const session_id id{0xffffffffffffffff, 0x8000000000000000};
    live_session written;
    {
        auto table = directory.open();
        table.begin_boot(boot_a);
        const auto registered = add(table, plain_login());
        change(table, [&](transaction& tx) { tx.add_live_session(id, hostile_login(), registered); });
        written = table.find_live_session(id).value();
        EXPECT_EQ(written.login, hostile_login());
        EXPECT_EQ(written.registration, registered);
        EXPECT_EQ(written.boot_id, boot_a);
    }
    const auto table = directory.open();
    ASSERT_EQ(table.live_sessions().size(), 1U);
    EXPECT_EQ(table.live_sessions().front(), written);
    EXPECT_EQ(table.find_live_session(id), written);
}

TEST_F(table_test, a_registration_finds_its_session_whatever_became_of_it) {
    auto table = directory.open();
    table.begin_boot(boot_a);
    const auto first = add(table, plain_login());
    const auto second = add(table, plain_login());
    const session_id id{1, 2};
    change(table, [&](transaction& tx) { tx.add_live_session(id, plain_login(), first); });
    EXPECT_EQ(table.session_of(first), id);
    EXPECT_EQ(table.session_of(second), std::nullopt);
    change(table, [&](transaction& tx) { tx.bind(id, second); });
    EXPECT_EQ(table.session_of(first), std::nullopt);
    EXPECT_EQ(table.session_of(second), id);
    {
        auto undone = table.begin();
        undone.remove_live_session(id);
        EXPECT_EQ(table.session_of(second), std::nullopt);
    }
    EXPECT_EQ(table.session_of(second), id) << "a change that was rolled back";
    change(table, [&](transaction& tx) { tx.remove_registration(second); });
    EXPECT_EQ(table.session_of(second), std::nullopt);
    EXPECT_TRUE(table.find_live_session(id));
}

TEST_F(table_test, registrations_of_a_target_are_found_in_any_case) {
    auto login = plain_login();
    login.target = "iqn.2026-11.test:Disk";
    registration_id one{};
    registration_id two{};
    {
        auto table = directory.open();
        one = add(table, login);
        add(table, plain_login());
        login.target = "IQN.2026-11.test:disk";
        two = add(table, login);
    }
    auto table = directory.open();
    const auto ids = [&] {
        std::vector<registration_id> all;
        for (const auto& found : table.registrations_of("iqn.2026-11.TEST:disk")) all.push_back(found.id);
        return all;
    };
    EXPECT_EQ(ids(), (std::vector{one, two}));
    change(table, [&](transaction& tx) { tx.remove_registration(one); });
    EXPECT_EQ(ids(), (std::vector{two}));
    EXPECT_TRUE(table.registrations_of("iqn.2026-11.test:dis").empty());
}

TEST_F(table_test, registration_ids_are_never_given_twice) {
    registration_id last{};
    for (int round = 0; round < 3; ++round) {
        auto table = directory.open();
        for (int count = 0; count < 3; ++count) {
            const auto id = add(table, plain_login());
            EXPECT_GT(id, last);
            last = id;
            EXPECT_TRUE(remove(table, id));
        }
        EXPECT_TRUE(table.registrations().empty());
    }
}

TEST_F(table_test, same_target_may_be_registered_many_times) {
    auto table = directory.open();
    change(table, [](transaction& tx) {
        for (int count = 0; count < 3; ++count) tx.add_registration(plain_login());
    });
    EXPECT_EQ(table.registrations().size(), 3U);
}

TEST_F(table_test, removal_of_what_is_not_there_answers_false) {
    auto table = directory.open();
    change(table, [](transaction& tx) {
        EXPECT_FALSE(tx.remove_registration({17}));
        EXPECT_FALSE(tx.remove_registration({-1}));
        EXPECT_FALSE(tx.remove_live_session({1, 2}));
        EXPECT_FALSE(tx.remove_secret("none"));
    });
    EXPECT_EQ(table.find_registration({17}), std::nullopt);
    EXPECT_EQ(table.find_live_session({1, 2}), std::nullopt);
    EXPECT_EQ(table.find_secret("none"), std::nullopt);
}

TEST_F(table_test, transaction_without_commit_changes_nothing) {
    auto table = directory.open();
    table.begin_boot(boot_a);
    const auto kept = add(table, plain_login());
    {
        auto tx = table.begin();
        tx.add_registration(plain_login("iqn.2024-01.example:other"));
        tx.remove_registration(kept);
        tx.add_live_session({1, 1}, plain_login(), std::nullopt);
        tx.put_secret("s", "c", secret("a secret of length"));
    }
    ASSERT_EQ(table.registrations().size(), 1U);
    EXPECT_EQ(table.registrations().front().id, kept);
    EXPECT_TRUE(table.live_sessions().empty());
    EXPECT_TRUE(table.secrets().empty());
}

TEST_F(table_test, reads_inside_a_transaction_see_its_changes) {
    auto table = directory.open();
    auto tx = table.begin();
    const auto id = tx.add_registration(plain_login());
    EXPECT_TRUE(table.find_registration(id).has_value());
    tx.remove_registration(id);
    EXPECT_FALSE(table.find_registration(id).has_value());
    EXPECT_TRUE(table.registrations().empty());
}

TEST_F(table_test, two_transactions_at_once_are_misuse) {
    auto table = directory.open();
    {
        auto tx = table.begin();
        EXPECT_EQ(error_of([&] { table.begin(); }).errc(), store_errc::misuse);
        EXPECT_EQ(error_of([&] { table.begin_boot(boot_a); }).errc(), store_errc::misuse);
        tx.add_registration(plain_login());
        tx.commit();
        EXPECT_EQ(error_of([&] { tx.commit(); }).errc(), store_errc::misuse);
        EXPECT_EQ(error_of([&] { tx.remove_registration({1}); }).errc(), store_errc::misuse);
    }
    EXPECT_EQ(table.registrations().size(), 1U);
    add(table, plain_login());
}

TEST_F(table_test, refused_item_leaves_the_others_of_its_transaction_alone) {
    auto table = directory.open();
    const auto first = add(table, plain_login());
    change(table, [&](transaction& tx) {
        EXPECT_TRUE(tx.remove_registration(first));
        auto bad = plain_login();
        bad.chap_secret = "nobody";
        EXPECT_EQ(error_of([&] { tx.add_registration(bad); }).errc(), store_errc::not_found);
        EXPECT_EQ(error_of([&] { tx.bind({9, 9}, std::nullopt); }).errc(), store_errc::not_found);
        tx.add_registration(plain_login("iqn.2024-01.example:good"));
    });
    ASSERT_EQ(table.registrations().size(), 1U);
    EXPECT_EQ(table.registrations().front().login.target, "iqn.2024-01.example:good");
}

TEST_F(table_test, logins_out_of_range_are_refused_naming_the_field) {
    auto table = directory.open();
    auto tx = table.begin();
    const auto refusal = [&](auto&& spoil) -> std::string {
        auto login = plain_login();
        spoil(login);
        const auto error = error_of([&] { tx.add_registration(login); });
        EXPECT_EQ(error.errc(), store_errc::misuse);
        return error.what();
    };
    EXPECT_THAT(refusal([](auto& login) { login.target.clear(); }), HasSubstr("target is empty"));
    EXPECT_THAT(refusal([](auto& login) { login.portal_host.clear(); }), HasSubstr("portal host is empty"));
    EXPECT_THAT(refusal([](auto& login) { login.initiator_name.clear(); }), HasSubstr("initiator name is empty"));
    EXPECT_THAT(refusal([](auto& login) { login.portal_port = 0; }), HasSubstr("portal port is 0"));
    EXPECT_THAT(refusal([](auto& login) { login.connections = 0; }), HasSubstr("connections is 0"));
    EXPECT_THAT(refusal([](auto& login) { login.isid = std::uint64_t{1} << 48U; }), HasSubstr("more than 48 bits"));
    EXPECT_THAT(refusal([](auto& login) { login.recovery.limit = std::chrono::seconds(5); }),
                HasSubstr("limit of 5 s"));
    EXPECT_THAT(refusal([](auto& login) { login.recovery.policy = recovery_policy::fail_after; }),
                HasSubstr("limit of 0"));
    EXPECT_THAT(refusal([](auto& login) { login.owner.resize(max_text_bytes + 1); }),
                HasSubstr("owner has 65537 bytes, at most 65536"));
    EXPECT_THAT(refusal([](auto& login) { login.labels.resize(max_pairs + 1); }),
                HasSubstr("1025 labels, at most 1024"));
    EXPECT_THAT(refusal([](auto& login) {
                    login.parameters = {{"k", std::string(max_text_bytes + 1, 'v')}};
                }),
                HasSubstr("parameters has 65537 bytes"));
    EXPECT_THAT(refusal([](auto& login) { login.data_digest = digest_wish{9}; }), HasSubstr("data digest"));
    EXPECT_THAT(refusal([](auto& login) { login.tls.ca = "/ca.pem"; }), HasSubstr("options of TLS without TLS"));
    EXPECT_THAT(refusal([](auto& login) {
                    login.tls.enabled = true;
                    login.tls.key = "/key.pem";
                }),
                HasSubstr("tls certificate and tls key belong together"));
    EXPECT_THAT(refusal([](auto& login) { login.tls.server_name.resize(max_text_bytes + 1, 'n'); }),
                HasSubstr("tls server name has 65537 bytes"));
}

TEST_F(table_test, two_sessions_cannot_fulfil_one_registration) {
    auto table = directory.open();
    table.begin_boot(boot_a);
    const auto id = add(table, plain_login());
    change(table, [&](transaction& tx) {
        tx.add_live_session({1, 1}, plain_login(), id);
        const auto added = error_of([&] { tx.add_live_session({2, 2}, plain_login(), id); });
        EXPECT_EQ(added.errc(), store_errc::in_use);
        EXPECT_THAT(added.what(), HasSubstr("belongs to session 0000000000000001-0000000000000001"));
        tx.add_live_session({2, 2}, plain_login(), std::nullopt);
        EXPECT_EQ(error_of([&] { tx.bind({2, 2}, id); }).errc(), store_errc::in_use);
        tx.bind({1, 1}, id);
        tx.bind({1, 1}, std::nullopt);
        tx.bind({2, 2}, id);
    });
    EXPECT_EQ(table.find_live_session({1, 1})->registration, std::nullopt);
    EXPECT_EQ(table.find_live_session({2, 2})->registration, id);
}

TEST_F(table_test, session_is_bound_to_existing_registrations_only) {
    auto table = directory.open();
    table.begin_boot(boot_a);
    change(table, [](transaction& tx) {
        EXPECT_EQ(error_of([&] {
                      tx.add_live_session({1, 1}, plain_login(), registration_id{5});
                  }).errc(),
                  store_errc::not_found);
        tx.add_live_session({1, 1}, plain_login(), std::nullopt);
        EXPECT_EQ(error_of([&] { tx.bind({1, 1}, registration_id{5}); }).errc(), store_errc::not_found);
        EXPECT_EQ(error_of([&] {
                      tx.add_live_session({1, 1}, plain_login(), std::nullopt);
                  }).errc(),
                  store_errc::already_exists);
    });
}

TEST_F(table_test, removed_registration_leaves_its_session_live_and_unregistered) {
    auto table = directory.open();
    table.begin_boot(boot_a);
    const auto id = add(table, plain_login());
    change(table, [&](transaction& tx) { tx.add_live_session({1, 1}, plain_login(), id); });
    EXPECT_TRUE(remove(table, id));
    ASSERT_EQ(table.live_sessions().size(), 1U);
    EXPECT_EQ(table.live_sessions().front().registration, std::nullopt);
    EXPECT_TRUE(table.damaged_rows().empty());
}

}  // namespace
}  // namespace persiscsi::persistence::testing
