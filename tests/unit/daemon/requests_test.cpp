// SPDX-License-Identifier: Apache-2.0
#include "daemon/requests.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/json_fields.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace persiscsi::daemon {
namespace {

namespace json = boost::json;

const std::string default_name = "iqn.2026-11.org.persiscsi:default";

connect_request connect(std::string_view text) {
    auto body = parse_json(text);
    return parse_connect(body, default_name);
}

template <class Call>
void expect_refusal(Call call, std::string_view about) {
    try {
        call();
        ADD_FAILURE() << "not refused: " << about;
    } catch (const api_failure& failure) {
        EXPECT_EQ(failure.code(), api_errc::bad_request);
        EXPECT_NE(std::string(failure.what()).find(about), std::string::npos) << failure.what();
    }
}

TEST(connect_request, the_shortest_one_takes_every_default) {
    const auto request = connect(R"({"target":"iqn.2024-01.org:a","portal":"192.0.2.7"})");
    EXPECT_EQ(request.login.target, "iqn.2024-01.org:a");
    EXPECT_EQ(request.login.portal_host, "192.0.2.7");
    EXPECT_EQ(request.login.portal_port, 3260);
    EXPECT_EQ(request.login.initiator_name, default_name);
    EXPECT_EQ(request.sessions, 1);
    EXPECT_FALSE(request.register_them || request.another || request.dry_run || request.chap || request.mutual);
}

TEST(connect_request, every_field_arrives) {
    const auto request =
        connect(R"({"target":"iqn.2024-01.org:a","portal":"[::1]:3261","initiator_name":"iqn.2024-01.org:me",
        "interface":"127.0.0.1","sessions":3,"register":true,"another":true,"chap_secret":"one","mutual_secret":"two",
        "header_digest":"crc32c","data_digest":"prefer","connections":1,"parameters":[{"key":"CHAP_A","value":"5"}],
        "recovery":{"fail_after":30},"owner":"me","labels":{"a":"b"},"dry_run":true})");
    EXPECT_EQ(request.login.portal_host, "::1");
    EXPECT_EQ(request.login.initiator_name, "iqn.2024-01.org:me");
    EXPECT_EQ(request.login.interface_address, "127.0.0.1");
    EXPECT_EQ(request.login.chap_secret, "one");
    EXPECT_EQ(request.login.mutual_secret, "two");
    EXPECT_EQ(request.login.header_digest, persistence::digest_wish::crc32c);
    EXPECT_EQ(request.login.data_digest, persistence::digest_wish::prefer);
    EXPECT_EQ(request.login.parameters, (persistence::key_values{{"CHAP_A", "5"}}));
    EXPECT_EQ(request.login.recovery,
              (persistence::recovery_wish{persistence::recovery_policy::fail_after, std::chrono::seconds(30)}));
    EXPECT_EQ(request.login.labels, (persistence::key_values{{"a", "b"}}));
    EXPECT_EQ(request.login.owner, "me");
    EXPECT_EQ(request.sessions, 3);
    EXPECT_TRUE(request.register_them && request.another && request.dry_run);
}

TEST(connect_request, tls_comes_with_its_options_or_without) {
    const auto tls_of = [](const std::string& more) {
        return connect(R"({"target":"iqn.2024-01.org:a","portal":"h")" + more + "}").login.tls;
    };
    EXPECT_EQ(tls_of(""), persistence::tls_wish{});
    EXPECT_EQ(tls_of(R"(,"tls":false,"tls_options":null)"), persistence::tls_wish{});
    EXPECT_EQ(tls_of(R"(,"tls":true)"), (persistence::tls_wish{.enabled = true}));
    EXPECT_EQ(tls_of(R"(,"tls":true,"tls_options":{"ca":"/ca.pem"})"),
              (persistence::tls_wish{.enabled = true, .ca = "/ca.pem"}));
    EXPECT_EQ(tls_of(R"(,"tls":true,"tls_options":{"verify":false})"),
              (persistence::tls_wish{.enabled = true, .verify = false}));
    EXPECT_EQ(tls_of(R"(,"tls":true,"tls_options":{"verify":true,"ca":"/ca.pem","certificate":"/me.pem",
        "key":"/me.key","server_name":"disk.example"})"),
              (persistence::tls_wish{true, true, "/ca.pem", "/me.pem", "/me.key", "disk.example"}));
}

