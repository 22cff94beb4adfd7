// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/mode_sense.hpp"

#include "initiator/scsi/errors.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

namespace persiscsi::scsi {
namespace {

using test::from_hex;

TEST(mode_sense, of_form_6_reads_write_protection_and_the_cache_bit) {
    const auto parsed = parse_mode_sense_6(from_hex("0f 00 90 00  08 0a 04 00 00 00 00 00 00 00 00 00"));
    ASSERT_FALSE(parsed.error) << parsed.detail;
    EXPECT_TRUE(parsed.value.write_protected);
    EXPECT_TRUE(parsed.value.supports_fua);
    EXPECT_EQ(parsed.value.write_cache_enabled, true);
    const auto clear = parse_mode_sense_6(from_hex("0f 00 6f 00  08 0a fb 00 00 00 00 00 00 00 00 00")).value;
    EXPECT_FALSE(clear.write_protected);
    EXPECT_FALSE(clear.supports_fua);
    EXPECT_EQ(clear.write_cache_enabled, false);
}

TEST(mode_sense, of_form_10_has_a_longer_header) {
    const auto parsed = parse_mode_sense_10(from_hex("00 12 00 90 00 00 00 00  08 0a 04 00 00 00 00 00 00 00 00 00"));
    ASSERT_FALSE(parsed.error) << parsed.detail;
    EXPECT_TRUE(parsed.value.write_protected);
    EXPECT_TRUE(parsed.value.supports_fua);
    EXPECT_EQ(parsed.value.write_cache_enabled, true);
}

TEST(mode_sense, finds_the_caching_page_behind_block_descriptors_and_other_pages) {
    EXPECT_EQ(parse_mode_sense_6(from_hex("17 00 00 08  0801000000000000  01 02 00 00  48 01 00 01 ff  88 01 04"))
                  .value.write_cache_enabled,
              true)
        << "a page, a subpage of the same code, then the page with its PS bit";
    EXPECT_EQ(
        parse_mode_sense_10(from_hex("00 11 00 00 00 00 00 08  0801000000000000  08 01 04")).value.write_cache_enabled,
        true);
}

TEST(mode_sense, without_a_caching_page_the_cache_is_not_known) {
    EXPECT_EQ(parse_mode_sense_6(from_hex("03 00 80 00")).value.write_cache_enabled, std::nullopt);
    EXPECT_EQ(parse_mode_sense_6(from_hex("07 00 00 00 01 02 04 04")).value.write_cache_enabled, std::nullopt);
    EXPECT_EQ(parse_mode_sense_6(from_hex("06 00 00 00 08 00 04")).value.write_cache_enabled, std::nullopt);
}

TEST(mode_sense, lengths_inside_are_not_believed_beyond_the_bytes) {
    EXPECT_EQ(parse_mode_sense_6(from_hex("ff 00 80 ff 08 0a 04")).value.write_cache_enabled, std::nullopt);
    EXPECT_EQ(parse_mode_sense_6(from_hex("ff 00 80 00 01 ff 08 01 04")).value.write_cache_enabled, std::nullopt);
    EXPECT_EQ(parse_mode_sense_6(from_hex("ff 00 80 00 08 0a")).value.write_cache_enabled, std::nullopt);
    EXPECT_EQ(parse_mode_sense_6(from_hex("ff 00 80 00 48")).value.write_cache_enabled, std::nullopt);
    EXPECT_EQ(parse_mode_sense_10(from_hex("ff ff 00 80 00 00 ff ff 08 0a 04")).value.write_cache_enabled,
              std::nullopt);
}

TEST(mode_sense, bytes_behind_the_mode_data_length_are_no_pages) {
    EXPECT_EQ(parse_mode_sense_6(from_hex("03 00 80 00 08 0a 04")).value.write_cache_enabled, std::nullopt);
}

TEST(mode_sense, a_reply_shorter_than_its_header_is_malformed) {
    EXPECT_EQ(parse_mode_sense_6(from_hex("03 00 80")).detail, "MODE SENSE (6): 3 bytes, at least 4");
    EXPECT_EQ(parse_mode_sense_10(from_hex("00 06 00 80 00 00 00")).detail, "MODE SENSE (10): 7 bytes, at least 8");
    EXPECT_EQ(parse_mode_sense_6({}).error, scsi_errc::malformed_reply);
    EXPECT_EQ(parse_mode_sense_10({}).error, scsi_errc::malformed_reply);
}

}  // namespace
}  // namespace persiscsi::scsi
