// SPDX-License-Identifier: Apache-2.0
// Lists and changes of sessions and registrations, secrets, state: against canned answers of the control API.
#include "tests/cli/daemon_verbs_case.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

constexpr char windows_sessions[] =
    R"({"sessions":[{"id":"s1","authentication_type":"MUTUALCHAP","initiator_instance_name":"persiscsid",)"
    R"("initiator_node_address":"iqn.2026-11.org.persiscsi:h","initiator_portal_address":"192.0.2.1",)"
    R"("initiator_side_identifier":"0x800000000001","is_connected":true,"is_data_digest":false,)"
    R"("is_discovered":false,"is_header_digest":true,"is_multipath_enabled":false,"is_persistent":true,)"
    R"("number_of_connections":2,"session_identifier":"s1",)"
    R"("target_node_address":"iqn.2024-01.com.example:a\u001b[2J","target_side_identifier":161},)"
    R"({"id":"s2","authentication_type":"NONE","initiator_portal_address":null,"is_connected":false,)"
    R"("number_of_connections":0,"session_identifier":"s2","target_side_identifier":null}]})";

TEST_F(daemon_verbs, session_list_is_a_table_for_people) {
    daemon_.on("GET /v1/sessions", {200, two_sessions});
    const auto result = run({"session", "list"});
    EXPECT_EQ(result.exit, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(result.out,
              "ID  TARGET                     PORTAL          STATE         REGISTRATION\n"
              "s1  iqn.2024-01.com.example:a  192.0.2.7:3260  logged_in     reg-1\n"
              "s2  iqn.2024-01.com.example:b  [::1]:3260      reconnecting  -\n");
    EXPECT_EQ(daemon_.last().api, "1");
}

TEST_F(daemon_verbs, session_list_as_json_is_the_daemons_one_document) {
    daemon_.on("GET /v1/sessions", {200, two_sessions});
    const auto result = run({"--json", "session", "list"});
    EXPECT_EQ(result.exit, 0);
    EXPECT_EQ(boost::json::parse(result.out), boost::json::parse(two_sessions));
}

TEST_F(daemon_verbs, quiet_session_list_is_ids_only) {
    daemon_.on("GET /v1/sessions", {200, two_sessions});
    EXPECT_EQ(run({"session", "list", "--quiet"}).out, "s1\ns2\n");
}

TEST_F(daemon_verbs, long_session_list_is_the_layout_of_windows) {
    daemon_.on("GET /v1/sessions", {200, windows_sessions});
    const auto result = run({"session", "list", "--long"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.out,
              "AuthenticationType      : MUTUALCHAP\n"
              "InitiatorInstanceName   : persiscsid\n"
              "InitiatorNodeAddress    : iqn.2026-11.org.persiscsi:h\n"
              "InitiatorPortalAddress  : 192.0.2.1\n"
              "InitiatorSideIdentifier : 0x800000000001\n"
              "IsConnected             : True\n"
              "IsDataDigest            : False\n"
              "IsDiscovered            : False\n"
              "IsHeaderDigest          : True\n"
              "IsMultipathEnabled      : False\n"
              "IsPersistent            : True\n"
              "NumberOfConnections     : 2\n"
              "SessionIdentifier       : s1\n"
              "TargetNodeAddress       : iqn.2024-01.com.example:a\\x1b[2J\n"
              "TargetSideIdentifier    : 0x00a1\n"
              "\n"
              "AuthenticationType      : NONE\n"
              "InitiatorInstanceName   :\n"
              "InitiatorNodeAddress    :\n"
              "InitiatorPortalAddress  :\n"
              "InitiatorSideIdentifier :\n"
              "IsConnected             : False\n"
              "IsDataDigest            :\n"
              "IsDiscovered            :\n"
              "IsHeaderDigest          :\n"
              "IsMultipathEnabled      :\n"
              "IsPersistent            :\n"
              "NumberOfConnections     : 0\n"
              "SessionIdentifier       : s2\n"
              "TargetNodeAddress       :\n"
              "TargetSideIdentifier    :\n");
    EXPECT_EQ(run({"session", "list", "--long", "--quiet"}).out, "s1\ns2\n");
    EXPECT_EQ(boost::json::parse(run({"session", "list", "--long", "--json"}).out),
              boost::json::parse(windows_sessions));
}

TEST_F(daemon_verbs, filters_and_ids_of_a_list_are_encoded_literally) {
    daemon_.on("GET /v1/sessions?target=iqn.a%3Ab&target=%2A&portal=%5B%3A%3A1%5D%3A3260&id=s%2F1",
               {200, R"({"sessions":[]})"});
    const auto result =
        run({"session", "list", "--target", "iqn.a:b", "--target", "*", "--portal", "[::1]:3260", "s/1"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.out, "ID  TARGET  PORTAL  STATE  REGISTRATION\n");
}

TEST_F(daemon_verbs, every_filter_reaches_the_daemon) {
    daemon_.on("GET /v1/sessions?connection=s%3A0&connection=s%3A1&isid=800000000001&tsih=0x10&connections=2",
               {200, R"({"sessions":[]})"});
    EXPECT_EQ(run({"session",
                   "list",
                   "--connections",
                   "2",
                   "--tsih=0x10",
                   "--isid",
                   "800000000001",
                   "--connection",
                   "s:0",
                   "--connection",
                   "s:1"})
                  .exit,
              0);
    daemon_.on("GET /v1/registrations?isid=800000000001&connections=2", {200, R"({"registrations":[]})"});
    EXPECT_EQ(run({"registration", "list", "--isid", "800000000001", "--connections", "2"}).exit, 0);
    daemon_.on("GET /v1/connections?session=a&session=b&target=t&address=%5B%3A%3A1%5D%3A3260",
               {200, R"({"connections":[]})"});
    const auto result =
        run({"connection", "list", "--session", "a", "--session", "b", "--target", "t", "--address", "[::1]:3260"});
    EXPECT_EQ(result.exit, 0) << result.err;
}

TEST_F(daemon_verbs, foreign_text_cannot_write_to_the_terminal) {
    daemon_.on("GET /v1/sessions", {200, R"({"sessions":[{"id":"s\u001b[2J","target":"a\nb"}]})"});
    const auto result = run({"session", "list"});
    EXPECT_NE(result.out.find("s\\x1b[2J"), result.out.npos) << result.out;
    EXPECT_NE(result.out.find("a\\x0ab"), result.out.npos) << result.out;
}

TEST_F(daemon_verbs, session_show_prints_names_and_values) {
    daemon_.on("GET /v1/sessions/s1",
               {200, R"({"id":"s1","tsih":null,"header_digest":true,"negotiated":{"max_burst_length":65536}})"});
    const auto result = run({"session", "show", "s1"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.out,
              "id                           s1\n"
              "tsih                         -\n"
              "header_digest                yes\n"
              "negotiated.max_burst_length  65536\n");
}

TEST_F(daemon_verbs, error_of_the_daemon_is_one_line_and_its_exit_code) {
    daemon_.on("GET /v1/sessions/s9",
               {404, R"({"error":{"code":"not_found","message":"show session s9: not found","exit":4}})"});
    const auto result = run({"session", "show", "s9", "--json"});
    EXPECT_EQ(result.exit, 4);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "persiscsi: session show: show session s9: not found\n");
}

TEST_F(daemon_verbs, answer_that_is_no_answer_of_ours_is_an_internal_error) {
    daemon_.on("GET /v1/sessions", {200, R"({"sessions":7})"});
    EXPECT_EQ(run({"session", "list"}).exit, 1);
    daemon_.on("GET /v1/sessions", {200, "[]"});
    EXPECT_EQ(run({"session", "list"}).exit, 1);
    daemon_.on("GET /v1/sessions", {500, "{}"});
    EXPECT_EQ(run({"session", "list"}).exit, 1);
    daemon_.on("GET /v1/sessions", {200, "<html>"});
    EXPECT_EQ(run({"session", "list"}).exit, 8);
}

TEST_F(daemon_verbs, unregister_shows_each_item_and_counts_failures) {
    daemon_.on("POST /v1/sessions/unregister",
               {200,
                R"({"results":[{"id":"s1","result":"unregistered","before":"registered","after":"not registered",)"
                R"("session_still_connected":true,"returns_because":"reg-7","message":null},)"
                R"({"id":"s2","result":"not_found","before":null,"after":null,"session_still_connected":false,)"
                R"("returns_because":null,"message":"no such session or registration"}]})"});
    const auto result = run({"session", "unregister", "s1", "s2", "--atomic"});
    EXPECT_EQ(result.exit, 3);
    EXPECT_EQ(result.err, "persiscsi: session unregister \"s2\": no such session or registration\n");
    EXPECT_EQ(result.out,
              "ID  RESULT        BEFORE      AFTER           SESSION          RETURNS BECAUSE\n"
              "s1  unregistered  registered  not registered  still connected  reg-7\n"
              "s2  not_found     -           -               -                -\n");
    const auto body = last_body();
    EXPECT_EQ(body.at("ids"), boost::json::parse(R"(["s1","s2"])"));
    EXPECT_EQ(body.at("atomic"), true);
    EXPECT_EQ(body.at("all"), false);
    EXPECT_EQ(body.at("dry_run"), false);
}

TEST_F(daemon_verbs, pass_thru_shows_each_object_before_and_after) {
    const std::string results =
        R"({"results":[{"id":"s1","result":"unregistered","before":"registered","after":"not_registered",)"
        R"("object_before":{"id":"s1","session_identifier":"s1","is_persistent":true},)"
        R"("object_after":{"id":"s1","session_identifier":"s1","is_persistent":false}},)"
        R"({"id":"reg-7","result":"unregistered","before":"registered","after":"not_registered",)"
        R"("object_before":{"id":"reg-7","target":"iqn.a"},"object_after":null}]})";
    daemon_.on("POST /v1/sessions/unregister", {200, results});
    const auto result = run({"session", "unregister", "s1", "reg-7", "--pass-thru"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(last_body().at("pass_thru"), true);
    const auto block = [](const std::string& persistent) {
        return "AuthenticationType      :\nInitiatorInstanceName   :\nInitiatorNodeAddress    :\n"
               "InitiatorPortalAddress  :\nInitiatorSideIdentifier :\nIsConnected             :\n"
               "IsDataDigest            :\nIsDiscovered            :\nIsHeaderDigest          :\n"
               "IsMultipathEnabled      :\nIsPersistent            : " +
               persistent +
               "\nNumberOfConnections     :\nSessionIdentifier       : s1\nTargetNodeAddress       :\n"
               "TargetSideIdentifier    :\n";
    };
    EXPECT_EQ(result.out.substr(result.out.find("\n\n") + 1),
              "\ns1 before:\n" + block("True") + "\ns1 after:\n" + block("False") +
                  "\nreg-7 before:\nid      reg-7\ntarget  iqn.a\n\nreg-7 after:\nnone\n");
    const auto as_json = run({"session", "unregister", "s1", "reg-7", "--pass-thru", "--json"});
    EXPECT_EQ(boost::json::parse(as_json.out), boost::json::parse(results));
    EXPECT_EQ(run({"session", "unregister", "s1", "reg-7", "--pass-thru", "--quiet"}).out, "");
}

TEST_F(daemon_verbs, pass_thru_is_asked_for_by_every_verb_that_changes) {
    daemon_.on("POST /v1/sessions/register", {200, R"({"results":[{"id":"s1","result":"registered"}]})"});
    daemon_.on("DELETE /v1/registrations", {200, R"({"results":[{"id":"s1","result":"unregistered"}]})"});
    daemon_.on("DELETE /v1/sessions", {200, R"({"results":[{"id":"s1","result":"disconnected"}]})"});
    for (arguments line : {arguments{"session", "register", "s1"},
                           arguments{"registration", "remove", "s1"},
                           arguments{"target", "disconnect", "s1"}}) {
        EXPECT_EQ(run(line).exit, 0) << line[1];
        EXPECT_EQ(last_body().at("pass_thru"), false) << line[1];
        line.emplace_back("--pass-thru");
        EXPECT_EQ(run(line).exit, 0) << line[1];
        EXPECT_EQ(last_body().at("pass_thru"), true) << line[1];
    }
}

TEST_F(daemon_verbs, unregister_scopes_exclude_each_other) {
    for (const arguments& line : {arguments{"session", "unregister"},
                                  arguments{"session", "unregister", "s1", "--all"},
                                  arguments{"session", "unregister", "s1", "--target", "iqn.2024-01.com.example:a"},
                                  arguments{"registration", "remove"},
                                  arguments{"target", "disconnect"},
                                  arguments{"target", "disconnect", "s1", "--all"}}) {
        const auto result = run(line);
        EXPECT_EQ(result.exit, 2) << line[1];
        EXPECT_EQ(result.out, "");
    }
    EXPECT_TRUE(daemon_.requests().empty());
}

TEST_F(daemon_verbs, unregister_of_none_is_as_wanted_for_all_and_nothing_matched_for_a_filter) {
    daemon_.on("POST /v1/sessions/unregister", {200, R"({"results":[]})"});
    const auto all = run({"session", "unregister", "--all"});
    EXPECT_EQ(all.exit, 0);
    EXPECT_EQ(all.out, "nothing is registered\n");
    EXPECT_EQ(last_body().at("all"), true);
    const auto filtered = run({"session", "unregister", "--target", "iqn.2024-01.com.example:a"});
    EXPECT_EQ(filtered.exit, 4);
    EXPECT_EQ(filtered.err, "persiscsi: session unregister: nothing registered matches\n");
    EXPECT_EQ(last_body().at("target"), "iqn.2024-01.com.example:a");
}

TEST_F(daemon_verbs, strict_makes_not_registered_a_failure) {
    daemon_.on("POST /v1/sessions/unregister", {200, R"({"results":[{"id":"s1","result":"not_registered"}]})"});
    EXPECT_EQ(run({"session", "unregister", "s1"}).exit, 0);
    EXPECT_EQ(run({"session", "unregister", "s1", "--strict"}).exit, 3);
}

TEST_F(daemon_verbs, sessions_printed_as_json_can_be_piped_into_unregister) {
    daemon_.on("POST /v1/sessions/unregister",
               {200, R"({"results":[{"id":"s1","result":"unregistered"},{"id":"s2","result":"not_registered"}]})"});
    EXPECT_EQ(run({"session", "unregister", "-"}, {.standard_input = two_sessions}).exit, 0);
    EXPECT_EQ(last_body().at("ids"), boost::json::parse(R"(["s1","s2"])"));
}

TEST_F(daemon_verbs, empty_pipe_is_nothing_matched_and_never_all) {
    const auto result = run({"session", "unregister", "-"}, {.standard_input = R"({"sessions":[]})"});
    EXPECT_EQ(result.exit, 4);
    EXPECT_EQ(run({"session", "wait", "-"}).exit, 4);
    EXPECT_EQ(run({"session", "list", "-", "--json"}).out, "{\"sessions\":[]}\n");
    EXPECT_TRUE(daemon_.requests().empty());
}

TEST_F(daemon_verbs, registration_remove_takes_registrations_of_piped_sessions) {
    daemon_.on("DELETE /v1/registrations", {200, R"({"results":[{"id":"reg-1","result":"unregistered"}]})"});
    const auto result = run({"registration", "remove", "-"},
                            {.standard_input = R"({"sessions":[{"id":"s1","registration_id":"reg-1"}]})"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(last_body().at("ids"), boost::json::parse(R"(["reg-1"])"));
}

TEST_F(daemon_verbs, register_names_the_registrations) {
    daemon_.on("POST /v1/sessions/register",
               {200, R"({"results":[{"id":"s1","result":"already_registered","registration_id":"reg-1"}]})"});
    const auto result = run({"session", "register", "s1", "--sessions", "3", "--dry-run"});
    EXPECT_EQ(result.exit, 0);
    EXPECT_EQ(result.out, "ID  RESULT              REGISTRATION\ns1  already_registered  reg-1\n");
    EXPECT_EQ(last_body().at("sessions"), 3);
    EXPECT_EQ(last_body().at("dry_run"), true);
}

TEST_F(daemon_verbs, quiet_change_prints_nothing) {
    daemon_.on("POST /v1/sessions/register", {200, R"({"results":[{"id":"s1","result":"registered"}]})"});
    const auto result = run({"session", "register", "s1", "--quiet"});
    EXPECT_EQ(result.exit, 0);
    EXPECT_EQ(result.out + result.err, "");
}

TEST_F(daemon_verbs, secret_is_read_from_a_file_or_standard_input_and_never_shown) {
    daemon_.on("PUT /v1/secrets/array%207", {200, R"({"name":"array 7","result":"created"})"});
    const auto file = directory_.file("secret", "hunter2-hunter2\n");
    const auto from_file = run({"secret", "set", "array 7", "--user", "u", "--secret-file", file, "--debug"});
    EXPECT_EQ(from_file.exit, 0) << from_file.err;
    EXPECT_EQ(from_file.out, "secret array 7 created\n");
    EXPECT_EQ((from_file.out + from_file.err).find("hunter2"), std::string::npos);
    EXPECT_EQ(last_body().at("secret"), "hunter2-hunter2");
    EXPECT_EQ(last_body().at("chap_name"), "u");
    const auto piped =
        run({"secret", "set", "array 7", "--user", "u", "--secret-file", "-"}, {.standard_input = "other-other\n"});
    EXPECT_EQ(piped.exit, 0) << piped.err;
    EXPECT_EQ(last_body().at("secret"), "other-other");
}

TEST_F(daemon_verbs, secret_without_file_and_terminal_is_a_usage_error) {
    const auto result = run({"secret", "set", "a", "--user", "u"});
    EXPECT_EQ(result.exit, 2);
    EXPECT_EQ(result.err, "persiscsi: secret set: no terminal to ask on: give the secret by --secret-file\n");
    EXPECT_TRUE(daemon_.requests().empty());
}

TEST_F(daemon_verbs, secret_set_dry_run_changes_nothing) {
    daemon_.on("GET /v1/secrets", {200, R"({"secrets":[{"name":"a","chap_name":"u","used_by":["reg-1","s1"]}]})"});
    const auto file = directory_.file("secret", "hunter2-hunter2\n");
    EXPECT_EQ(run({"secret", "set", "a", "--user", "u", "--secret-file", file, "--dry-run"}).out,
              "secret a replaced\n");
    EXPECT_EQ(run({"secret", "set", "b", "--user", "u", "--secret-file", file, "--dry-run"}).out, "secret b created\n");
    for (const auto& request : daemon_.requests()) EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(run({"secret", "list"}).out, "NAME  CHAP NAME  USED BY    CREATED\na     u          reg-1, s1  -\n");
}

TEST_F(daemon_verbs, secret_in_use_is_refused_with_its_users) {
    daemon_.on("DELETE /v1/secrets",
               {200, R"({"results":[{"name":"a","result":"refused","message":"used by reg-1"}]})"});
    const auto result = run({"secret", "remove", "a"});
    EXPECT_EQ(result.exit, 5);
    EXPECT_EQ(result.err, "persiscsi: secret remove \"a\": used by reg-1\n");
}

TEST_F(daemon_verbs, wait_gives_the_daemon_the_time_there_is) {
    daemon_.on("POST /v1/sessions/wait",
               {504, R"({"error":{"code":"timed_out","message":"wait for sessions: reg-2 is connecting","exit":11}})"});
    const auto result = run({"session", "wait", "--timeout", "5"});
    EXPECT_EQ(result.exit, 11);
    EXPECT_EQ(result.err, "persiscsi: session wait: wait for sessions: reg-2 is connecting\n");
    EXPECT_EQ(last_body().at("state"), "logged_in");
    EXPECT_EQ(last_body().at("ids").as_array().size(), 0U);
}

TEST_F(daemon_verbs, status_connections_and_version_are_shown) {
    daemon_.on("GET /v1/status", {200, R"({"version":"1","sessions":{"total":2},"damaged_rows":[]})"});
    EXPECT_EQ(run({"status"}).out, "version         1\nsessions.total  2\ndamaged_rows    -\n");
    daemon_.on("GET /v1/connections?session=s1",
               {200,
                R"({"connections":[{"id":"c1","session_id":"s1","cid":0,"local_address":"l","remote_address":"r",)"
                R"("state":"logged_in"}]})"});
    EXPECT_EQ(run({"connection", "list", "--session", "s1"}).out,
              "ID  SESSION  CID  LOCAL  REMOTE  STATE\nc1  s1       0    l      r       logged_in\n");
    daemon_.on("GET /v1/version", {200, R"({"version":"9.9","api":1})"});
    EXPECT_EQ(run({"version", "--json"}).out,
              "{\"version\":\"" PERSISCSI_VERSION "\",\"api\":1,\"daemon\":{\"version\":\"9.9\",\"api\":1}}\n");
}

TEST_F(daemon_verbs, doctor_says_what_is_wrong_and_ends_accordingly) {
    const auto boot = directory_.file("boot", "boot-1\n");
    std::filesystem::create_directory(directory_.path() / "state");
    ::chmod((directory_.path() / "state").c_str(), 0700);
    const program_input input{.environment = {{"PERSISCSI_BOOT_ID_FILE", boot}}};
    const auto status = [&](const std::string& damaged) {
        return R"({"version":")" PERSISCSI_VERSION R"(","started_at":"2026-11-22T12:00:00Z","boot_id":"boot-1",)"
               R"("initiator_name":"iqn.i","registrations":1,"unregistered_sessions":1,"secrets":0,"damaged_rows":)" +
               damaged + R"(,"state_dir":")" + (directory_.path() / "state").string() + "\"}";
    };
    daemon_.on("GET /v1/status", {200, status("[]")});
    daemon_.on("GET /v1/sessions",
               {200, R"({"sessions":[{"id":"s1","state":"reconnecting","last_error":"no \u001b[2J route"}]})"});
    daemon_.on("GET /v1/registrations",
               {200, R"({"registrations":[{"id":"reg-7","target":"iqn.a","portal":"h:3260","session_id":"s1"}]})"});
    daemon_.on("GET /v1/secrets", {200, R"({"secrets":[]})"});
    const auto warned = run({"doctor"}, input);
    EXPECT_EQ(warned.exit, 0) << warned.err;
    EXPECT_EQ(warned.err, "");
    EXPECT_TRUE(warned.out.starts_with("ok: daemon: persiscsid answers, since 2026-11-22T12:00:00Z, as iqn.i\n"));
    EXPECT_NE(warned.out.find("\nwarning: registration: reg-7 (iqn.a at h:3260) is reconnecting: no \\x1b[2J route\n"),
              warned.out.npos)
        << warned.out;
    EXPECT_EQ(run({"doctor", "--quiet"}, input).out.find("ok: "), std::string::npos);

    daemon_.on("GET /v1/status", {200, status(R"([{"table":"registrations","id":"reg-9","reason":"checksum"}])")});
    const auto wrong = run({"doctor", "--json"}, input);
    EXPECT_EQ(wrong.exit, 3);
    const auto found = boost::json::parse(wrong.out).at("checks").as_array();
    const auto problem = std::ranges::find_if(found, [](const auto& one) { return one.at("result") == "problem"; });
    ASSERT_NE(problem, found.end());
    EXPECT_EQ(problem->at("name"), "table");

    daemon_.on("GET /v1/secrets", {500, R"({"error":{"code":"io","message":"list secrets: I/O error","exit":10}})"});
    EXPECT_NE(run({"doctor"}, input).out.find("problem: secrets: list secrets: I/O error\n"), std::string::npos);
}

TEST_F(daemon_verbs, capacity_and_data_go_through_a_live_session) {
    daemon_.on("GET /v1/sessions/s1/luns/3/capacity", {200, R"({"blocks":8,"block_size":4})"});
    daemon_.on("GET /v1/sessions/s1/luns/3/blocks?lba=2&blocks=3", {200, "abcdefghijkl", "application/octet-stream"});
    EXPECT_EQ(run({"read", "session:s1/3", "--lba", "2", "--blocks", "3"}).out, "abcdefghijkl");
    EXPECT_EQ(run({"read", "session:s1/3", "--lba", "2", "--blocks", "7"}).exit, 10);
    daemon_.on("PUT /v1/sessions/s1/luns/3/blocks?lba=6", {200, R"({"blocks":2})"});
    daemon_.on("POST /v1/sessions/s1/luns/3/flush", {200, "{}"});
    const auto written = run({"write", "session:s1/3", "--lba", "6"}, {.standard_input = "ABCDEFGH"});
    EXPECT_EQ(written.exit, 0) << written.err;
    const auto requests = daemon_.requests();
    EXPECT_EQ(requests[requests.size() - 2].body, "ABCDEFGH");
    EXPECT_EQ(requests.back().target, "/v1/sessions/s1/luns/3/flush");
    EXPECT_EQ(run({"capacity", "session:s1/3", "--chap-user", "u"}).exit, 2);
    daemon_.on("PUT /v1/sessions/s1/luns/3/blocks?lba=0&fua=true", {200, R"({"blocks":1})"});
    EXPECT_EQ(run({"write", "session:s1/3", "--lba", "0", "--fua"}, {.standard_input = "ABCD"}).exit, 0);
    daemon_.on("GET /v1/sessions/s1/luns/3/inquiry", {200, R"({"vendor":"x","peripheral_qualifier":3})"});
    EXPECT_EQ(run({"inquiry", "session:s1/3"}).exit, 10);
}

TEST_F(daemon_verbs, short_answer_with_data_is_no_data) {
    daemon_.on("GET /v1/sessions/s1/luns/0/capacity", {200, R"({"blocks":8,"block_size":4})"});
    daemon_.on("GET /v1/sessions/s1/luns/0/blocks?lba=0&blocks=8", {200, "abc", "application/octet-stream"});
    const auto result = run({"read", "session:s1", "-o", (directory_.path() / "out").string()});
    EXPECT_EQ(result.exit, 1);
    EXPECT_NE(result.err.find("was removed again"), result.err.npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(directory_.path() / "out"));
}

TEST_F(daemon_verbs, full_standard_output_is_an_io_error) {
    daemon_.on("GET /v1/sessions", {200, two_sessions});
    const auto result = run({"session", "list"}, {.standard_output_file = "/dev/full"});
    EXPECT_EQ(result.exit, 10);
    EXPECT_EQ(result.err, "persiscsi: session list standard output: the results could not be written\n");
}

}  // namespace
}  // namespace persiscsi::cli
