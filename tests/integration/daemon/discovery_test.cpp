// SPDX-License-Identifier: Apache-2.0
// Discovery portals and targets, over the control API of a daemon as a process.
#include "tests/integration/daemon/daemon_under_test.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <csignal>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto disk1 = "iqn.2026-11.test:disk1";

class discovery : public ::testing::Test {
  protected:
    void SetUp() override { daemon.start(); }

    json::object add(json::object more = {}) {
        more["portal"] = target.portal();
        return daemon.ask("POST", "/v1/portals", more).as_object();
    }
    json::object target_named(const std::string& name) {
        const auto answer = daemon.ask("GET", "/v1/targets?target=" + name);
        const auto& all = answer.at("targets").as_array();
        EXPECT_EQ(all.size(), 1U) << name;
        return all.empty() ? json::object{} : all.at(0).as_object();
    }
    std::size_t targets() { return daemon.ask("GET", "/v1/targets").at("targets").as_array().size(); }
    json::object only_portal() {
        const auto answer = daemon.ask("GET", "/v1/portals");
        const auto& all = answer.at("portals").as_array();
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? json::object{} : all.at(0).as_object();
    }
    json::object refreshed() {
        const auto answer = daemon.ask("POST", "/v1/portals/refresh", json::object{{"all", true}});
        return answer.at("results").as_array().at(0).as_object();
    }

    running_target target;
    daemon_under_test daemon;
};

TEST_F(discovery, adding_a_portal_asks_it_and_the_targets_are_listed_after_a_restart) {
    const auto added = add();
    EXPECT_EQ(text_of(added, "result"), "created");
    EXPECT_EQ(added.at("targets").as_array().size(), 4U);
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    daemon.reboot();
    daemon.start();
    const auto found = target_named(disk1);
    EXPECT_EQ(text_of(found.at("portals").at(0), "address"), target.portal());
    EXPECT_THAT(found.at("portals").at(0).at("discovered_by").as_array(), ElementsAre(json::value(target.portal())));
    EXPECT_FALSE(found.at("stale").as_bool());
    EXPECT_FALSE(found.at("is_connected").as_bool());
    EXPECT_EQ(only_portal().at("places"), 4);
    EXPECT_TRUE(only_portal().at("last_error").is_null());
    EXPECT_TRUE(daemon.sessions().empty()) << "discovery logs in to nothing";
}

TEST_F(discovery, a_portal_that_does_not_answer_is_not_added_unless_it_was_not_to_be_asked) {
    const auto portal = target.portal();
    target.stop();
    const auto failed = daemon.refused("POST", "/v1/portals", json::object{{"portal", portal}});
    EXPECT_EQ(failed.code, "unreachable");
    EXPECT_THAT(failed.message, HasSubstr(portal));
    EXPECT_TRUE(daemon.ask("GET", "/v1/portals").at("portals").as_array().empty());
    EXPECT_EQ(text_of(add({{"ask", false}}), "result"), "created");
    EXPECT_TRUE(only_portal().at("answered_at").is_null());
    EXPECT_EQ(text_of(add({{"ask", false}}), "result"), "unchanged");
    EXPECT_EQ(text_of(add({{"ask", false}, {"owner", "me"}}), "result"), "replaced");
}

TEST_F(discovery, a_refresh_that_fails_keeps_what_was_told_and_says_why) {
    (void)add();
    target.stop();
    const auto failed = refreshed();
    EXPECT_EQ(text_of(failed, "result"), "failed");
    EXPECT_THAT(text_of(failed, "message"), HasSubstr(target.portal()));
    EXPECT_THAT(text_of(only_portal(), "last_error"), HasSubstr(target.portal()));
    EXPECT_EQ(targets(), 4U);
    EXPECT_FALSE(target_named(disk1).at("stale").as_bool());
    target.start();
    const auto better = refreshed();
    EXPECT_EQ(text_of(better, "result"), "refreshed");
    EXPECT_EQ(better.at("places"), 4);
    EXPECT_EQ(better.at("appeared"), 0);
    EXPECT_EQ(better.at("gone"), 0);
    EXPECT_TRUE(only_portal().at("last_error").is_null());
}

TEST_F(discovery, a_silent_portal_keeps_nobody_else_waiting) {
    (void)add();
    const auto silent = daemon.ask("POST", "/v1/portals", json::object{{"portal", "127.0.0.1:1"}, {"ask", false}});
    EXPECT_EQ(text_of(silent, "result"), "created");
    const auto answer =
        daemon.ask("POST",
                   "/v1/portals/refresh",
                   json::object{{"portals", json::array{"127.0.0.1:1", target.portal(), "no portal", "127.0.0.9:9"}}});
    std::vector<std::string> results;
    for (const auto& one : answer.at("results").as_array()) results.push_back(text_of(one, "result"));
    EXPECT_THAT(results, ElementsAre("failed", "refreshed", "not_found", "not_found"));
}

