// SPDX-License-Identifier: Apache-2.0
#include "persistence/record_rows.hpp"
#include "tests/fuzz/seed.hpp"
#include "tests/fuzz/targets.hpp"

namespace persiscsi::fuzz {
namespace {

/// A row as table_rows takes it: which table, then type and value of each column.
template <class Record>
bytes row(unsigned table, const Record& record) {
    seed whole;
    whole.number(table);
    for (const auto& value : persistence::to_row(record)) {
        whole.number(value.index());
        if (const auto* number = std::get_if<std::int64_t>(&value))
            whole.number(static_cast<std::uint64_t>(*number), 8);
        else if (const auto* text = std::get_if<std::string>(&value))
            whole.number(text->size()).text(*text);
        else if (const auto* raw = std::get_if<persistence::blob>(&value))
            whole.number(raw->bytes.size()).text(raw->bytes);
    }
    return whole;
}

persistence::login_record some_login() {
    persistence::login_record login;
    login.target = "iqn.2024-01.example:disk1";
    login.portal_host = "192.0.2.7";
    login.initiator_name = "iqn.2024-01.example:host";
    login.isid = 0x800000000001;
    login.chap_secret = "mine";
    login.parameters = {{"MaxBurstLength", "65536"}};
    login.recovery = {persistence::recovery_policy::fail_after, std::chrono::seconds(9)};
    login.labels = {{"a", "b"}, {"a", "c"}};
    login.tls = {true, true, "/ca.pem", "/me.pem", "/me.key", "disk.example"};
    return login;
}

}  // namespace

std::vector<bytes> json_seeds() {
    std::vector<bytes> seeds;
    constexpr std::string_view bodies[] = {
        R"({"target":"iqn.2024-01.example:a","portal":"[::1]:3260","header_digest":"prefer","recovery":{"fail_after":5},)"
        R"("chap":{"chap_name":"me","secret":"0123456789ab"},"parameters":{"A":"b"},"labels":[{"key":"k","value":"v"}],)"
        R"("connections":4,"sessions":2,"register":true,"tls":true,"tls_options":{"verify":true,"ca":"/ca.pem",)"
        R"("certificate":"/me.pem","key":"/me.key","server_name":"disk.example"}})",
        R"({"ids":["reg-1","0123456789abcdef-fedcba9876543210"],"unregister":true})",
        R"({"ids":["x"],"sessions":64,"atomic":true,"dry_run":false})",
        R"({"orphans":true,"portal":"host:1","target":"iqn.2024-01.example:a","strict":null})",
        R"({"names":["my.secret"]})",
        R"({"portal":"[::1]:3260","ask":false,"chap":{"chap_name":"me","secret":"0123456789ab"},"labels":{"k":"v"}})",
        R"({"portals":["192.0.2.7:3260","disk.example"],"all":false,"dry_run":true})",
        R"({"name":"it","secret":"0123456789ab"})",
        R"([[[[{"a":1e999}]]]])"};
    for (unsigned which = 0; which < std::size(bodies); ++which)
        seeds.push_back(seed().number(which).text(bodies[which]));
    return seeds;
}

std::vector<bytes> control_target_seeds() {
    return {seed().text("/v1/sessions?target=iqn.2024-01.example%3Aa&portal=%5B::1%5D:3260"),
            seed().text("/v1/sessions?isid=0x800000a1b2c3&tsih=0x10&connections=2"),
            seed().text("/v1/sessions?connection=4000013700a1b2c3-0000000000000001%3A0&tsih=16"),
            seed().text("/v1/connections?session=s&target=iqn.a%3Ab&address=%5B::1%5D:3260&address=192.0.2.7"),
            seed().text("/v1/registrations/reg-1/secrets"),
            seed().text("/%41%zz"),
            seed().text("?")};
}

std::vector<bytes> piped_id_seeds() {
    return {seed().number(0).text("reg-1 reg-2\n0123456789abcdef-fedcba9876543210\n"),
            seed().number(1).text(R"({"sessions":[{"id":"a","registration_id":"reg-3"}]})"),
            seed().number(0).text(R"({"results":[{"id":"b"}],"x":1})"),
            seed().number(2).text(R"(["a","b"])"),
            seed().number(2).text(R"({"id":"c"})")};
}

std::vector<bytes> row_seeds() {
    persistence::registration kept{{17}, some_login(), {}, "11111111-aaaa-4000-8000-000000000001"};
    persistence::stored_session live{3, {{1, 2}, some_login(), persistence::registration_id{17}, "boot-1", {}}};
    persistence::sealed_secret sealed{4, {"mine", "alice", {}}, {"12345678"}, {"sealed"}};
    persistence::stored_portal portal{5, {some_login(), {}, {}, "refused"}};
    portal.portal.login.target.clear();
    const persistence::stored_place place{6,
                                          {{"iqn.2024-01.example:a", "192.0.2.9", 3260, 1}, "192.0.2.7", 3260, {}, {}}};
    return {row(0, kept),
            row(1, live),
            row(2, sealed),
            row(3, persistence::boot_row{1, "boot-1", {}}),
            row(4, portal),
            row(5, place)};
}

}  // namespace persiscsi::fuzz
