// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/daemon/daemon_under_test.hpp"

#include <boost/json/serialize.hpp>

#include <csignal>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;

class session_life : public ::testing::Test {
  protected:
    void SetUp() override { daemon.start(); }

    running_target target;
    daemon_under_test daemon;
};

TEST_F(session_life, connect_makes_distinct_sessions_and_names_their_registrations) {
    const auto answer = daemon.ask(
        "POST",
        "/v1/sessions",
        json::object{
            {"target", "iqn.2026-11.test:disk1"}, {"portal", target.portal()}, {"sessions", 3}, {"register", true}});
    const auto& sessions = answer.at("sessions").as_array();
    ASSERT_EQ(sessions.size(), 3U);
    ASSERT_EQ(answer.at("registrations").as_array().size(), 3U);
    const auto isids = isids_of(sessions);
    EXPECT_EQ(std::set(isids.begin(), isids.end()).size(), 3U);
    EXPECT_EQ(target.connected_isids(), isids);
    for (const auto& session : sessions) {
        EXPECT_EQ(text_of(session, "state"), "logged_in");
        EXPECT_TRUE(session.at("is_persistent").as_bool());
    }
}

TEST_F(session_life, metrics_count_sessions_and_rows) {
    const auto ids = daemon.connect(target, "disk1", true);
    (void)daemon.connect(target, "disk2", false);
    const auto answer = daemon.client().call_raw("GET", "/metrics", std::nullopt, patience);
    std::string text;
    for (const auto byte : answer.body) text += static_cast<char>(byte);
    for (const auto& line : {std::string("persiscsi_sessions{state=\"logged_in\"} 2"),
                             std::string("persiscsi_sessions{state=\"failed\"} 0"),
                             std::string("persiscsi_registrations 1"),
                             std::string("persiscsi_unregistered_sessions 1"),
                             "persiscsi_session_logins_total{session=\"" + ids.at(0) +
                                 "\",target=\"iqn.2026-11.test:disk1\",portal=\"" + target.portal() + "\"} 1"})
        EXPECT_NE(text.find("\n" + line + "\n"), std::string::npos) << line << "\n" << text;
}

TEST_F(session_life, a_login_that_could_never_be_carried_out_is_the_requests_fault) {
    const json::object same{{"name", "me"}, {"secret", chap_secret}};
    const auto error = daemon.refused(
        "POST",
        "/v1/sessions",
        json::object{
            {"target", "iqn.2026-11.test:locked"}, {"portal", target.portal()}, {"chap", same}, {"mutual_chap", same}});
    EXPECT_EQ(error.code, "bad_request");
    EXPECT_EQ(error.exit, 2);
    EXPECT_EQ(error.message.find(chap_secret), std::string::npos);
}

TEST_F(session_life, a_session_has_the_properties_of_windows) {
    (void)daemon.connect(target, "disk1", true);
    const auto session = daemon.sessions().at(0).as_object();
    const json::object expected{{"authentication_type", "NONE"},
                                {"initiator_instance_name", "persiscsid"},
                                {"initiator_node_address", session.at("initiator_name")},
                                {"initiator_portal_address", "127.0.0.1"},
                                {"initiator_side_identifier", session.at("isid")},
                                {"is_connected", true},
                                {"is_data_digest", false},
                                {"is_discovered", false},
                                {"is_header_digest", false},
                                {"is_multipath_enabled", false},
                                {"is_persistent", true},
                                {"number_of_connections", 1},
                                {"session_identifier", session.at("id")},
                                {"target_node_address", "iqn.2026-11.test:disk1"},
                                {"target_side_identifier", session.at("tsih")}};
    for (const auto& [name, value] : expected) EXPECT_EQ(session.at(name), value) << name;
}

