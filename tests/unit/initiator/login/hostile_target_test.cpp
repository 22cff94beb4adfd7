// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/chap.hpp"
#include "tests/unit/initiator/login/scripted_login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>

namespace persiscsi {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

/// A target that knows the names of keys and some of the values, and throws them together.
class chaotic_target {
  public:
    explicit chaotic_target(std::uint32_t seed) : chance_(seed) {}

    bool one_in(std::uint32_t n) { return below(n) == 0; }

    pdu::login_response disturb(pdu::login_response response) {
        if (one_in(40)) response.status = static_cast<pdu::login_status>(below(0x0400));
        if (one_in(100)) response.status = pdu::login_status::target_moved_temporarily;
        if (one_in(60)) response.current_stage = static_cast<pdu::login_stage>(below(4));
        if (one_in(60)) response.next_stage = static_cast<pdu::login_stage>(below(4));
        if (one_in(60)) response.continued = !response.continued;
        if (one_in(60)) response.transit = !response.transit;
        if (one_in(80)) response.tsih = static_cast<pdu::tsih>(below(3));
        if (one_in(200)) response.version_active = static_cast<std::uint8_t>(below(256));
        return response;
    }

    std::vector<std::byte> text(const pdu::text_keys& sensible) {
        auto keys = one_in(4) ? pdu::text_keys{} : sensible;
        for (auto& [key, value] : keys)
            if (one_in(30)) value = any_value();
        if (one_in(10)) keys.push_back({"TargetAddress", "192.0.2.1:3261"});
        while (one_in(3)) keys.push_back({std::string(any_of(names)), any_value()});
        auto bytes = pdu::encode_text(keys);
        while (!bytes.empty() && one_in(25)) bytes[below(bytes.size())] = static_cast<std::byte>(below(256));
        if (one_in(40)) bytes.resize(below(bytes.size() + 64), static_cast<std::byte>(below(256)));
        return bytes;
    }

  private:
    static constexpr std::array<std::string_view, 24> names = {
        "AuthMethod",       "CHAP_A",      "CHAP_I",        "CHAP_C",
        "CHAP_N",           "CHAP_R",      "HeaderDigest",  "DataDigest",
        "MaxConnections",   "InitialR2T",  "ImmediateData", "MaxBurstLength",
        "FirstBurstLength", "TargetAlias", "TargetAddress", "TargetPortalGroupTag",
        "IFMarker",         "OFMarkInt",   "TaskReporting", "X-com.example.a",
        "Novelty",          "SendTargets", "InitiatorName", "X#NodeArchitecture"};
    static constexpr std::array<std::string_view, 22> values = {"Yes",        "No",
                                                                "None",       "CRC32C",
                                                                "CHAP",       "Reject",
                                                                "Irrelevant", "NotUnderstood",
                                                                "0",          "1",
                                                                "512",        "65536",
                                                                "16777216",   "0xffffffffffffffff",
                                                                "0x",         "0b",
                                                                "0b====",     "CRC32C,None",
                                                                ",,,",        "1~2",
                                                                "",           "5"};

    std::string any_value() {
        if (!one_in(5)) return std::string(any_of(values));
        std::string value(below(3000), '\0');
        for (auto& c : value) c = static_cast<char>(1 + below(255));
        return value;
    }
    template <class Range>
    typename Range::value_type any_of(const Range& range) {
        return range[below(range.size())];
    }
    std::size_t below(std::size_t n) { return chance_() % n; }

