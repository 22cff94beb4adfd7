// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/text_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi::login {
namespace {

using testing::ElementsAre;

std::vector<std::byte> bytes(std::initializer_list<unsigned> values) {
    std::vector<std::byte> result;
    for (const auto value : values) result.push_back(static_cast<std::byte>(value));
    return result;
}

TEST(text_values, numbers_are_decimal_or_hex_below_two_to_the_64) {
    EXPECT_EQ(parse_number("0"), 0U);
    EXPECT_EQ(parse_number("65535"), 65535U);
    EXPECT_EQ(parse_number("0xff"), 255U);
    EXPECT_EQ(parse_number("0XfF"), 255U);
    EXPECT_EQ(parse_number("0x00010"), 16U);
    EXPECT_EQ(parse_number("18446744073709551615"), 18446744073709551615U);
    EXPECT_EQ(parse_number("0xffffffffffffffff"), 18446744073709551615U);
}

TEST(text_values, what_is_not_exactly_a_number_is_none) {
    for (const auto* text : {"",
                             "-1",
                             "+1",
                             " 1",
                             "1 ",
                             "01",
                             "00",
                             "0x",
                             "0xg",
                             "x1",
                             "1x",
                             "0b1",
                             "1,2",
                             "1~2",
                             "Yes",
                             "18446744073709551616",
                             "0x10000000000000000"})
        EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(text_values, booleans_are_yes_or_no_in_this_case) {
    EXPECT_EQ(parse_boolean("Yes"), true);
    EXPECT_EQ(parse_boolean("No"), false);
    for (const auto* text : {"", "yes", "NO", "1", "Yes "}) EXPECT_EQ(parse_boolean(text), std::nullopt) << text;
}

TEST(text_values, binary_values_are_hex_of_any_case_and_odd_length) {
    EXPECT_EQ(parse_binary("0x0aFF", 8), bytes({0x0a, 0xff}));
    EXPECT_EQ(parse_binary("0X1", 8), bytes({0x01}));
    EXPECT_EQ(parse_binary("0x123", 8), bytes({0x01, 0x23}));
    EXPECT_EQ(parse_binary("0x00", 8), bytes({0x00}));
}

TEST(text_values, binary_values_are_base64_with_its_padding) {
    EXPECT_EQ(parse_binary("0bAAEC", 8), bytes({0, 1, 2}));
    EXPECT_EQ(parse_binary("0B/+8=", 8), bytes({0xff, 0xef}));
    EXPECT_EQ(parse_binary("0b/w==", 8), bytes({0xff}));
}

TEST(text_values, what_is_not_exactly_a_binary_value_is_none) {
    for (const auto* text : {"",
                             "0x",
                             "0b",
                             "1234",
                             "0xg0",
                             "0x0 ",
                             "0b/w",
                             "0b/w=",
                             "0b/x==",
                             "0bA===",
                             "0b====",
                             "0bAA=A",
                             "0bAAE*",
                             "0b AAE"})
        EXPECT_EQ(parse_binary(text, 8), std::nullopt) << text;
}

TEST(text_values, binary_values_end_at_their_greatest_size) {
    EXPECT_TRUE(parse_binary("0x0102030405060708", 8));
    EXPECT_FALSE(parse_binary("0x010203040506070809", 8));
    EXPECT_FALSE(parse_binary("0x10102030405060708", 8));
    EXPECT_TRUE(parse_binary("0bAAECAwQFBgc=", 8));
    EXPECT_FALSE(parse_binary("0bAAECAwQFBgcI", 8));
}

TEST(text_values, a_binary_value_of_16_bits_has_three_encodings) {
    for (const auto* text : {"513", "0x201", "0x0201", "0x00000201", "0bAgE="})
        EXPECT_EQ(parse_binary_16(text), 513) << text;
    EXPECT_EQ(parse_binary_16("0"), 0);
    EXPECT_EQ(parse_binary_16("65535"), 65535);
    EXPECT_EQ(parse_binary_16("0bAQ=="), 1) << "the implicit length of one byte";
    for (const auto* text : {"", "65536", "0x10000", "0bAQAA", "0b", "01", "1,2", "-1"})
        EXPECT_EQ(parse_binary_16(text), std::nullopt) << text;
}

TEST(text_values, hex_is_written_with_leading_zeros) {
    EXPECT_EQ(encode_hex(bytes({0x00, 0x0a, 0xff})), "0x000aff");
}

TEST(text_values, lists_keep_their_empty_pieces) {
    EXPECT_THAT(split_list("CRC32C,None"), ElementsAre("CRC32C", "None"));
    EXPECT_THAT(split_list(",a,"), ElementsAre("", "a", ""));
    EXPECT_THAT(split_list(""), ElementsAre(""));
}

}  // namespace
}  // namespace persiscsi::login
