// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/operational_keys.hpp"
#include "initiator/login/text_negotiation.hpp"
#include "tests/unit/initiator/login/scripted_login.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace persiscsi {
namespace {

using namespace test;

constexpr std::uint32_t longest = (1U << 24U) - 1;

class chance {
  public:
    explicit chance(std::uint32_t seed) : source_(seed) {}

    bool one_in(std::uint32_t n) { return source_() % n == 0; }
    template <class T, std::size_t N>
    T out_of(const std::array<T, N>& values) {
        return values[source_() % N];
    }
    /// The ends of a range and their neighbours as often as what lies between.
    std::uint32_t between(std::uint32_t lowest, std::uint32_t highest) {
        if (one_in(4)) return lowest;
        if (one_in(4)) return highest;
        return lowest + static_cast<std::uint32_t>(source_() % (highest - lowest + 1));
    }

  private:
    std::mt19937 source_;
};

login_options any_options(chance& chance) {
    auto options = sound_options();
    auto& wishes = options.wishes;
    wishes.max_recv_data_segment_length = chance.between(512, longest);
    wishes.max_burst_length = chance.between(512, longest);
    wishes.first_burst_length = chance.between(512, wishes.max_burst_length);
    wishes.max_outstanding_r2t = static_cast<std::uint16_t>(chance.between(1, 65535));
    wishes.max_connections = static_cast<std::uint16_t>(chance.between(1, 65535));
    wishes.default_time2wait = static_cast<std::uint16_t>(chance.between(0, 3600));
    wishes.default_time2retain = static_cast<std::uint16_t>(chance.between(0, 3600));
    wishes.error_recovery_level = static_cast<std::uint8_t>(chance.between(0, 2));
    wishes.initial_r2t = chance.one_in(2);
    wishes.immediate_data = chance.one_in(2);
    wishes.data_pdu_in_order = chance.one_in(2);
    wishes.data_sequence_in_order = chance.one_in(2);
    wishes.task_reporting = static_cast<task_reporting>(chance.between(0, 2));
    if (wishes.error_recovery_level != 0 && wishes.data_sequence_in_order) wishes.max_outstanding_r2t = 1;
    options.header_digest = static_cast<digest_wish>(chance.between(0, 2));
    options.data_digest = static_cast<digest_wish>(chance.between(0, 2));
    if (chance.one_in(4)) options.parameters.push_back({"iSCSIProtocolLevel", "1"});
    return options;
}

/// The same value or one near it, the ends of all ranges, or something else altogether.
std::string any_answer(chance& chance, const std::string& offered) {
    static constexpr std::array<std::string_view, 24> others = {
        "0",        "1",         "2",          "3",
        "511",      "512",       "3600",       "3601",
        "65535",    "65536",     "16777215",   "16777216",
        "0xffffff", "Yes",       "No",         "None",
        "CRC32C",   "Reject",    "Irrelevant", "NotUnderstood",
        "RFC3720",  "FastAbort", "4294967808", "18446744073709552128"};
    if (!chance.one_in(16)) {
        const auto number = offered.find_first_not_of("0123456789") == std::string::npos ? std::stoul(offered) : 0;
        if (number == 0 || chance.one_in(2)) return offered.substr(0, offered.find(','));
        return std::to_string(
            chance.between(static_cast<std::uint32_t>(number / 2), static_cast<std::uint32_t>(number)));
    }
    if (chance.one_in(4) && offered.find(',') != std::string::npos) return offered.substr(offered.rfind(',') + 1);
    return std::string(chance.out_of(others));
}

pdu::text_keys any_answers(chance& chance, const pdu::text_keys& offers) {
    pdu::text_keys answers;
    for (const auto& [key, value] : offers)
        if (!chance.one_in(20)) answers.push_back({key, any_answer(chance, value)});
    return answers;
}

/// What RFC 7143 §13 allows whatever was offered.
void expect_legal(const negotiated& result) {
    const auto within = [](std::uint32_t value, std::uint32_t lowest, std::uint32_t highest) {
        EXPECT_GE(value, lowest);
        EXPECT_LE(value, highest);
    };
    within(result.max_send_data_segment_length, 512, longest);
    within(result.max_recv_data_segment_length, 512, longest);
    within(result.max_burst_length, 512, longest);
    within(result.first_burst_length, 512, longest);
    within(result.max_outstanding_r2t, 1, 65535);
    within(result.max_connections, 1, 65535);
    within(result.default_time2wait, 0, 3600);
    within(result.default_time2retain, 0, 3600);
    within(result.error_recovery_level, 0, 2);
    within(result.iscsi_protocol_level, 0, 1);
    if (result.immediate_data || !result.initial_r2t) within(result.first_burst_length, 512, result.max_burst_length);
    if (result.error_recovery_level != 0 && result.data_sequence_in_order) {
        EXPECT_EQ(result.max_outstanding_r2t, 1);
    }
}

/// What follows from what we offered: nothing is granted that nobody asked for.
void expect_within_wishes(const negotiated& result, const login_options& options) {
    const auto& wishes = options.wishes;
    const negotiated defaults;
    EXPECT_EQ(result.max_recv_data_segment_length, wishes.max_recv_data_segment_length);
    EXPECT_LE(result.max_burst_length, std::max(wishes.max_burst_length, defaults.max_burst_length));
    EXPECT_LE(result.max_outstanding_r2t, std::max(wishes.max_outstanding_r2t, defaults.max_outstanding_r2t));
    EXPECT_LE(result.max_connections, std::max(wishes.max_connections, defaults.max_connections));
    EXPECT_LE(result.error_recovery_level, wishes.error_recovery_level);
    EXPECT_LE(result.task_reporting, wishes.task_reporting);
    EXPECT_TRUE(result.initial_r2t || !wishes.initial_r2t);
    EXPECT_TRUE(result.data_pdu_in_order || !wishes.data_pdu_in_order);
    EXPECT_TRUE(result.data_sequence_in_order || !wishes.data_sequence_in_order);
    const auto is_as_wished = [](bool used, digest_wish wish) {
        return wish == digest_wish::prefer || used == (wish == digest_wish::crc32c);
    };
    EXPECT_TRUE(is_as_wished(result.header_digest, options.header_digest));
    EXPECT_TRUE(is_as_wished(result.data_digest, options.data_digest));
}

/// In parts, each with a time limit of its own.
class negotiated_range : public testing::TestWithParam<std::uint32_t> {};

TEST_P(negotiated_range, no_answer_of_a_target_leads_out_of_it) {
    constexpr std::uint32_t size = 20'000;
    unsigned agreements = 0;
    for (std::uint32_t seed = GetParam() * size; seed < (GetParam() + 1) * size; ++seed) {
        chance chance(seed);
        const auto options = any_options(chance);
        ASSERT_FALSE(validate(options)) << validate(options).detail;
        scripted_login login(options);
        login.reach_operational_stage();
        const auto next = login.move_on(any_answers(chance, login.said()));
        const auto* result = std::get_if<negotiated>(&next);
        if (result == nullptr) continue;
        ++agreements;
        expect_legal(*result);
        expect_within_wishes(*result, options);
        if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
    }
    EXPECT_GT(agreements, size / 20) << "or the chance is too wild to tell anything";
    EXPECT_LT(agreements, size - size / 20) << "or it is too tame";
}

INSTANTIATE_TEST_SUITE_P(seeds, negotiated_range, testing::Range(0U, 5U));

/// The session's values, with what a connection declares made equal.
negotiated of_the_session(negotiated result) {
    const negotiated defaults;
    result.max_send_data_segment_length = defaults.max_send_data_segment_length;
    result.max_recv_data_segment_length = defaults.max_recv_data_segment_length;
    result.target_alias.clear();
    return result;
}

TEST(negotiated_range_in_full_feature_phase, only_what_may_change_changes) {
    negotiated before;
    before.error_recovery_level = 2;
    before.header_digest = true;
    before.tsih = granted_tsih;
    unsigned agreements = 0;
    for (std::uint32_t seed = 0; seed < 50'000; ++seed) {
        chance chance(seed);
        text_negotiation negotiation(before, {{"MaxRecvDataSegmentLength", "65536"}});
        static_cast<void>(negotiation.start());
        pdu::text_keys keys;
        for (const auto& row : login::operational_keys())
            if (row.use == login::key_use::all ? chance.one_in(2) : chance.one_in(60))
                keys.push_back({std::string(row.name), any_answer(chance, "16777215")});
        pdu::text_response response;
        response.final = true;
        const auto next = negotiation.on_response(response, pdu::encode_text(keys));
        const auto* result = std::get_if<negotiated>(&next);
        if (result == nullptr) continue;
        ++agreements;
        expect_legal(*result);
        EXPECT_EQ(of_the_session(*result), of_the_session(before)) << "seed " << seed;
        EXPECT_EQ(result->max_recv_data_segment_length, 65536U);
        if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
    }
    EXPECT_GT(agreements, 2'500U);
    EXPECT_LT(agreements, 47'500U);
}

}  // namespace
}  // namespace persiscsi
