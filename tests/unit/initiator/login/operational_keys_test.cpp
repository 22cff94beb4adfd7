// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/operational_keys.hpp"

#include "tests/unit/initiator/login/scripted_login.hpp"

#include <gtest/gtest.h>

#include <set>

namespace persiscsi::login {
namespace {

/// Read off RFC 7143 §13 a second time, independent of the table under test.
struct number_row {
    const char* key;
    std::uint32_t lowest;
    std::uint32_t highest;
    result_function result;
};
constexpr number_row numbers[] = {
    {"MaxConnections", 1, 65535, result_function::minimum},
    {"TargetPortalGroupTag", 0, 65535, result_function::declared},
    {"MaxRecvDataSegmentLength", 512, 16777215, result_function::declared},
    {"MaxBurstLength", 512, 16777215, result_function::minimum},
    {"FirstBurstLength", 512, 16777215, result_function::minimum},
    {"DefaultTime2Wait", 0, 3600, result_function::maximum},
    {"DefaultTime2Retain", 0, 3600, result_function::minimum},
    {"MaxOutstandingR2T", 1, 65535, result_function::minimum},
    {"ErrorRecoveryLevel", 0, 2, result_function::minimum},
    {"iSCSIProtocolLevel", 0, 31, result_function::minimum},
};

const operational_key& key(std::string_view name) {
    const auto* row = find_operational_key(name);
    if (row == nullptr) throw std::invalid_argument(std::string(name));
    return *row;
}

TEST(operational_keys, are_each_named_once) {
    std::set<std::string_view> names;
    for (const auto& row : operational_keys()) EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(find_operational_key("MaxBurstlength"), nullptr) << "keys are case sensitive, RFC 7143 §6.1";
}

TEST(operational_keys, numbers_are_legal_from_their_lowest_to_their_highest) {
    for (const auto& expected : numbers) {
        const auto& row = key(expected.key);
        EXPECT_EQ(row.result, expected.result) << row.name;
        EXPECT_EQ(read_value(row, std::to_string(expected.lowest)), expected.lowest) << row.name;
        EXPECT_EQ(read_value(row, std::to_string(expected.highest)), expected.highest) << row.name;
        EXPECT_EQ(read_value(row, std::to_string(expected.highest + 1)), std::nullopt) << row.name;
        if (expected.lowest != 0) {
            EXPECT_EQ(read_value(row, std::to_string(expected.lowest - 1)), std::nullopt) << row.name;
        }
        for (const auto* text : {"",
                                 "-1",
                                 "1.5",
                                 "one",
                                 "4294967808",
                                 "18446744073709551616",
                                 "Reject",
                                 "Irrelevant",
                                 "NotUnderstood",
                                 "512~1024",
                                 "Yes"})
            EXPECT_EQ(read_value(row, text), std::nullopt) << row.name << '=' << text;
    }
}

TEST(operational_keys, every_number_of_the_table_is_known_to_this_test) {
    std::set<std::string_view> expected;
    for (const auto& row : numbers) expected.insert(row.key);
    for (const auto& row : operational_keys())
        EXPECT_EQ(expected.contains(row.name), row.form == value_form::number || row.form == value_form::binary)
            << row.name;
}

TEST(operational_keys, booleans_are_yes_or_no) {
    for (const auto* name : {"InitialR2T", "ImmediateData", "DataPDUInOrder", "DataSequenceInOrder"}) {
        EXPECT_EQ(read_value(key(name), "Yes"), 1U);
        EXPECT_EQ(read_value(key(name), "No"), 0U);
        for (const auto* text : {"", "yes", "1", "Yes,No", "Reject"})
            EXPECT_EQ(read_value(key(name), text), std::nullopt);
    }
}

TEST(operational_keys, lists_have_no_empty_names) {
    EXPECT_TRUE(read_value(key("HeaderDigest"), "CRC32C,None"));
    EXPECT_TRUE(read_value(key("HeaderDigest"), "Y-com.example.digest,CRC32C"));
    for (const auto* text : {"", ",", "CRC32C,", ",None"}) EXPECT_FALSE(read_value(key("HeaderDigest"), text)) << text;
    EXPECT_TRUE(may_offer(key("HeaderDigest"), "None,CRC32C"));
    EXPECT_FALSE(may_offer(key("HeaderDigest"), "Y-com.example.digest,CRC32C"));
}

TEST(operational_keys, offers_of_later_keys_are_bound_by_the_rfc) {
    EXPECT_TRUE(may_offer(key("TaskReporting"), "FastAbort,ResponseFence,RFC3720"));
    for (const auto* text : {"RFC3720", "ResponseFence", "FastAbort,RFC3720", "RFC3720,ResponseFence,Slowly"})
        EXPECT_FALSE(may_offer(key("TaskReporting"), text)) << text;
    EXPECT_TRUE(may_offer(key("iSCSIProtocolLevel"), "1"));
    for (const auto* text : {"0", "2", "31"}) EXPECT_FALSE(may_offer(key("iSCSIProtocolLevel"), text)) << text;
}

TEST(operational_keys, simple_values_have_255_bytes_at_most) {
    EXPECT_TRUE(read_value(key("X#NodeArchitecture"), std::string(255, 'a')));
    EXPECT_FALSE(read_value(key("X#NodeArchitecture"), std::string(256, 'a')));
    EXPECT_TRUE(read_value(key("MaxBurstLength"), "0x" + std::string(250, '0') + "200"));
    EXPECT_FALSE(read_value(key("MaxBurstLength"), "0x" + std::string(251, '0') + "200"));
    EXPECT_TRUE(read_value(key("HeaderDigest"), std::string(255, 'a') + "," + std::string(255, 'b')));
    EXPECT_FALSE(read_value(key("HeaderDigest"), "None," + std::string(256, 'b')));
    EXPECT_TRUE(read_value(key("TargetAlias"), std::string(1000, 'a'))) << "a local name is no simple-value";
}

TEST(operational_keys, results_follow_their_function) {
    EXPECT_EQ(combine(key("MaxBurstLength"), "1024", "0x800"), "1024");
    EXPECT_EQ(combine(key("MaxBurstLength"), "4096", "2048"), "2048");
    EXPECT_EQ(combine(key("DefaultTime2Wait"), "2", "5"), "5");
    EXPECT_EQ(combine(key("DefaultTime2Wait"), "9", "5"), "9");
    for (const auto* name : {"InitialR2T", "DataPDUInOrder", "DataSequenceInOrder"}) {
        EXPECT_EQ(combine(key(name), "No", "No"), "No");
        EXPECT_EQ(combine(key(name), "No", "Yes"), "Yes");
        EXPECT_EQ(combine(key(name), "Yes", "No"), "Yes");
    }
    EXPECT_EQ(combine(key("ImmediateData"), "Yes", "Yes"), "Yes");
    EXPECT_EQ(combine(key("ImmediateData"), "Yes", "No"), "No");
    EXPECT_EQ(combine(key("ImmediateData"), "No", "Yes"), "No");
    EXPECT_EQ(combine(key("HeaderDigest"), "CRC32C,None", "None,CRC32C"), "None") << "the proposer's order counts";
    EXPECT_EQ(combine(key("HeaderDigest"), "CRC32C", "X,None"), std::nullopt);
}

TEST(operational_keys, answers_stay_within_what_was_offered) {
    EXPECT_TRUE(is_possible_answer(key("MaxBurstLength"), "4096", "4096"));
    EXPECT_FALSE(is_possible_answer(key("MaxBurstLength"), "4096", "4097"));
    EXPECT_TRUE(is_possible_answer(key("DefaultTime2Wait"), "2", "2"));
    EXPECT_FALSE(is_possible_answer(key("DefaultTime2Wait"), "2", "1"));
    EXPECT_FALSE(is_possible_answer(key("InitialR2T"), "Yes", "No"));
    EXPECT_TRUE(is_possible_answer(key("InitialR2T"), "No", "Yes"));
    EXPECT_FALSE(is_possible_answer(key("ImmediateData"), "No", "Yes"));
    EXPECT_TRUE(is_possible_answer(key("ImmediateData"), "Yes", "No"));
    EXPECT_TRUE(is_possible_answer(key("DataDigest"), "CRC32C,None", "None"));
    EXPECT_FALSE(is_possible_answer(key("DataDigest"), "None", "CRC32C"));
    EXPECT_FALSE(is_possible_answer(key("DataDigest"), "CRC32C,None", "CRC32C,None"));
}

TEST(operational_keys, the_discovery_session_has_the_irrelevant_ones_of_the_rfc) {
    const std::set<std::string_view> irrelevant = {"MaxConnections",
                                                   "InitialR2T",
                                                   "ImmediateData",
                                                   "MaxBurstLength",
                                                   "FirstBurstLength",
                                                   "MaxOutstandingR2T",
                                                   "DataPDUInOrder",
                                                   "DataSequenceInOrder",
                                                   "TaskReporting",
                                                   "iSCSIProtocolLevel"};
    for (const auto& row : operational_keys())
        EXPECT_EQ(row.irrelevant_in_discovery, irrelevant.contains(row.name)) << row.name;
}

TEST(operational_keys, each_that_we_say_has_a_wish_and_each_has_a_result) {
    const auto options = test::sound_options();
    for (const auto& row : operational_keys()) {
        ASSERT_NE(row.settle, nullptr) << row.name;
        const bool has_say = row.offered == offering::always || row.offered == offering::when_asked;
        ASSERT_EQ(row.wish != nullptr, has_say) << row.name;
        if (has_say) {
            EXPECT_TRUE(read_value(row, row.wish(options))) << row.name;
        }
        if (row.offered == offering::always) {
            EXPECT_TRUE(may_offer(row, row.wish(options))) << row.name;
        }
    }
}

TEST(security_keys, are_those_of_section_12) {
    for (const auto* name : {"AuthMethod", "CHAP_A", "CHAP_N", "KRB_AP_REQ", "SRP_U", "TargetAuth"})
        EXPECT_TRUE(is_security_key(name));
    for (const auto* name : {"TargetName", "AuthMethods", "CHAP", "MaxBurstLength", ""})
        EXPECT_FALSE(is_security_key(name)) << name;
}

}  // namespace
}  // namespace persiscsi::login
