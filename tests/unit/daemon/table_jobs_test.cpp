// SPDX-License-Identifier: Apache-2.0
#include "daemon/table_jobs.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/json_fields.hpp"
#include "daemon/routes.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <filesystem>

namespace persiscsi::daemon {
namespace {

namespace json = boost::json;
using namespace persistence::testing;

persistence::login_record rich_login() {
    auto login = plain_login("iqn.2024-01.example:rich");
    login.portal_host = "2001:db8::7";
    login.isid = 0x80000a0b0c0dU;
    login.chap_secret = "array";
    login.header_digest = persistence::digest_wish::prefer;
    login.parameters = {{"MaxBurstLength", "65536"}};
    login.connections = 2;
    login.recovery = {persistence::recovery_policy::fail_after, std::chrono::seconds(90)};
    login.owner = "backup \"host\"";
    login.labels = {{"rack", "a"}, {"rack", "b"}};
    login.tls = {true, true, "/etc/ca.pem", "/etc/own.pem", "/etc/own.key", "array.example"};
    return login;
}

persistence::login_record discovery() {
    auto login = plain_login("");
    login.portal_host = "array.example";
    login.isid = 0;
    login.chap_secret = "array";
    return login;
}

class table_backup : public ::testing::Test {
  protected:
    table_backup() : table(directory.open()), fresh_table(other.open()) {
        (void)table.begin_boot(boot_a);
        put(table, "array", "user", "of the value 4471");
        put(table, "auto-1", "user", "came with a connect");
        change(table, [](auto& tx) {
            tx.add_registration(rich_login(), persistence::timestamp(std::chrono::microseconds(1234567)));
            auto automatic = plain_login();
            automatic.isid = 77;
            automatic.chap_secret = "auto-1";
            tx.add_registration(automatic);
            tx.put_portal(discovery());
        });
    }
    // The new state directory gets the key of the old one.
    persistence::session_table& fresh() {
        std::filesystem::copy_file(directory.key(), other.key(), std::filesystem::copy_options::overwrite_existing);
        return fresh_table;
    }
    static json::value written(const persistence::session_table& from) {
        return parse_json(json::serialize(document_json(copy_table(from))));
    }
    static import_request request_of(const json::value& document) {
        return parse_import(json::object{{"document", document}});
    }
    std::vector<std::string> results(persistence::session_table& into, const import_request& request) {
        std::vector<std::string> all;
        messages.clear();
        for (const auto& one : import_table(into, request)) {
            all.push_back(std::string(one.kind) + " " + std::string(one.item.result));
            messages += one.item.message + "\n";
        }
        return all;
    }
    static api_errc refused(const json::value& body) {
        try {
            (void)parse_import(body);
        } catch (const api_failure& failure) {
            return failure.code();
        }
        return api_errc::internal;
    }

