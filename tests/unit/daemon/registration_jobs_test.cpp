// SPDX-License-Identifier: Apache-2.0
#include "daemon/registration_jobs.hpp"

#include "tests/unit/persistence/state_directory.hpp"

#include <gtest/gtest.h>

namespace persiscsi::daemon {
namespace {

using namespace persistence::testing;
using persistence::registration_id;
using persistence::session_id;

constexpr session_id first{1, 1};
constexpr session_id second{2, 2};

class registration_jobs : public ::testing::Test {
  protected:
    registration_jobs() : table(directory.open()) { (void)table.begin_boot(boot_a); }

    void live(session_id id, std::string_view target, std::optional<registration_id> registration = {}) {
        change(table, [&](auto& in) { in.add_live_session(id, plain_login(target), registration); });
    }
    // A live session with its registration.
    registration_id registered(session_id id, std::string_view target) {
        const auto made = add(table, plain_login(target));
        live(id, target, made);
        return made;
    }
    std::vector<item_result> unregister(std::vector<std::string> ids) {
        unregister_request request;
        request.ids = std::move(ids);
        return unregister_sessions(table, request, {});
    }
    std::optional<registration_id> registration_of(session_id id) {
        return table.find_live_session(id).value().registration;
    }

    const std::string a = "iqn.2024-01.example:a";
    const std::string b = "iqn.2024-01.example:b";
    state_directory directory;
    persistence::session_table table;
};

TEST_F(registration_jobs, unregister_removes_persistence_and_leaves_the_session) {
    const auto id = registered(first, a);
    registered(second, b);
    const auto results = unregister({to_string(first)});
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].result, "unregistered");
    EXPECT_EQ(results[0].before, "registered");
    EXPECT_EQ(results[0].after, "not_registered");
    EXPECT_EQ(results[0].registration, id);
    EXPECT_EQ(results[0].session, first);
    EXPECT_EQ(results[0].returns_because, "");
    EXPECT_EQ(table.registrations().size(), 1U);
    EXPECT_EQ(table.live_sessions().size(), 2U);
    EXPECT_FALSE(registration_of(first));
}

TEST_F(registration_jobs, unregister_of_what_is_not_registered_is_success_unless_strict) {
    live(first, a);
    EXPECT_EQ(unregister({to_string(first)})[0].result, "not_registered");
    unregister_request strict;
    strict.ids = {to_string(first)};
    strict.strict = true;
    EXPECT_EQ(unregister_sessions(table, strict, {})[0].result, "refused");
}

TEST_F(registration_jobs, unregister_takes_ids_literally) {
    registered(first, a);
    const std::string hostile[] = {"",
                                   "*",
                                   "reg-*",
                                   "%",
                                   "reg-0",
                                   "reg-1 ",
                                   "reg--1",
                                   "reg-99999999999999999999",
                                   "0000000000000001-000000000000000*",
                                   std::string(100000, 'x'),
                                   std::string("reg-1\0", 6)};
    for (const auto& id : hostile) {
        const auto results = unregister({id});
        EXPECT_EQ(results[0].result, "not_found") << id.substr(0, 80);
        EXPECT_LE(results[0].id.size(), 70U);
    }
    EXPECT_EQ(table.registrations().size(), 1U);
}

TEST_F(registration_jobs, good_items_are_done_and_bad_ones_named) {
    registered(first, a);
    registered(second, b);
    const auto results = unregister({to_string(first), "nonsense", to_string(second)});
    EXPECT_EQ(results[0].result, "unregistered");
    EXPECT_EQ(results[1].result, "not_found");
    EXPECT_EQ(results[2].result, "unregistered");
    EXPECT_TRUE(table.registrations().empty());
}

TEST_F(registration_jobs, atomic_does_nothing_when_one_item_is_bad) {
    registered(first, a);
    unregister_request request;
    request.ids = {to_string(first), "nonsense"};
    request.atomic = true;
    const auto results = unregister_sessions(table, request, {});
    EXPECT_EQ(results[0].result, "refused");
    EXPECT_EQ(results[0].after, "registered");
    EXPECT_NE(results[0].message.find("nonsense"), std::string::npos);
    EXPECT_EQ(results[1].result, "not_found");
    EXPECT_EQ(table.registrations().size(), 1U);
}