TEST_F(session_life, filters_of_lists_combine_and_an_empty_list_is_an_answer) {
    const auto ids = daemon.connect(target, "disk1", true, 2);
    (void)daemon.connect(target, "disk2", false);
    const auto second = daemon.ask("GET", "/v1/sessions/" + ids.at(1)).as_object();
    const auto found = [&](const std::string& query) {
        const auto answer = daemon.ask("GET", "/v1/sessions?" + query);
        std::vector<std::string> names;
        for (const auto& one : answer.at("sessions").as_array()) names.push_back(text_of(one, "id"));
        return names;
    };
    const std::vector<std::string> only_second{ids.at(1)};
    EXPECT_EQ(found("isid=" + text_of(second, "isid")), only_second);
    EXPECT_EQ(found("connection=" + ids.at(1) + "%3A0"), only_second);
    EXPECT_EQ(found("target=iqn.2026-11.test%3Adisk1&tsih=" + json::serialize(second.at("tsih"))), only_second);
    EXPECT_EQ(found("connections=1").size(), 3U);
    EXPECT_EQ(found("connections=2").size(), 0U);
    EXPECT_EQ(found("connection=" + ids.at(1) + "%3A1").size(), 0U);
    EXPECT_EQ(daemon.refused("GET", "/v1/sessions?tsih=none").exit, 2);

    const auto connections = [&](const std::string& query) {
        return daemon.ask("GET", "/v1/connections?" + query).at("connections").as_array().size();
    };
    EXPECT_EQ(connections("address=" + target.portal()), 3U);
    EXPECT_EQ(connections("address=127.0.0.1&session=" + ids.at(0)), 1U);
    EXPECT_EQ(connections("address=127.0.0.2"), 0U);
    EXPECT_EQ(connections("target=iqn.2026-11.test%3Adisk2"), 1U);
    EXPECT_EQ(daemon.refused("GET", "/v1/connections?address=disk").exit, 2);

    const auto registrations = [&](const std::string& query) {
        return daemon.ask("GET", "/v1/registrations?" + query).at("registrations").as_array().size();
    };
    EXPECT_EQ(registrations("isid=" + text_of(second, "isid")), 1U);
    EXPECT_EQ(registrations("connections=1"), 2U);
    EXPECT_EQ(registrations("connections=2"), 0U);
}

TEST_F(session_life, the_same_session_asked_again_is_busy_unless_another_is_wanted) {
    const auto ids = daemon.connect(target, "disk1", false);
    json::object request{{"target", "IQN.2026-11.test:DISK1"}, {"portal", target.portal()}};
    const auto error = daemon.refused("POST", "/v1/sessions", request);
    EXPECT_EQ(error.code, "busy");
    EXPECT_EQ(error.exit, 7);
    EXPECT_NE(error.message.find("already connected as session " + ids.at(0)), std::string::npos) << error.message;
    request["target"] = "iqn.2026-11.test:disk1";
    request["another"] = true;
    EXPECT_EQ(daemon.ask("POST", "/v1/sessions", request).at("sessions").as_array().size(), 1U);
    EXPECT_EQ(daemon.sessions().size(), 2U);
}

TEST_F(session_life, a_failed_connect_leaves_nothing_behind) {
    const auto unknown = daemon.refused(
        "POST",
        "/v1/sessions",
        json::object{{"target", "iqn.2026-11.test:nobody"}, {"portal", target.portal()}, {"register", true}});
    EXPECT_EQ(unknown.exit, 9);
    EXPECT_NE(unknown.message.find("iqn.2026-11.test:nobody"), std::string::npos) << unknown.message;
    const auto wrong = daemon.refused("POST",
                                      "/v1/sessions",
                                      json::object{{"target", "iqn.2026-11.test:locked"},
                                                   {"portal", target.portal()},
                                                   {"register", true},
                                                   {"chap", {{"name", "someone"}, {"secret", "not-the-right-one"}}}});
    EXPECT_EQ(wrong.exit, 9);
    EXPECT_TRUE(daemon.sessions().empty());
    EXPECT_TRUE(daemon.registrations().empty());
    EXPECT_TRUE(daemon.ask("GET", "/v1/secrets").at("secrets").as_array().empty());
}

TEST_F(session_life, the_second_of_two_failing_undoes_the_first) {
    (*target).set_script(target::parse_fault_script("on login_request(3): drop_connection"));
    const auto answer = daemon.client().call(
        "POST",
        "/v1/sessions",
        json::object{
            {"target", "iqn.2026-11.test:disk1"}, {"portal", target.portal()}, {"register", true}, {"sessions", 2}},
        patience);
    EXPECT_FALSE(answer.ok()) << json::serialize(answer.body);
    EXPECT_TRUE(daemon.sessions().empty());
    EXPECT_TRUE(daemon.registrations().empty());
    EXPECT_TRUE(target.connected_isids().empty());
    EXPECT_EQ((*target).counters().logouts, 1U);
}

TEST_F(session_life, unregister_leaves_the_session_and_its_io_undisturbed) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    const auto path = "/v1/sessions/" + id + "/luns/0/blocks?lba=5";
    const std::vector<std::byte> data(4096, std::byte{0x5a});
    auto client = daemon.client();
    ASSERT_TRUE(client.call_raw("PUT", path, std::span(data), patience).ok());
    const auto result = daemon.ask("POST", "/v1/sessions/unregister", json::object{{"ids", {id}}}).at("results").at(0);
    EXPECT_EQ(text_of(result, "result"), "unregistered");
    EXPECT_TRUE(result.at("session_still_connected").as_bool());
    const auto read = client.call_raw("GET", path + "&blocks=8", std::nullopt, patience);
    EXPECT_EQ(read.status, 200U);
    EXPECT_EQ(read.body, data);
    EXPECT_EQ((*target).counters().logins, 1U);
    EXPECT_TRUE(daemon.registrations().empty());
}

