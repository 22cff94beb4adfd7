// SPDX-License-Identifier: Apache-2.0
#include "pdu/text.hpp"

#include "pdu/errors.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace persiscsi::pdu {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

parsed_text parse(std::string_view text) {
    return parse_text(test::bytes_of(text));
}

TEST(parse_text, takes_the_one_key_of_the_rfc_that_begins_with_a_small_letter) {
    constexpr std::string_view text("iSCSIProtocolLevel=1\0", 21);
    const auto parsed = parse_text(std::as_bytes(std::span(text)));
    EXPECT_FALSE(parsed.error) << parsed.detail;
    EXPECT_EQ(parsed.keys, (text_keys{{"iSCSIProtocolLevel", "1"}}));
}

TEST(text, each_pair_is_ended_by_one_nul_also_the_last) {
    EXPECT_EQ(encode_text({{"InitiatorName", "iqn.2024-01.example:me"}, {"SessionType", "Discovery"}}),
              test::bytes_of("InitiatorName=iqn.2024-01.example:me\0SessionType=Discovery\0"sv));
    EXPECT_THAT(encode_text({}), IsEmpty());
}

TEST(text, pairs_come_back_in_their_order_with_repeated_keys) {
    const auto parsed =
        parse("TargetName=iqn.a\0TargetAddress=192.0.2.1:3260,1\0TargetAddress=[2001:db8::1]:3260,2\0"sv);
    EXPECT_FALSE(parsed.error);
    EXPECT_THAT(parsed.keys,
                ElementsAre(text_key{"TargetName", "iqn.a"},
                            text_key{"TargetAddress", "192.0.2.1:3260,1"},
                            text_key{"TargetAddress", "[2001:db8::1]:3260,2"}));
}

TEST(text, an_empty_segment_has_no_keys) {
    const auto parsed = parse("");
    EXPECT_FALSE(parsed.error);
    EXPECT_THAT(parsed.keys, IsEmpty());
}

TEST(text, a_value_begins_at_the_first_equals_sign_and_may_be_empty) {
    const auto parsed = parse("CHAP_C=0bAA==\0TargetAlias=\0"sv);
    EXPECT_FALSE(parsed.error);
    EXPECT_THAT(parsed.keys, ElementsAre(text_key{"CHAP_C", "0bAA=="}, text_key{"TargetAlias", ""}));
}

TEST(text, key_names_take_every_character_of_a_standard_label_and_the_x_prefixes) {
    const auto parsed = parse("A0.-+@_z=1\0X-com.example.do=2\0X#NodeArchitecture=3\0"sv);
    EXPECT_FALSE(parsed.error) << parsed.detail;
    EXPECT_EQ(parsed.keys.size(), 3U);
}

TEST(text, a_key_name_of_63_characters_is_accepted_one_of_64_is_not) {
    const std::string longest(63, 'K');
    EXPECT_FALSE(parse(longest + "=v" + '\0').error);
    const auto parsed = parse(longest + "K=v" + '\0');
    EXPECT_EQ(parsed.error, protocol_errc::remote_malformed_text);
    EXPECT_EQ(parsed.detail, "byte 0: a key name of 64 bytes, allowed 63");
}

struct malformed_text {
    std::string_view text;
    const char* detail;
};

TEST(text, malformed_text_gives_no_keys_and_names_the_byte) {
    const malformed_text cases[] = {
        {"HeaderDigest=None"sv, "byte 0: the last key=value pair does not end in NUL"},
        {"A=1\0B=2"sv, "byte 4: the last key=value pair does not end in NUL"},
        {"\0"sv, "byte 0: an empty key=value pair"},
        {"A=1\0\0"sv, "byte 4: an empty key=value pair"},
        {"HeaderDigest\0"sv, "byte 0: a key without '='"},
        {"A=1\0=2\0"sv, "byte 4: a value without a key name"},
        {"headerDigest=None\0"sv, "byte 0: a key name begins with 'h', not a capital letter"},
        {"\x01"
         "A=1\0"sv,
         "byte 0: a key name begins with '\\x01', not a capital letter"},
        {"A=1\0Header Digest=None\0"sv, "byte 10: ' ' in a key name"},
        {"Header\xc3\x9c=1\0"sv, "byte 6: '\\xc3' in a key name"},
        {"X##=1\0"sv, "byte 2: '#' in a key name"},
        {"A#=1\0"sv, "byte 1: '#' in a key name"},
    };
    for (const auto& [text, detail] : cases) {
        const auto parsed = parse(text);
        EXPECT_EQ(parsed.error, protocol_errc::remote_malformed_text) << detail;
        EXPECT_THAT(parsed.keys, IsEmpty()) << detail;
        EXPECT_EQ(parsed.detail, detail);
    }
}

TEST(text, an_error_detail_never_holds_a_piece_of_a_value) {
    for (const auto text : {"CHAP_R=topsecret"sv, "topsecret\0"sv, "CHAP_R=1\0topsecret=\0"sv, "T topsecret=\0"sv}) {
        const auto parsed = parse(text);
        EXPECT_TRUE(parsed.error);
        EXPECT_THAT(parsed.detail, Not(HasSubstr("secret")));
    }
}

TEST(text, a_sequence_longer_than_we_gather_is_refused) {
    std::string text = "A=" + std::string(max_text_sequence - 3, 'x') + '\0';
    EXPECT_FALSE(parse(text).error);
    text.insert(2, "x");
    const auto parsed = parse(text);
    EXPECT_EQ(parsed.error, protocol_errc::remote_text_too_long);
    EXPECT_EQ(parsed.detail, "1048577 bytes, allowed 1048576");
}

TEST(text, every_truncation_of_a_good_sequence_is_refused_except_between_pairs) {
    const auto whole = "AuthMethod=CHAP\0CHAP_A=7,5\0MaxBurstLength=262144\0"sv;
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const bool between_pairs = size == 0 || whole[size - 1] == '\0';
        EXPECT_EQ(parse(whole.substr(0, size)).error == std::error_code{}, between_pairs) << size << " bytes";
    }
}

TEST(text, what_is_encoded_parses_back) {
    const text_keys keys = {{"TargetAlias", "S\xc3\xbc\xc3\x9f ~ \x7f"}, {"MaxRecvDataSegmentLength", "262144"}};
    EXPECT_EQ(parse_text(encode_text(keys)).keys, keys);
}

TEST(text, find_key_gives_the_first_of_that_name_and_is_case_sensitive) {
    const text_keys keys = {{"A", "1"}, {"B", "2"}, {"A", "3"}};
    EXPECT_EQ(find_key(keys, "A"), "1");
    EXPECT_EQ(find_key(keys, "B"), "2");
    EXPECT_EQ(find_key(keys, "a"), std::nullopt);
    EXPECT_EQ(find_key({}, "A"), std::nullopt);
}

TEST(text, escaped_shows_control_and_high_bytes_as_hex_and_cuts_long_text) {
    EXPECT_EQ(escaped("plain ~"), "plain ~");
    EXPECT_EQ(escaped("\x1b[31m\0\x7f\xff\n"sv), "\\x1b[31m\\x00\\x7f\\xff\\x0a");
    EXPECT_EQ(escaped("abcdef", 4), "abcd...");
    EXPECT_EQ(escaped("abcd", 4), "abcd");
    EXPECT_EQ(escaped(std::string(300, 'a')).size(), 256U + 3);
}

}  // namespace
}  // namespace persiscsi::pdu