TEST_F(discovery, a_discovered_target_is_connected_by_its_name) {
    EXPECT_EQ(daemon.refused("POST", "/v1/sessions", json::object{{"target", disk1}}).code, "not_found");
    (void)add();
    const auto answer = daemon.ask("POST", "/v1/sessions", json::object{{"target", disk1}, {"register", true}});
    const auto session = answer.at("sessions").at(0).as_object();
    EXPECT_EQ(text_of(session, "portal"), target.portal());
    EXPECT_TRUE(session.at("is_discovered").as_bool());
    const auto found = target_named(disk1);
    EXPECT_TRUE(found.at("is_connected").as_bool());
    EXPECT_EQ(found.at("sessions").as_array(), (json::array{session.at("id")}));
    EXPECT_EQ(found.at("registrations").as_array(), (json::array{session.at("registration_id")}));
}

TEST_F(discovery, removing_a_portal_names_who_uses_it_and_leaves_them) {
    (void)add();
    const auto ids = daemon.connect(target, "disk1", true);
    const json::object wanted{{"portals", json::array{target.portal(), "127.0.0.9:9"}}};
    auto rehearsal = wanted;
    rehearsal["dry_run"] = true;
    (void)daemon.ask("DELETE", "/v1/portals", rehearsal);
    EXPECT_EQ(targets(), 4U);
    const auto answer = daemon.ask("DELETE", "/v1/portals", wanted);
    const auto& removed = answer.at("results").at(0).as_object();
    EXPECT_EQ(text_of(removed, "result"), "removed");
    EXPECT_EQ(removed.at("sessions").as_array(), (json::array{json::value(ids.at(0))}));
    EXPECT_EQ(removed.at("registrations").as_array().size(), 1U);
    EXPECT_EQ(text_of(answer.at("results").at(1), "result"), "not_found");
    EXPECT_EQ(text_of(daemon.sessions().at(0), "state"), "logged_in");
    EXPECT_EQ(daemon.registrations().size(), 1U);
    const auto left = target_named(disk1);
    EXPECT_TRUE(left.at("portals").at(0).at("discovered_by").as_array().empty());
    EXPECT_TRUE(left.at("last_seen").is_null());
    EXPECT_EQ(targets(), 1U) << "only the one in use is known still";
}

TEST_F(discovery, refreshing_a_target_asks_the_portals_that_told_of_it) {
    (void)add();
    const auto answer =
        daemon.ask("POST", "/v1/targets/refresh", json::object{{"targets", json::array{disk1, "iqn.nobody"}}});
    const auto& results = answer.at("results").as_array();
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(text_of(results.at(0), "portal"), target.portal());
    EXPECT_EQ(text_of(results.at(0), "result"), "refreshed");
    EXPECT_EQ(text_of(results.at(1), "target"), "iqn.nobody");
    EXPECT_EQ(text_of(results.at(1), "result"), "not_found");
}

TEST_F(discovery, what_makes_no_sense_is_refused_naming_the_field) {
    const auto message = [&](const char* method, const char* path, const json::object& body) {
        const auto error = daemon.refused(method, path, body);
        EXPECT_EQ(error.code, "bad_request");
        return error.message;
    };
    EXPECT_THAT(message("POST", "/v1/portals", {{"portal", "a b"}}), HasSubstr("\"portal\" is not HOST:PORT"));
    EXPECT_THAT(message("POST", "/v1/portals", {{"portal", "h"}, {"initiator_name", "me"}}),
                HasSubstr("discovery at h:3260: the initiator's name \"me\" is not an iSCSI name"));
    EXPECT_THAT(message("POST", "/v1/portals/refresh", {}), HasSubstr("\"portals\" is missing"));
    EXPECT_THAT(message("DELETE", "/v1/portals", {{"all", true}, {"portals", json::array{"h"}}}),
                HasSubstr("\"portals\" cannot be combined with all"));
    EXPECT_THAT(message("POST", "/v1/targets/refresh", {}), HasSubstr("\"targets\" is missing"));
}

TEST_F(discovery, the_secret_of_a_portal_is_kept_and_never_shown) {
    (void)add({{"chap", json::object{{"name", "me"}, {"secret", chap_secret}}}, {"ask", false}});
    const auto listed = json::serialize(daemon.ask("GET", "/v1/portals"));
    EXPECT_EQ(listed.find(chap_secret), std::string::npos);
    EXPECT_EQ(text_of(only_portal(), "chap_secret"), "auto-1");
    EXPECT_EQ(daemon.refused("DELETE", "/v1/secrets", json::object{{"names", json::array{}}}).code, "bad_request");
    const auto secrets = daemon.ask("GET", "/v1/secrets");
    EXPECT_EQ(secrets.at("secrets").at(0).at("used_by").at(0), json::value(target.portal()));
    (void)daemon.ask("DELETE", "/v1/portals", json::object{{"all", true}});
    EXPECT_TRUE(daemon.ask("GET", "/v1/secrets").at("secrets").as_array().empty());
}

}  // namespace
}  // namespace persiscsi::testing