    std::mt19937 chance_;
};

pdu::text_keys sensible_answer(const scripted_login& login) {
    if (login.last().pdu.current_stage == pdu::login_stage::operational_negotiation) return agreeable_answers();
    if (login.said("AuthMethod") != "(not said)") return {{"AuthMethod", login.said("AuthMethod")}};
    if (login.said("CHAP_A") != "(not said)")
        return {{"CHAP_A", "5"}, {"CHAP_I", "1"}, {"CHAP_C", "0x0102030405060708"}};
    return {};
}

/// Runs one login against a chaotic target to its end, and says what kind of end it was.
std::size_t play(std::uint32_t seed) {
    chaotic_target target(seed);
    const std::array makers = {&sound_options, &chap_options, &mutual_options};
    scripted_login login(makers[seed % makers.size()]());
    step next = login.start();
    for (unsigned responses = 0; goes_on(next); ++responses) {
        if (responses > 300) {
            ADD_FAILURE() << "the login of seed " << seed << " does not end";
            break;
        }
        const bool transit = login.last().pdu.transit && !target.one_in(4);
        next = login.answer_raw(target.disturb(login.response(transit)), target.text(sensible_answer(login)));
    }
    if (const auto* failed = std::get_if<failure>(&next)) {
        EXPECT_TRUE(failed->code) << "seed " << seed;
        EXPECT_THAT(failed->detail, Not(HasSubstr(std::string(own_secret))));
        EXPECT_THAT(failed->detail, Not(HasSubstr(std::string(target_secret))));
        const auto is_printable = [](char c) { return c == '\xc2' || c == '\xa7' || (c >= 0x20 && c <= 0x7e); };
        EXPECT_TRUE(std::all_of(failed->detail.begin(), failed->detail.end(), is_printable))
            << "seed " << seed << ": " << failed->detail;
    }
    if (const auto* result = std::get_if<negotiated>(&next)) {
        EXPECT_NE(result->auth_method, "mutual CHAP");
    }
    return next.index();
}

/// In parts, each with a time limit of its own.
class hostile_target_part : public testing::TestWithParam<std::uint32_t> {};

TEST_P(hostile_target_part, every_login_ends_in_a_named_outcome) {
    constexpr std::uint32_t size = 10'000;
    std::array<unsigned, std::variant_size_v<step>> ends{};
    for (std::uint32_t seed = GetParam() * size; seed < (GetParam() + 1) * size; ++seed) ++ends[play(seed)];
    EXPECT_GT(ends[1], 100U) << "some logins must succeed, or the chaos does not reach the end";
    EXPECT_GT(ends[2], 10U) << "redirects";
    EXPECT_GT(ends[3], 1000U) << "failures";
}

INSTANTIATE_TEST_SUITE_P(seeds, hostile_target_part, testing::Range(0U, 5U));

/// The end of a login whose target sends this in the operational stage.
failure end_by_text(std::string_view text, bool continued = false) {
    scripted_login login(sound_options());
    login.reach_operational_stage();
    auto response = login.response(!continued);
    response.continued = continued;
    return failure_of(login.answer_raw(response, std::as_bytes(std::span(text))));
}

TEST(hostile_target, a_segment_of_the_greatest_length_is_refused) {
    const std::string text((1U << 24U) - 1, 'A');
    for (const bool continued : {false, true})
        EXPECT_EQ(end_by_text(text, continued).code, protocol_errc::remote_text_too_long);
}

TEST(hostile_target, hundreds_of_thousands_of_keys_are_refused) {
    std::string text;
    for (unsigned i = 0; text.size() < pdu::max_text_sequence - 16; ++i) {
        text += "K" + std::to_string(i) + "=";
        text += '\0';
    }
    EXPECT_EQ(end_by_text(text).code, protocol_errc::remote_text_too_long);
}

TEST(hostile_target, names_that_are_no_labels_are_refused) {
    using namespace std::string_literals;
    for (const auto& text : {"\xff\xfe=1\0"s,
                             "A\xc3\x28=1\0"s,
                             "A\xed\xa0\x80=1\0"s,
                             "Ma\xc3\xbf=1\0"s,
                             "=1\0"s,
                             "A\0"s,
                             "\0"s,
                             "A B=1\0"s,
                             "a=1\0"s,
                             std::string(64, 'A') + "=1\0"s,
                             "MaxBurstLength=65536"s,
                             "MaxBurstLength=65536\0\0"s})
        EXPECT_EQ(end_by_text(text).code, protocol_errc::remote_malformed_text) << pdu::escaped(text);
}

TEST(hostile_target, illegal_utf_8_in_an_alias_is_shown_escaped) {
    scripted_login login(sound_options());
    login.reach_operational_stage();
    EXPECT_EQ(agreed(login.move_on({{"TargetAlias", "d\xff\xc3(\x1b[2J"}})).target_alias, "d\\xff\\xc3(\\x1b[2J");
}

TEST(hostile_target, a_value_of_a_mebibyte_is_told_cut) {
    const auto failed =
        end_by_text("MaxBurstLength=" + std::string(pdu::max_text_sequence / 2, '9') + std::string(1, '\0'));
    EXPECT_EQ(failed.code, login_errc::bad_key_value);
    EXPECT_LT(failed.detail.size(), 512U);
}

TEST(hostile_target, empty_text_that_always_goes_on_ends_after_so_many_responses) {
    scripted_login login(sound_options());
    login.reach_operational_stage();
    auto more = login.response();
    more.continued = true;
    step next = login.answer(more);
    unsigned responses = 1;
    for (; goes_on(next) && responses < 1000; ++responses) next = login.answer(more);
    EXPECT_EQ(code_of(next), login_errc::too_many_exchanges);
    EXPECT_LT(responses, 300U);
}

TEST(hostile_target, random_bytes_never_do_harm) {
    std::mt19937 chance(7);
    for (unsigned round = 0; round < 50'000; ++round) {
        scripted_login login(sound_options());
        login.start();
        std::vector<std::byte> bytes(chance() % 200);
        for (auto& byte : bytes) byte = static_cast<std::byte>(chance() % 256);
        const auto next = login.answer_raw(login.response(true), bytes);
        EXPECT_EQ(goes_on(next), bytes.empty()) << "round " << round;
    }
}

}  // namespace
}  // namespace persiscsi