TEST(connect_request, takes_secrets_out_of_the_body) {
    auto body = parse_json(R"({"target":"iqn.2024-01.org:a","portal":"h","chap":{"name":"u","secret":"topsecret1234"},
        "mutual_chap":{"chap_name":"t","secret":"othersecret99"}})");
    const auto request = parse_connect(body, default_name);
    ASSERT_TRUE(request.chap && request.mutual);
    EXPECT_EQ(request.chap->chap_name, "u");
    EXPECT_EQ(request.chap->value.reveal(), "topsecret1234");
    EXPECT_EQ(request.mutual->chap_name, "t");
    EXPECT_EQ(request.mutual->value.reveal(), "othersecret99");
    const auto rest = json::serialize(body);
    EXPECT_EQ(rest.find("topsecret1234"), std::string::npos);
    EXPECT_EQ(rest.find("othersecret99"), std::string::npos);
}

TEST(connect_request, refuses_what_makes_no_sense_naming_the_field) {
    const struct {
        std::string_view more;
        std::string_view about;
    } rows[] = {
        {R"("target":7)", "\"target\""},
        {R"("portal":"h:0")", "\"portal\""},
        {R"("portal":true)", "\"portal\""},
        {R"("sessions":0)", "\"sessions\""},
        {R"("sessions":65)", "\"sessions\""},
        {R"("connections":65536)", "\"connections\""},
        {R"("header_digest":"md5")", "\"header_digest\""},
        {R"("recovery":"fail_after")", "\"recovery\""},
        {R"("recovery":{"fail_after":0})", "\"fail_after\""},
        {R"("recovery":{})", "\"recovery\""},
        {R"("chap_secret":"a b")", "\"chap_secret\""},
        {R"("chap":{"name":"u"})", "\"secret\""},
        {R"("chap":{"name":"u","secret":""})", "\"secret\""},
        {R"("chap":{"secret":"abc"})", "\"name\""},
        {R"("chap":"abc")", "not a JSON object"},
        {R"("chap":{"name":"u","secret":"abc"},"chap_secret":"one")", "\"chap\""},
        {R"("register":1)", "\"register\""},
        {R"("tls":"yes")", "\"tls\""},
        {R"("tls":{"ca":"/ca.pem"})", "\"tls\""},
        {R"("tls_options":{"ca":"/ca.pem"})", "needs \"tls\": true"},
        {R"("tls":true,"tls_options":"/ca.pem")", "\"tls_options\""},
        {R"("tls":true,"tls_options":{"verify":1})", "\"verify\""},
        {R"("tls":true,"tls_options":{"key":"/a\u0000b"})", "\"key\""},
    };
    for (const auto& row : rows) {
        const auto text = R"({"target":"iqn.2024-01.org:a","portal":"h",)" + std::string(row.more) + "}";
        expect_refusal([&] { (void)connect(text); }, row.about);
    }
}

TEST(connect_request, a_refusal_never_holds_the_secret) {
    try {
        (void)connect(R"({"target":5,"portal":"h","chap":{"name":"u","secret":"topsecret1234"}})");
        ADD_FAILURE();
    } catch (const api_failure& failure) {
        EXPECT_EQ(std::string(failure.what()).find("topsecret"), std::string::npos);
    }
}

TEST(scope, ids_and_filters_exclude_each_other) {
    expect_refusal([] { (void)parse_unregister(parse_json("{}")); }, "\"ids\"");
    expect_refusal([] { (void)parse_unregister(parse_json(R"({"ids":["a"],"all":true})")); }, "\"ids\"");
    expect_refusal([] { (void)parse_disconnect(parse_json(R"({"ids":[]})")); }, "\"ids\"");
    expect_refusal([] { (void)parse_register(parse_json("{}")); }, "\"ids\"");
    EXPECT_TRUE(parse_unregister(parse_json(R"({"ids":[],"orphans":true})")).orphans);
    EXPECT_EQ(parse_disconnect(parse_json(R"({"target":"iqn.x:y"})")).target, "iqn.x:y");
}

}  // namespace
}  // namespace persiscsi::daemon
