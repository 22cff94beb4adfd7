// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect_jobs.hpp"

#include "daemon/registration_jobs.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gtest/gtest.h>

namespace persiscsi::daemon {
namespace {

using namespace persistence::testing;
using persistence::session_id;

class connect_jobs : public ::testing::Test {
  protected:
    connect_jobs() : table(directory.open()) { (void)table.begin_boot(boot_a); }

    connect_request request(std::string_view target = "iqn.2024-01.example:disk1") {
        connect_request made;
        made.login = plain_login(target);
        return made;
    }
    connect_request with_secret(std::string_view value) {
        auto made = request();
        made.chap = inline_secret{"user", secret(value)};
        return made;
    }
    // A whole connect as the daemon does it, without the network.
    new_session connect(connect_request made, session_id id, const std::vector<session_id>& replaced = {}) {
        auto prepared = prepare_connect(table, made, replaced);
        std::vector<new_session> sessions{{id, made.login, {}}};
        if (!prepared.orphans.empty()) {
            sessions[0].login = prepared.orphans[0].login;
            sessions[0].claimed = prepared.orphans[0].id;
        }
        record_sessions(table, made, sessions, replaced);
        return sessions[0];
    }
    std::optional<persistence::registration_id> registration_of(session_id id) {
        return table.find_live_session(id).value().registration;
    }