TEST_F(registration_jobs, a_dry_run_reports_the_same_and_writes_nothing) {
    registered(first, a);
    unregister_request request;
    request.ids = {to_string(first), "nonsense"};
    request.dry_run = true;
    const auto rehearsed = unregister_sessions(table, request, {});
    EXPECT_EQ(table.registrations().size(), 1U);
    const auto done = unregister(request.ids);
    ASSERT_EQ(rehearsed.size(), done.size());
    for (std::size_t n = 0; n < done.size(); ++n) EXPECT_EQ(rehearsed[n].result, done[n].result);
}

TEST_F(registration_jobs, the_same_registration_named_three_times_is_one) {
    const auto id = registered(first, a);
    const auto results = unregister({to_string(first), to_string(id), to_string(first)});
    for (const auto& item : results) EXPECT_EQ(item.result, "unregistered");
    EXPECT_TRUE(table.registrations().empty());
}

TEST_F(registration_jobs, siblings_of_the_same_target_are_named) {
    registered(first, a);
    const auto sibling = add(table, plain_login(a));
    add(table, plain_login(b));
    const auto results = unregister({to_string(first)});
    EXPECT_EQ(results[0].returns_because, "the same target is also registered as " + to_string(sibling));
}

TEST_F(registration_jobs, an_orphan_is_unregistered_by_its_own_id_and_by_scope) {
    const auto one = add(table, plain_login(a));
    registered(first, b);
    EXPECT_EQ(unregister({to_string(one)})[0].result, "unregistered");
    add(table, plain_login(a));
    unregister_request orphans;
    orphans.orphans = true;
    EXPECT_EQ(unregister_sessions(table, orphans, {}).size(), 1U);
    EXPECT_EQ(table.registrations().size(), 1U);
}

TEST_F(registration_jobs, filters_combine) {
    registered(first, a);
    registered(second, b);
    unregister_request request;
    request.target = "IQN.2024-01.EXAMPLE:A";
    request.portal = portal_address{"elsewhere", 3260};
    EXPECT_TRUE(unregister_sessions(table, request, {}).empty());
    request.portal.reset();
    EXPECT_EQ(unregister_sessions(table, request, {}).size(), 1U);
    EXPECT_FALSE(registration_of(first));
    EXPECT_TRUE(registration_of(second));
}

TEST_F(registration_jobs, a_session_that_never_was_up_goes_with_its_registration) {
    registered(first, a);
    registered(second, b);
    unregister_request request;
    request.all = true;
    const auto results = unregister_sessions(table, request, {first});
    EXPECT_TRUE(results[0].dropped);
    EXPECT_FALSE(results[1].dropped);
    ASSERT_EQ(table.live_sessions().size(), 1U);
    EXPECT_EQ(table.live_sessions()[0].id, second);
}

TEST_F(registration_jobs, a_damaged_registration_can_be_removed) {
    const auto id = add(table, plain_login(a));
    directory.sql("UPDATE registrations SET target = 'iqn.2024-01.example:z'");
    const auto results = unregister({to_string(id)});
    EXPECT_EQ(results[0].result, "unregistered");
    EXPECT_EQ(results[0].before, "damaged");
    EXPECT_TRUE(table.damaged_rows().empty());
}

TEST_F(registration_jobs, register_is_idempotent_and_names_what_is_missing) {
    live(first, a);
    register_request request;
    request.ids = {to_string(first), "nonsense"};
    auto results = register_sessions(table, request);
    EXPECT_EQ(results[0].result, "registered");
    EXPECT_EQ(results[1].result, "not_found");
    EXPECT_EQ(registration_of(first), results[0].registration);
    results = register_sessions(table, request);
    EXPECT_EQ(results[0].result, "already_registered");
    EXPECT_EQ(table.registrations().size(), 1U);
}

