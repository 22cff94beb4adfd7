// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/operational_keys.hpp"
#include "initiator/login/text_values.hpp"
#include "pdu/login_response.hpp"
#include "pdu/text.hpp"
#include "tests/fuzz/login_case.hpp"
#include "tests/fuzz/seed.hpp"
#include "tests/fuzz/targets.hpp"

namespace persiscsi::fuzz {
namespace {

constexpr unsigned transit = 1;
constexpr unsigned other_stage = 4;
constexpr unsigned other_status = 32;
constexpr unsigned long_text = 64;

/// One Login Response as login_dialogue_text takes it.
bytes response(unsigned flags, const pdu::text_keys& keys, std::uint32_t status = 0) {
    const auto text = pdu::encode_text(keys);
    seed one;
    one.number(flags | long_text);
    if ((flags & other_stage) != 0) one.number(2);
    if ((flags & other_status) != 0) one.number(status, 2);
    return one.number(text.size(), 2).add(text);
}

bytes login(login_kind kind, std::initializer_list<bytes> responses) {
    seed whole;
    whole.number(static_cast<unsigned>(kind));
    for (const auto& one : responses) whole.add(one);
    return whole;
}

/// A legal answer to each key that we offer, from the table of keys: our own value, of a list its first.
pdu::text_keys answers(login_kind kind) {
    pdu::text_keys keys;
    const auto options = options_of(kind);
    for (const auto& key : login::operational_keys()) {
        const bool irrelevant = kind == login_kind::discovery && key.irrelevant_in_discovery;
        if (key.offered != login::offering::always || key.wish == nullptr || irrelevant) continue;
        const auto wish = key.wish(options);
        keys.push_back({std::string(key.name), std::string(login::split_list(wish).front())});
    }
    return keys;
}

}  // namespace

std::vector<bytes> login_seeds() {
    const auto none = response(transit, {{"AuthMethod", "None"}, {"TargetPortalGroupTag", "1"}});
    const auto chap = response(0, {{"AuthMethod", "CHAP"}});
    const auto challenge = response(0, {{"CHAP_A", "7"}, {"CHAP_I", "9"}, {"CHAP_C", "0x0102030405060708"}});
    const auto proof = response(transit, {{"CHAP_N", "storage"}, {"CHAP_R", std::string(right_proof)}});
    const auto wrong_proof = response(transit, {{"CHAP_N", "storage"}, {"CHAP_R", "0x" + std::string(64, '1')}});
    const auto moved = response(other_status, {{"TargetAddress", "[2001:db8::1]:3261,1"}}, 0x0101);
    std::vector<bytes> seeds = {
        login(login_kind::mutual_chap,
              {chap, challenge, wrong_proof, response(transit, answers(login_kind::mutual_chap))}),
        login(login_kind::mutual_chap, {chap, challenge, proof, response(transit, answers(login_kind::mutual_chap))}),
        login(login_kind::chap, {chap, challenge, response(transit, {}), response(transit, answers(login_kind::chap))}),
        login(login_kind::plain, {moved}),
        login(login_kind::plain, {none, response(0, {{"MaxConnections", "2"}, {"X-com.example.a", "1"}})}),
        login(login_kind::plain, {none, response(2, {{"TargetAlias", "half"}})}),
        login(login_kind::further_connection, {none, response(transit, {{"MaxRecvDataSegmentLength", "512"}})}),
    };
    for (const auto kind : {login_kind::plain, login_kind::discovery, login_kind::digests})
        seeds.push_back(login(kind, {none, response(transit, answers(kind))}));
    for (const auto status : {0x0203, 0x0207, 0x0301, 0x0400})
        seeds.push_back(login(login_kind::plain, {response(other_status, {}, static_cast<std::uint32_t>(status))}));
    return seeds;
}

std::vector<bytes> value_seeds() {
    std::vector<bytes> seeds;
    for (const auto* text : {"Yes",
                             "No",
                             "0",
                             "65535",
                             "0x1F",
                             "18446744073709551615",
                             "0x0102ff",
                             "0bAAEC",
                             "0bAA==",
                             "CRC32C,None",
                             "a,,b",
                             "Reject",
                             "1~2",
                             ""})
        seeds.push_back(seed().text(text));
    return seeds;
}

std::vector<bytes> send_targets_seeds() {
    return {pdu::encode_text({{"TargetName", "iqn.2024-01.example:disk1"},
                              {"TargetAddress", "192.0.2.7:3260,1"},
                              {"TargetAddress", "[2001:db8::1]:3261,2"},
                              {"TargetName", "eui.0123456789abcdef"}}),
            pdu::encode_text({{"TargetAddress", "192.0.2.7"}}),
            pdu::encode_text({{"TargetName", ""}})};
}

std::vector<bytes> name_seeds() {
    std::vector<bytes> seeds;
    for (const auto* text : {"192.0.2.7:3260,1",
                             "[fe80::1%eth0]:3260",
                             "host.example:1",
                             "2001:db8::1",
                             "[::1]",
                             "host",
                             "iqn.2024-01.com.example:disk1",
                             "eui.0123456789abcdef",
                             "naa.60014051234567890123456789abcdef",
                             "my.secret@x",
                             "16383",
                             "0x4001000000000000",
                             "0123456789abcdef-fedcba9876543210",
                             "reg-17"})
        seeds.push_back(seed().text(text));
    return seeds;
}

std::vector<bytes> url_seeds() {
    std::vector<bytes> seeds;
    for (const auto* text : {"iscsi://192.0.2.7/iqn.2024-01.com.example:disk1",
                             "iscsi://me@host.example:3261/iqn.2024-01.com.example:disk1/7",
                             "iscsi://a%20b@[fe80::1%25eth0]:3260/eui.0123456789abcdef/16383",
                             "iscsi://user:secret@host/iqn.2024-01.com.example:disk1",
                             "session:0123456789abcdef-fedcba9876543210/3",
                             "[2001:db8::1]:3260",
                             "2001:db8::1"})
        seeds.push_back(seed().text(text));
    return seeds;
}

std::vector<std::string> dictionary() {
    std::vector<std::string> words = {"Yes",
                                      "No",
                                      "None",
                                      "CRC32C",
                                      "CHAP",
                                      "Reject",
                                      "Irrelevant",
                                      "NotUnderstood",
                                      "AuthMethod",
                                      "CHAP_A=5",
                                      "CHAP_I=",
                                      "CHAP_C=0x",
                                      "CHAP_N=storage",
                                      "CHAP_R=",
                                      "TargetAddress=",
                                      "TargetName=iqn.2024-01.",
                                      "16777215",
                                      "0xffffffff",
                                      "iscsi://",
                                      std::string(right_proof)};
    for (const auto& key : login::operational_keys()) words.push_back(std::string(key.name) + "=");
    return words;
}

}  // namespace persiscsi::fuzz
