// SPDX-License-Identifier: Apache-2.0
// target and portal commands, against canned answers of the control API.
#include "tests/cli/daemon_verbs_case.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

using ::testing::HasSubstr;

TEST_F(daemon_verbs, connect_sends_the_login_and_never_shows_the_secret) {
    daemon_.on("POST /v1/sessions", {200, two_sessions});
    const auto secret = directory_.file("secret", "hunter2-hunter2\n");
    const auto result = run({"target",
                             "connect",
                             "iscsi://u@[::1]:3261/iqn.2024-01.com.example:a",
                             "--chap-secret-file",
                             secret,
                             "--header-digest",
                             "crc32c",
                             "--sessions",
                             "2",
                             "--register",
                             "--label",
                             "k=v=w",
                             "--param",
                             "CHAP_A=5",
                             "--connections",
                             "4",
                             "--erl",
                             "2",
                             "--recovery",
                             "30",
                             "--debug",
                             "--verbose"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ((result.out + result.err).find("hunter2"), std::string::npos);
    const auto body = last_body();
    EXPECT_EQ(body.at("target"), "iqn.2024-01.com.example:a");
    EXPECT_EQ(body.at("portal"), "[::1]:3261");
    EXPECT_EQ(body.at("chap"), boost::json::parse(R"({"name":"u","secret":"hunter2-hunter2"})"));
    EXPECT_EQ(body.at("header_digest"), "crc32c");
    EXPECT_EQ(body.at("data_digest"), "none");
    EXPECT_EQ(body.at("sessions"), 2);
    EXPECT_EQ(body.at("connections"), 4);
    EXPECT_EQ(body.at("register"), true);
    EXPECT_EQ(body.at("another"), false);
    EXPECT_EQ(body.at("labels"), boost::json::parse(R"({"k":"v=w"})"));
    EXPECT_EQ(body.at("parameters"),
              boost::json::parse(R"([{"key":"CHAP_A","value":"5"},{"key":"ErrorRecoveryLevel","value":"2"},)"
                                 R"({"key":"MaxOutstandingR2T","value":"1"}])"));
    EXPECT_EQ(body.at("recovery"), boost::json::parse(R"({"fail_after":30})"));
    EXPECT_TRUE(body.at("initiator_name").is_null());
    EXPECT_TRUE(body.at("chap_secret").is_null());
}

TEST_F(daemon_verbs, connect_takes_stored_secrets_by_name) {
    daemon_.on("POST /v1/sessions", {200, two_sessions});
    const std::string url = "iscsi://192.0.2.7/iqn.2024-01.com.example:a";
    EXPECT_EQ(run({"target", "connect", url, "--chap-secret", "array-7", "--mutual-secret", "back"}).exit, 0);
    EXPECT_EQ(last_body().at("chap_secret"), "array-7");
    EXPECT_EQ(last_body().at("mutual_secret"), "back");
    EXPECT_FALSE(last_body().contains("chap"));
    EXPECT_EQ(run({"target", "connect", url, "--chap-secret", "array-7", "--chap-user", "u"}).exit, 2);
    EXPECT_EQ(run({"target", "connect", url, "--mutual-secret", "back"}).exit, 2);
    EXPECT_EQ(run({"target", "connect", url + "/0"}).exit, 2);
}

TEST_F(daemon_verbs, connect_takes_the_name_of_a_discovered_target) {
    daemon_.on("POST /v1/sessions", {200, two_sessions});
    EXPECT_EQ(run({"target", "connect", "iqn.2024-01.com.example:a", "--mutual", "--chap-secret", "mine"}).exit, 0);
    EXPECT_EQ(last_body().at("target"), "iqn.2024-01.com.example:a");
    EXPECT_EQ(last_body().at("mutual_secret"), "host-mutual");
    EXPECT_FALSE(last_body().contains("portal"));
    const auto before = daemon_.requests().size();
    const auto nonsense = run({"target", "connect", "iqn.nope"});
    EXPECT_EQ(nonsense.exit, 2);
    EXPECT_THAT(nonsense.err, HasSubstr("neither a URL (iscsi://…) nor the name of a target"));
    EXPECT_EQ(run({"target", "connect", "iqn.2024-01.com.example:a", "--mutual", "--mutual-secret", "x"}).exit, 2);
    EXPECT_EQ(daemon_.requests().size(), before);
}

TEST_F(daemon_verbs, portal_add_says_what_it_told) {
    daemon_.on("POST /v1/portals",
               {200,
                R"({"portal":"192.0.2.7:3260","result":"created","targets":[{"target":"iqn.a",)"
                R"("portals":[{"address":"192.0.2.7:3260","portal_group_tag":1}]}]})"});
    const auto result = run({"portal", "add", "192.0.2.7", "--no-discovery", "--header-digest", "crc32c"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.out, "portal 192.0.2.7:3260 created\nTARGET  PORTALS\niqn.a   192.0.2.7:3260\n");
    EXPECT_EQ(last_body().at("portal"), "192.0.2.7");
    EXPECT_EQ(last_body().at("ask"), false);
    EXPECT_EQ(last_body().at("header_digest"), "crc32c");
}

TEST_F(daemon_verbs, portal_refresh_and_remove_count_failures) {
    daemon_.on("POST /v1/portals/refresh",
               {200,
                R"({"results":[{"portal":"a:1","result":"refreshed","places":3,"appeared":1,"gone":0},)"
                R"({"portal":"b:1","result":"failed","message":"no TCP connection"}]})"});
    const auto refreshed = run({"portal", "refresh", "a:1", "b:1"});
    EXPECT_EQ(refreshed.exit, 3);
    EXPECT_THAT(refreshed.err, HasSubstr("portal refresh \"b:1\": no TCP connection"));
    EXPECT_THAT(refreshed.out, HasSubstr("a:1     refreshed  3       1         0"));
    daemon_.on("DELETE /v1/portals",
               {200, R"({"results":[{"portal":"a:1","result":"removed","sessions":["s1"],"registrations":[]}]})"});
    const auto removed = run({"portal", "remove", "a:1"});
    EXPECT_EQ(removed.exit, 0) << removed.err;
    EXPECT_THAT(removed.out, HasSubstr("a:1     removed  s1"));
    EXPECT_EQ(run({"portal", "remove"}).exit, 2);
    EXPECT_EQ(run({"portal", "refresh", "a:1", "--all"}).exit, 2);
    EXPECT_EQ(run({"target", "refresh"}).exit, 2);
}

TEST_F(daemon_verbs, target_list_shows_where_targets_are) {
    daemon_.on("GET /v1/targets?target=iqn.a",
               {200,
                R"({"targets":[{"target":"iqn.a","portals":[{"address":"h:1"},{"address":"h:2"}],)"
                R"("last_seen":null,"stale":true,"sessions":["s1"]}]})"});
    const auto result = run({"target", "list", "iqn.a"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("iqn.a   h:1 h:2  -          yes    s1"));
    program_input piped;
    piped.standard_input = R"({"sessions":[{"id":"s1","target":"iqn.a"}]})";
    EXPECT_EQ(run({"target", "list", "-"}, piped).exit, 0);
}

TEST_F(daemon_verbs, connect_over_tls_names_the_files_as_the_daemon_can_find_them) {
    daemon_.on("POST /v1/sessions", {200, two_sessions});
    const arguments connect{"target", "connect", "iscsi://192.0.2.7/iqn.2024-01.com.example:a"};
    const auto with = [&](const arguments& more) {
        auto line = connect;
        line.insert(line.end(), more.begin(), more.end());
        return run(line);
    };
    EXPECT_EQ(with({}).exit, 0);
    EXPECT_EQ(last_body().at("tls"), false);
    EXPECT_TRUE(last_body().at("tls_options").is_null());
    const auto result = with({"--tls",
                              "--tls-ca",
                              "here/ca.pem",
                              "--tls-cert",
                              "/etc/me.pem",
                              "--tls-key",
                              "../me.key",
                              "--tls-server-name",
                              "disk.example",
                              "--interface",
                              "eth0"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.err, "");
    const auto here = std::filesystem::current_path().native();
    EXPECT_EQ(last_body().at("tls"), true);
    EXPECT_EQ(last_body().at("tls_options"),
              (boost::json::object{{"verify", true},
                                   {"ca", here + "/here/ca.pem"},
                                   {"certificate", "/etc/me.pem"},
                                   {"key", here + "/../me.key"},
                                   {"server_name", "disk.example"}}));
    EXPECT_EQ(last_body().at("interface"), "eth0");
    EXPECT_EQ(with({"--tls-ca", "ca.pem"}).exit, 2);
}

TEST_F(daemon_verbs, connect_over_tls_says_when_nothing_is_verified) {
    daemon_.on("POST /v1/sessions", {200, two_sessions});
    const auto result =
        run({"target", "connect", "iscsi://192.0.2.7/iqn.2024-01.com.example:a", "--tls", "--tls-insecure", "--quiet"});
    EXPECT_EQ(result.exit, 0);
    EXPECT_EQ(last_body().at("tls_options").at("verify"), false);
    EXPECT_NE(result.err.find("the target's certificate is not verified"), std::string::npos) << result.err;
}

TEST_F(daemon_verbs, disconnect_of_scripts_is_not_asked_about) {
    daemon_.on("DELETE /v1/sessions",
               {200,
                R"({"results":[{"id":"s1","result":"disconnected","target":"t","unregistered":true,)"
                R"("returns_because":null}]})"});
    const auto result = run({"target", "disconnect", "s1", "--unregister"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.out,
              "ID  RESULT        TARGET  UNREGISTERED  RETURNS BECAUSE\ns1  disconnected  t       yes           -\n");
    EXPECT_EQ(last_body().at("unregister"), true);
}

}  // namespace
}  // namespace persiscsi::cli