TEST_F(registration_jobs, register_with_sessions_adds_siblings_up_to_that_number) {
    live(first, a);
    register_request request;
    request.ids = {to_string(first)};
    request.sessions = 3;
    EXPECT_EQ(register_sessions(table, request)[0].result, "registered");
    ASSERT_EQ(table.registrations().size(), 3U);
    EXPECT_NE(table.registrations()[1].login.isid, table.registrations()[2].login.isid);
    EXPECT_EQ(register_sessions(table, request)[0].result, "already_registered");
    EXPECT_EQ(table.registrations().size(), 3U);
}

TEST_F(registration_jobs, register_after_unregister_keeps_the_whole_login) {
    put(table, "one", "user", "value");
    auto login = plain_login(a);
    login.chap_secret = "one";
    login.data_digest = persistence::digest_wish::crc32c;
    const auto id = add(table, login);
    change(table, [&](auto& in) { in.add_live_session(first, login, id); });
    unregister({to_string(first)});
    register_request again;
    again.ids = {to_string(first)};
    const auto results = register_sessions(table, again);
    EXPECT_EQ(table.find_registration(results[0].registration.value()).value().login, login);
    EXPECT_NE(results[0].registration, id);
}

TEST_F(registration_jobs, disconnect_keeps_the_registration_unless_asked) {
    const auto kept_one = registered(first, a);
    registered(second, b);
    disconnect_request request;
    request.ids = {to_string(first), to_string(second), "nonsense"};
    auto results = forget_sessions(table, {{to_string(first)}, false, {}, false, false});
    EXPECT_EQ(results[0].result, "disconnected");
    EXPECT_EQ(results[0].returns_because, to_string(kept_one));
    results = forget_sessions(table, {{to_string(second)}, false, {}, true, false});
    EXPECT_TRUE(results[0].unregistered);
    EXPECT_EQ(results[0].returns_because, "");
    EXPECT_TRUE(table.live_sessions().empty());
    ASSERT_EQ(table.registrations().size(), 1U);
    EXPECT_EQ(forget_sessions(table, request)[0].result, "not_found");
}

TEST_F(registration_jobs, a_session_over_tls_is_registered_with_its_tls) {
    auto login = plain_login(a);
    login.tls = {.enabled = true, .ca = "/ca.pem", .server_name = "disk.example"};
    change(table, [&](auto& in) { in.add_live_session(first, login, {}); });
    add(table, plain_login(a));
    (void)register_sessions(table, {{to_string(first)}, 3, false, false});
    ASSERT_EQ(table.registrations().size(), 3U);
    EXPECT_EQ(table.registrations()[1].login.tls, login.tls);
    EXPECT_EQ(table.registrations()[2].login.tls, login.tls);
}

TEST_F(registration_jobs, disconnect_by_hand_is_remembered_in_this_boot_and_an_orderly_stop_is_not) {
    const auto by_hand = registered(first, a);
    const auto stopped = registered(second, b);
    (void)forget_sessions(table, {{to_string(first)}, false, {}, false, true});
    EXPECT_EQ(table.find_registration(by_hand)->disconnected_in, "");
    (void)forget_sessions(table, {{to_string(first)}, false, {}, false, false});
    EXPECT_EQ(table.find_registration(by_hand)->disconnected_in, boot_a);
    forget_all_sessions(table);
    const auto report = table.begin_boot(boot_a);
    ASSERT_EQ(report.to_connect.size(), 1U);
    EXPECT_EQ(report.to_connect[0].id, stopped);
    EXPECT_EQ(table.begin_boot(boot_b).to_connect.size(), 2U);
}

TEST_F(registration_jobs, session_of_a_damaged_registration_is_disconnected_all_the_same) {
    registered(first, a);
    directory.sql("UPDATE registrations SET owner='x'");
    const auto results = forget_sessions(table, {{to_string(first)}, false, {}, false, false});
    EXPECT_EQ(results[0].result, "disconnected");
    EXPECT_TRUE(table.live_sessions().empty());
}

TEST_F(registration_jobs, an_orderly_stop_forgets_every_live_session) {
    registered(first, a);
    live(second, b);
    EXPECT_EQ(forget_all_sessions(table), 2U);
    EXPECT_TRUE(table.live_sessions().empty());
    EXPECT_EQ(table.registrations().size(), 1U);
}

}  // namespace
}  // namespace persiscsi::daemon