TEST_F(session_life, pass_thru_shows_what_the_table_held_before_and_after) {
    const auto id = daemon.connect(target, "disk1", false).at(0);
    const auto change = [&](std::string_view method, std::string_view path, json::object body) {
        body["pass_thru"] = true;
        return daemon.ask(method, path, body).at("results").as_array().at(0).as_object();
    };
    const auto persistent = [](const json::object& result, const char* when) {
        return result.at(when).at("is_persistent").as_bool();
    };
    auto result = change("POST", "/v1/sessions/register", json::object{{"ids", {id}}, {"dry_run", true}});
    EXPECT_FALSE(persistent(result, "object_before"));
    EXPECT_TRUE(persistent(result, "object_after"));
    EXPECT_TRUE(result.at("object_after").at("registration_id").is_null());
    EXPECT_TRUE(daemon.registrations().empty());

    result = change("POST", "/v1/sessions/register", json::object{{"ids", {id}}});
    const auto registration = text_of(result, "registration_id");
    EXPECT_EQ(text_of(result.at("object_after"), "registration_id"), registration);
    EXPECT_EQ(result.at("object_after"), daemon.ask("GET", "/v1/sessions/" + id));

    const auto whole = daemon.ask("GET", "/v1/registrations/" + registration);
    result = change("POST", "/v1/sessions/unregister", json::object{{"all", true}, {"dry_run", true}});
    EXPECT_EQ(text_of(result, "id"), registration);
    EXPECT_EQ(result.at("object_before"), whole);
    EXPECT_TRUE(result.at("object_after").is_null());
    result = change("POST", "/v1/sessions/unregister", json::object{{"ids", {id, "reg-99"}}, {"atomic", true}});
    EXPECT_TRUE(persistent(result, "object_before"));
    EXPECT_TRUE(persistent(result, "object_after"));
    result = change("DELETE", "/v1/registrations", json::object{{"ids", {id}}});
    EXPECT_TRUE(persistent(result, "object_before"));
    EXPECT_FALSE(persistent(result, "object_after"));
    EXPECT_TRUE(result.at("object_after").at("is_connected").as_bool());

    result = change("DELETE", "/v1/sessions", json::object{{"ids", {id}}});
    EXPECT_TRUE(result.at("object_before").at("is_connected").as_bool());
    EXPECT_TRUE(result.at("object_after").is_null());
    result = change("DELETE", "/v1/sessions", json::object{{"ids", {id}}});
    EXPECT_EQ(text_of(result, "result"), "not_found");
    EXPECT_TRUE(result.at("object_before").is_null());
    EXPECT_FALSE(daemon.ask("POST", "/v1/sessions/unregister", json::object{{"all", true}})
                     .as_object()
                     .contains("object_before"));
}

TEST_F(session_life, disconnect_logs_out_and_says_what_returns) {
    const auto one = daemon.connect(target, "disk1", true).at(0);
    const auto two = daemon.connect(target, "disk2", true).at(0);
    auto result = daemon.ask("DELETE", "/v1/sessions", json::object{{"ids", {one}}}).at("results").at(0);
    EXPECT_EQ(text_of(result, "result"), "disconnected");
    EXPECT_EQ(text_of(result, "returns_because"), text_of(result, "registration_id"));
    result =
        daemon.ask("DELETE", "/v1/sessions", json::object{{"all", true}, {"unregister", true}}).at("results").at(0);
    EXPECT_EQ(text_of(result, "id"), two);
    EXPECT_TRUE(result.at("unregistered").as_bool());
    EXPECT_TRUE(result.at("returns_because").is_null());
    EXPECT_TRUE(daemon.sessions().empty());
    EXPECT_EQ(daemon.registrations().size(), 1U);
    EXPECT_EQ((*target).counters().logouts, 2U);
}

TEST_F(session_life, disconnect_with_unregister_of_a_dead_target_unregisters) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    target.stop();
    daemon.wait_until([&] { return text_of(daemon.sessions()[0], "state") != "logged_in"; }, "the loss noticed");
    const auto result =
        daemon.ask("DELETE", "/v1/sessions", json::object{{"ids", {id}}, {"unregister", true}}).at("results").at(0);
    EXPECT_EQ(text_of(result, "result"), "disconnected");
    EXPECT_TRUE(result.at("unregistered").as_bool());
    EXPECT_TRUE(daemon.registrations().empty());
    EXPECT_TRUE(daemon.sessions().empty());
}