    state_directory directory;
    state_directory other;
    persistence::session_table table;
    persistence::session_table fresh_table;
    std::string messages;
};

using lines = std::vector<std::string>;
const lines all_created{
    "secret created", "secret created", "portal created", "registration created", "registration created"};
const lines all_unchanged{
    "secret unchanged", "secret unchanged", "portal unchanged", "registration unchanged", "registration unchanged"};

TEST_F(table_backup, comes_back_whole_in_a_new_state_directory_with_the_same_key) {
    auto& into = fresh();
    EXPECT_EQ(results(into, request_of(written(table))), all_created);
    EXPECT_EQ(into.registrations(), table.registrations());
    ASSERT_EQ(into.portals().size(), 1U);
    EXPECT_EQ(into.portals()[0].login, discovery());
    EXPECT_EQ(into.load_secret("array").value, table.load_secret("array").value);
    EXPECT_EQ(into.load_secret("auto-1").value, table.load_secret("auto-1").value);
    EXPECT_TRUE(into.live_sessions().empty());
}

TEST_F(table_backup, imported_again_changes_nothing) {
    EXPECT_EQ(results(table, request_of(written(table))), all_unchanged);
    EXPECT_EQ(table.registrations().size(), 2U);
}

TEST_F(table_backup, with_another_key_secrets_and_who_needs_them_fail) {
    const auto outcome = results(fresh_table, request_of(written(table)));
    EXPECT_EQ(outcome,
              (lines{"secret failed", "secret failed", "portal failed", "registration failed", "registration failed"}));
    EXPECT_NE(messages.find("not sealed with the key"), std::string::npos) << messages;
    EXPECT_TRUE(fresh_table.registrations().empty());
    EXPECT_TRUE(fresh_table.secrets().empty());
    put(fresh_table, "array", "user", "of the same name");
    EXPECT_EQ(results(fresh_table, request_of(written(table))), outcome);
}

TEST_F(table_backup, never_holds_a_clear_secret) {
    const auto text = json::serialize(written(table));
    EXPECT_EQ(text.find("of the value 4471"), std::string::npos);
    EXPECT_NE(text.find("sealed"), std::string::npos);
}

TEST_F(table_backup, keeps_a_differing_secret_and_portal_unless_replace_is_said) {
    auto request = request_of(written(table));
    put(table, "array", "user", "a newer value");
    change(table, [](auto& tx) {
        auto changed = discovery();
        changed.owner = "somebody";
        tx.put_portal(changed);
    });
    EXPECT_EQ(results(table, request)[0], "secret refused");
    EXPECT_EQ(results(table, request)[2], "portal refused");
    EXPECT_EQ(table.load_secret("array").value, secret("a newer value"));
    request.replace = true;
    EXPECT_EQ(results(table, request)[0], "secret replaced");
    EXPECT_EQ(results(table, request)[2], "portal unchanged");
    EXPECT_EQ(table.load_secret("array").value, secret("of the value 4471"));
    EXPECT_EQ(table.portals()[0].login, discovery());
}

TEST_F(table_backup, an_automatic_secret_gets_a_free_name) {
    auto& into = fresh();
    put(into, "auto-1", "other", "something else");
    auto user = plain_login("iqn.2024-01.example:user");
    user.chap_secret = "auto-1";
    add(into, user);
    EXPECT_EQ(results(into, request_of(written(table))), all_created);
    EXPECT_EQ(into.load_secret("auto-1").value, secret("something else"));
    EXPECT_EQ(into.load_secret("auto-2").value, secret("came with a connect"));
    EXPECT_EQ(into.registrations().back().login.chap_secret, "auto-2");
}

TEST_F(table_backup, refuses_an_isid_that_is_in_use_otherwise) {
    auto request = request_of(written(table));
    request.registrations[0].value.login.owner = "another login";
    EXPECT_EQ(results(table, request)[3], "registration refused");
    EXPECT_EQ(table.registrations().size(), 2U);
    auto& into = fresh();
    (void)into.begin_boot(boot_a);
    put(into, "array", "user", "of the value 4471");
    change(into, [](auto& tx) { tx.add_live_session({1, 1}, rich_login(), std::nullopt); });
    EXPECT_EQ(results(into, request)[3], "registration refused");
    EXPECT_NE(messages.find("session register"), std::string::npos) << messages;
    EXPECT_EQ(into.live_sessions().size(), 1U);
}

TEST_F(table_backup, atomic_takes_all_or_nothing_and_a_rehearsal_nothing) {
    auto& into = fresh();
    auto request = request_of(written(table));
    request.dry_run = true;
    EXPECT_EQ(results(into, request), all_created);
    EXPECT_TRUE(into.registrations().empty());
    EXPECT_TRUE(into.secrets().empty());
    request.dry_run = false;
    request.atomic = true;
    request.registrations[1].fault = "broken";
    EXPECT_EQ(results(into, request)[0], "secret failed");
    EXPECT_TRUE(into.registrations().empty());
    EXPECT_TRUE(into.portals().empty());
}

TEST_F(table_backup, a_broken_item_costs_only_itself) {
    const std::pair<const char*, json::value> breakages[] = {{"isid", "0x1"},
                                                             {"isid", nullptr},
                                                             {"target", "no iscsi name"},
                                                             {"portal", "[::1"},
                                                             {"connections", 0},
                                                             {"created_us", -1},
                                                             {"labels", json::array{json::object{{"key", 3}}}},
                                                             {"tls_options", "yes"},
                                                             {"initiator_name", ""},
                                                             {"owner", "a\nb"}};
    auto& into = fresh();
    for (const auto& [field, value] : breakages) {
        auto document = written(table);
        document.at("registrations").at(0).as_object()[field] = value;
        auto request = request_of(document);
        request.dry_run = true;
        const auto outcome = results(into, request);
        EXPECT_EQ(outcome[3], "registration failed") << field;
        EXPECT_EQ(outcome[4], "registration created") << field << messages;
    }
    auto document = written(table);
    document.at("secrets").at(0).as_object()["sealed"] = "AAAA";
    EXPECT_EQ(results(into, request_of(document))[0], "secret failed");
    document.at("secrets").at(0).as_object()["sealed"] = "not base64!";
    EXPECT_EQ(results(into, request_of(document))[0], "secret failed");
}

TEST_F(table_backup, a_document_of_somebody_else_is_refused) {
    const auto good = written(table);
    EXPECT_EQ(refused(json::object{{"document", good}}), api_errc::internal);
    EXPECT_EQ(refused(nullptr), api_errc::bad_request);
    EXPECT_EQ(refused(json::object{{"document", json::array()}}), api_errc::bad_request);
    for (const auto* field : {"format", "version", "secrets", "portals", "registrations"}) {
        for (const auto& value : {json::value(), json::value("x"), json::value(2)}) {
            auto document = good;
            document.as_object()[field] = value;
            EXPECT_EQ(refused(json::object{{"document", document}}), api_errc::bad_request) << field;
        }
    }
}

TEST_F(table_backup, ten_thousand_registrations_fit_into_a_request) {
    auto copy = copy_table(table);
    copy.registrations.resize(10000, copy.registrations[0]);
    const auto text = json::serialize(json::object{{"document", document_json(copy)}});
    EXPECT_LT(text.size() * 2, max_table_body);
    EXPECT_GT(text.size(), max_json_body);
}

}  // namespace
}  // namespace persiscsi::daemon