    state_directory directory;
    persistence::session_table table;
};

TEST_F(connect_jobs, a_connect_without_register_leaves_no_registration) {
    connect(request(), {1, 1});
    EXPECT_EQ(table.live_sessions().size(), 1U);
    EXPECT_TRUE(table.registrations().empty());
}

TEST_F(connect_jobs, an_inline_secret_is_kept_once_and_leaves_with_its_last_user) {
    auto first = with_secret("topsecret");
    first.register_them = true;
    connect(std::move(first), {1, 1});
    connect(with_secret("topsecret"), {2, 2});
    ASSERT_EQ(table.secrets().size(), 1U);
    EXPECT_EQ(table.secrets()[0].name, "auto-1");
    connect(with_secret("another"), {3, 3});
    EXPECT_EQ(table.secrets().size(), 2U);
    disconnect_request all;
    all.all = true;
    (void)forget_sessions(table, all);
    ASSERT_EQ(table.secrets().size(), 1U);
    unregister_request none_left;
    none_left.all = true;
    (void)unregister_sessions(table, none_left, {});
    EXPECT_TRUE(table.secrets().empty());
}

TEST_F(connect_jobs, a_session_fulfils_the_orphan_that_asks_for_the_same_login) {
    auto login = plain_login();
    login.isid = 0x800000000077U;
    const auto orphan = add(table, login);
    auto wanted = request();
    wanted.register_them = true;
    const auto made = connect(std::move(wanted), {1, 1});
    EXPECT_EQ(registration_of({1, 1}), orphan);
    EXPECT_EQ(made.login.isid, 0x800000000077U);
    EXPECT_EQ(table.registrations().size(), 1U);
}

TEST_F(connect_jobs, an_orphan_with_another_login_stays_one) {
    auto login = plain_login();
    login.header_digest = persistence::digest_wish::crc32c;
    add(table, login);
    auto wanted = request();
    wanted.register_them = true;
    connect(std::move(wanted), {1, 1});
    EXPECT_EQ(table.registrations().size(), 2U);
}

TEST_F(connect_jobs, tls_is_part_of_the_login_that_an_orphan_asks_for) {
    auto login = plain_login();
    login.tls = {.enabled = true, .ca = "/ca.pem"};
    const auto orphan = add(table, login);
    connect(request(), {1, 1});
    EXPECT_FALSE(registration_of({1, 1}));
    auto wanted = request();
    wanted.login.tls = login.tls;
    connect(std::move(wanted), {2, 2});
    EXPECT_EQ(registration_of({2, 2}), orphan);
    const auto plan = plan_boot(table, boot_b);
    ASSERT_EQ(plan.sessions.size(), 1U);
    EXPECT_EQ(plan.sessions[0].login.tls, login.tls);
    EXPECT_EQ(plan.sessions[0].broken, "");
}

TEST_F(connect_jobs, the_registration_of_a_replaced_session_passes_on) {
    auto first = request();
    first.register_them = true;
    connect(std::move(first), {1, 1});
    const auto registration = registration_of({1, 1});
    connect(request(), {2, 2}, {session_id{1, 1}});
    EXPECT_EQ(table.live_sessions().size(), 1U);
    EXPECT_EQ(registration_of({2, 2}), registration);
}

TEST_F(connect_jobs, an_orphan_unregistered_meanwhile_is_not_brought_back) {
    const auto orphan = add(table, plain_login());
    auto made = request();
    auto prepared = prepare_connect(table, made, {});
    ASSERT_EQ(prepared.orphans.size(), 1U);
    ASSERT_TRUE(remove(table, orphan));
    std::vector<new_session> sessions{{{1, 1}, prepared.orphans[0].login, orphan}};
    record_sessions(table, made, sessions, {});
    EXPECT_TRUE(table.registrations().empty());
    EXPECT_FALSE(registration_of({1, 1}));
}

TEST_F(connect_jobs, a_missing_secret_is_named) {
    auto made = request();
    made.login.chap_secret = "nobody";
    const auto error = error_of([&] { (void)prepare_connect(table, made, {}); });
    EXPECT_EQ(error.errc(), persistence::store_errc::not_found);
    EXPECT_NE(std::string(error.what()).find("nobody"), std::string::npos);
}

TEST_F(connect_jobs, the_same_boot_resumes_every_session_with_its_isid) {
    auto registered = request();
    registered.register_them = true;
    registered.login.isid = 0x800000000001U;
    connect(std::move(registered), {1, 1});
    auto plain = request("iqn.2024-01.example:disk2");
    plain.login.isid = 0x800000000002U;
    connect(std::move(plain), {2, 2});
    const auto plan = plan_boot(table, boot_a);
    ASSERT_EQ(plan.sessions.size(), 2U);
    EXPECT_TRUE(plan.same_boot);
    EXPECT_EQ(plan.sessions[0].id, (session_id{1, 1}));
    EXPECT_EQ(plan.sessions[0].login.isid, 0x800000000001U);
    EXPECT_EQ(plan.sessions[1].login.isid, 0x800000000002U);
    EXPECT_TRUE(plan.sessions[0].resumed && plan.sessions[1].resumed);
}

TEST_F(connect_jobs, a_new_boot_brings_back_the_registered_ones_only) {
    auto registered = request();
    registered.register_them = true;
    registered.login.isid = 0x800000000001U;
    connect(std::move(registered), {1, 1});
    connect(request("iqn.2024-01.example:disk2"), {2, 2});
    const auto registration = registration_of({1, 1});
    const auto plan = plan_boot(table, boot_b);
    ASSERT_EQ(plan.sessions.size(), 1U);
    EXPECT_FALSE(plan.same_boot);
    EXPECT_FALSE(plan.sessions[0].resumed);
    EXPECT_NE(plan.sessions[0].id, (session_id{1, 1}));
    EXPECT_EQ(plan.sessions[0].login.isid, 0x800000000001U);
    EXPECT_EQ(registration_of(plan.sessions[0].id), registration);
}

TEST_F(connect_jobs, a_session_whose_secret_cannot_be_opened_is_planned_as_broken) {
    auto made = with_secret("topsecret");
    made.register_them = true;
    connect(std::move(made), {1, 1});
    auto plain = request("iqn.2024-01.example:disk2");
    plain.register_them = true;
    connect(std::move(plain), {2, 2});
    directory.sql("UPDATE secrets SET sealed = zeroblob(length(sealed))");
    const auto plan = plan_boot(table, boot_b);
    ASSERT_EQ(plan.sessions.size() + plan.skipped.size(), 2U);
    std::size_t healthy = 0;
    for (const auto& session : plan.sessions) healthy += session.broken.empty() ? 1U : 0U;
    EXPECT_EQ(healthy, 1U);
}

}  // namespace
}  // namespace persiscsi::daemon
