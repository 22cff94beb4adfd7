// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/lun.hpp"

#include "initiator/scsi/errors.hpp"
#include "initiator/scsi/report_luns.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi::scsi {
namespace {

using test::from_hex;
using testing::ElementsAre;

TEST(lun, small_numbers_are_peripheral_larger_ones_flat_space) {
    EXPECT_EQ(encode_lun(0), 0U);
    EXPECT_EQ(encode_lun(1), 0x0001000000000000U);
    EXPECT_EQ(encode_lun(255), 0x00ff000000000000U);
    EXPECT_EQ(encode_lun(256), 0x4100000000000000U);
    EXPECT_EQ(encode_lun(16383), 0x7fff000000000000U);
}

TEST(lun, every_number_formats_and_parses_back) {
    for (std::uint16_t number = 0; number <= max_lun_number; ++number) {
        ASSERT_EQ(format_lun(encode_lun(number)), std::to_string(number));
        ASSERT_EQ(parse_lun(std::to_string(number)), encode_lun(number));
    }
}

TEST(lun, what_is_no_single_level_number_is_shown_whole_and_parses_back) {
    for (const std::uint64_t raw :
         {std::uint64_t{0x0000000000000001},  // second bytes of a peripheral LUN
          std::uint64_t{0x0001000200000000},  // two levels
          std::uint64_t{0x0101000000000000},  // another bus
          std::uint64_t{0x4001000000000000},  // flat space for a number that has a shorter form
          std::uint64_t{0x8001000000000000},  // logical unit addressing
          std::uint64_t{0xc101000000000000},  // well known logical unit
          std::uint64_t{0xffffffffffffffff}}) {
        EXPECT_EQ(format_lun(raw).size(), 18U);
        EXPECT_EQ(parse_lun(format_lun(raw)), raw);
    }
    EXPECT_EQ(format_lun(0xc101000000000000U), "0xc101000000000000");
}

TEST(lun, other_texts_are_refused) {
    for (const char* text : {"",
                             "-1",
                             "+1",
                             " 1",
                             "1 ",
                             "16384",
                             "65536",
                             "99999999999999999999",
                             "1x",
                             "0x1",
                             "0X",
                             "0x00010000000000000",
                             "0x-001000000000000",
                             "0x000100000000000g"})
        EXPECT_EQ(parse_lun(text), std::nullopt) << text;
}

TEST(report_luns, lists_what_was_received) {
    const auto parsed = parse_report_luns(from_hex("00000010 00000000 0000000000000000 0001000000000000"));
    ASSERT_FALSE(parsed.error) << parsed.detail;
    EXPECT_THAT(parsed.value.luns, ElementsAre(0U, 0x0001000000000000U));
    EXPECT_EQ(parsed.value.whole_size, 24U);
}

TEST(report_luns, a_cut_list_says_how_much_the_whole_one_takes) {
    const auto parsed = parse_report_luns(from_hex("fffffff8 00000000 0000000000000000 00010000"));
    ASSERT_FALSE(parsed.error) << parsed.detail;
    EXPECT_THAT(parsed.value.luns, ElementsAre(0U));
    EXPECT_EQ(parsed.value.whole_size, 0x100000000U);
}

TEST(report_luns, bytes_behind_the_list_are_no_luns) {
    const auto parsed = parse_report_luns(from_hex("00000008 00000000 0000000000000000 0001000000000000"));
    EXPECT_THAT(parsed.value.luns, ElementsAre(0U));
    EXPECT_TRUE(parse_report_luns(from_hex("00000000 00000000")).value.luns.empty());
}

TEST(report_luns, a_short_header_or_an_odd_length_is_malformed) {
    EXPECT_EQ(parse_report_luns(from_hex("00000000 000000")).detail, "REPORT LUNS: 7 bytes, at least 8");
    const auto odd = parse_report_luns(from_hex("00000009 00000000 0000000000000000 00"));
    EXPECT_EQ(odd.error, scsi_errc::malformed_reply);
    EXPECT_EQ(odd.detail, "REPORT LUNS: list length 9, not a multiple of 8");
}

}  // namespace
}  // namespace persiscsi::scsi