TEST_F(session_life, connecting_again_after_disconnect_takes_up_the_registration) {
    const auto first = daemon.connect(target, "locked", true).at(0);
    const auto isids = isids_of(daemon.sessions());
    daemon.ask("DELETE", "/v1/sessions", json::object{{"ids", {first}}});
    daemon.connect(target, "locked", true);
    EXPECT_EQ(daemon.registrations().size(), 1U);
    EXPECT_EQ(isids_of(daemon.sessions()), isids);
}

TEST_F(session_life, a_lost_session_is_rebuilt_with_its_isid) {
    const auto id = daemon.connect(target, "disk1", false).at(0);
    const auto isids = target.connected_isids();
    (*target).drop_all_connections();
    daemon.wait_until([&] { return (*target).counters().logins == 2; }, "a second login");
    daemon.wait_logged_in({json::value(id)});
    EXPECT_EQ(target.connected_isids(), isids);
}

TEST_F(session_life, wait_ends_at_its_deadline_naming_what_is_missing) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    target.stop();
    daemon.wait_until([&] { return text_of(daemon.sessions()[0], "state") != "logged_in"; }, "the loss noticed");
    const auto late =
        daemon.client().call("POST", "/v1/sessions/wait", json::object{{"ids", {id}}}, std::chrono::milliseconds(300));
    EXPECT_EQ(late.status, 504U);
    EXPECT_EQ(control::error_of(late).exit, 11);
    EXPECT_NE(control::error_of(late).message.find(id), std::string::npos);
}

TEST_F(session_life, lists_are_filtered) {
    daemon.connect(target, "disk1", true);
    daemon.connect(target, "disk2", false);
    const auto count = [&](const std::string& path, const char* name) {
        return daemon.ask("GET", path).at(name).as_array().size();
    };
    EXPECT_EQ(count("/v1/sessions?target=iqn.2026-11.test%3Adisk1", "sessions"), 1U);
    EXPECT_EQ(count("/v1/sessions?target=iqn.2026-11.test%3Adisk1&target=iqn.2026-11.test%3Adisk2", "sessions"), 2U);
    EXPECT_EQ(count("/v1/sessions?portal=127.0.0.1:1", "sessions"), 0U);
    EXPECT_EQ(count("/v1/sessions?target=*", "sessions"), 0U);
    EXPECT_EQ(count("/v1/registrations", "registrations"), 1U);
    EXPECT_EQ(count("/v1/connections", "connections"), 2U);
    EXPECT_EQ(daemon.refused("GET", "/v1/sessions/nonsense").exit, 4);
    EXPECT_EQ(daemon.refused("GET", "/v1/registrations/reg-99").exit, 4);
}

TEST_F(session_life, logical_units_are_read_and_written_within_their_end) {
    const auto id = daemon.connect(target, "disk1", false).at(0);
    const auto base = "/v1/sessions/" + id + "/luns";
    EXPECT_EQ(daemon.ask("GET", base).at("luns").at(0).at("size").as_int64(), 1048576);
    EXPECT_EQ(daemon.ask("GET", base + "/0/capacity").at("blocks").as_int64(), 2048);
    EXPECT_FALSE(text_of(daemon.ask("GET", base + "/0/inquiry"), "serial").empty());
    EXPECT_TRUE(daemon.ask("GET", base + "/0/ready").at("ready").as_bool());
    EXPECT_TRUE(daemon.ask("POST", base + "/0/flush").as_object().empty());
    EXPECT_EQ(daemon.refused("GET", base + "/7/capacity").exit, 10);
    EXPECT_EQ(daemon.refused("GET", base + "/x/capacity").exit, 2);
    EXPECT_EQ(daemon.refused("GET", base + "/0/blocks?lba=2048&blocks=1").exit, 10);
    EXPECT_EQ(daemon.refused("GET", base + "/0/blocks?lba=0&blocks=0").exit, 2);
    const auto wrapped = daemon.refused("GET", base + "/0/blocks?lba=18446744073709551615&blocks=1");
    EXPECT_NE(wrapped.message.find("past the end"), std::string::npos) << wrapped.message;
    EXPECT_EQ(daemon.refused("GET", base + "/0/blocks?lba=-1&blocks=1").exit, 2);
    const std::vector<std::byte> odd(513);
    EXPECT_EQ(
        control::error_of(daemon.client().call_raw("PUT", base + "/0/blocks?lba=0", std::span(odd), patience)).exit, 2);
}

TEST_F(session_life, dry_run_of_connect_writes_nothing) {
    daemon.ask(
        "POST",
        "/v1/sessions",
        json::object{
            {"target", "iqn.2026-11.test:disk1"}, {"portal", target.portal()}, {"register", true}, {"dry_run", true}});
    EXPECT_TRUE(daemon.sessions().empty());
    EXPECT_TRUE(daemon.registrations().empty());
    EXPECT_EQ((*target).counters().connections, 0U);
}

}  // namespace
}  // namespace persiscsi::testing
