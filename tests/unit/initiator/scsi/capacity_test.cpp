// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/capacity.hpp"

#include "initiator/scsi/errors.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

namespace persiscsi::scsi {
namespace {

using test::from_hex;

TEST(capacity, of_form_10_counts_from_the_last_address) {
    const auto parsed = parse_capacity_10(from_hex("0001ffff 00000200"));
    ASSERT_FALSE(parsed.error) << parsed.detail;
    EXPECT_EQ(parsed.value, (capacity{.blocks = 0x20000, .block_size = 512}));
    EXPECT_EQ(parsed.value.bytes(), 64U * 1024 * 1024);
    EXPECT_EQ(parse_capacity_10(from_hex("00000000 00001000")).value.blocks, 1U);
    EXPECT_EQ(parse_capacity_10(from_hex("fffffffe 00000200")).value.blocks, 0xffffffffU);
}

TEST(capacity, of_form_10_says_when_the_medium_is_larger) {
    const auto parsed = parse_capacity_10(from_hex("ffffffff 00000200"));
    EXPECT_FALSE(parsed.error);
    EXPECT_TRUE(parsed.value.needs_16);
    EXPECT_EQ(parsed.value.blocks, 0U);
}

TEST(capacity, of_form_16_has_protection_exponent_and_provisioning) {
    const auto parsed =
        parse_capacity_16(from_hex("0000000100000000 00001000 03 13 c0 05"
                                   "00000000 00000000 00000000 00000000"));
    ASSERT_FALSE(parsed.error) << parsed.detail;
    EXPECT_EQ(parsed.value,
              (capacity{.blocks = 0x100000001,
                        .block_size = 4096,
                        .protection_type = 2,
                        .blocks_per_physical_block_exponent = 3,
                        .provisioned = true,
                        .unmapped_reads_zeroes = true,
                        .lowest_aligned_lba = 5}));
}

TEST(capacity, a_protection_type_counts_only_where_protection_is_enabled) {
    EXPECT_EQ(parse_capacity_16(from_hex("0000000000000001 00000200 04 00 0000")).value.protection_type, 0);
    EXPECT_EQ(parse_capacity_16(from_hex("0000000000000001 00000200 05 00 0000")).value.protection_type, 3);
}

TEST(capacity, of_form_16_may_end_after_the_block_size) {
    const auto parsed = parse_capacity_16(from_hex("000000000001ffff 00000200"));
    ASSERT_FALSE(parsed.error) << parsed.detail;
    EXPECT_EQ(parsed.value, (capacity{.blocks = 0x20000, .block_size = 512}));
}

TEST(capacity, a_short_reply_is_malformed) {
    EXPECT_EQ(parse_capacity_10(from_hex("0001ffff 000002")).detail, "READ CAPACITY (10): 7 bytes, at least 8");
    EXPECT_EQ(parse_capacity_16(from_hex("000000000001ffff 000002")).detail,
              "READ CAPACITY (16): 11 bytes, at least 12");
    EXPECT_EQ(parse_capacity_10({}).error, scsi_errc::malformed_reply);
    EXPECT_EQ(parse_capacity_16({}).error, scsi_errc::malformed_reply);
}

TEST(capacity, block_sizes_of_zero_and_above_one_mebibyte_are_refused) {
    EXPECT_EQ(parse_capacity_10(from_hex("0001ffff 00000000")).detail,
              "READ CAPACITY (10): block size 0, allowed 1 to 1048576");
    EXPECT_EQ(parse_capacity_10(from_hex("0001ffff 00100001")).error, scsi_errc::malformed_reply);
    EXPECT_FALSE(parse_capacity_10(from_hex("0001ffff 00100000")).error);
    EXPECT_FALSE(parse_capacity_10(from_hex("0001ffff 00000208")).error) << "520 bytes";
    EXPECT_EQ(parse_capacity_16(from_hex("000000000001ffff ffffffff")).error, scsi_errc::malformed_reply);
}

TEST(capacity, a_medium_beyond_63_bits_of_bytes_is_refused) {
    EXPECT_EQ(parse_capacity_16(from_hex("ffffffffffffffff 00000200")).detail,
              "READ CAPACITY (16): last block 18446744073709551615 of 512 bytes is beyond 2^63 bytes");
    EXPECT_EQ(parse_capacity_16(from_hex("003fffffffffffff 00000200")).error, scsi_errc::malformed_reply);
    EXPECT_FALSE(parse_capacity_16(from_hex("003ffffffffffffe 00000200")).error);
    EXPECT_FALSE(parse_capacity_16(from_hex("7ffffffffffffffe 00000001")).error);
    EXPECT_EQ(parse_capacity_16(from_hex("7fffffffffffffff 00000001")).error, scsi_errc::malformed_reply);
}

}  // namespace
}  // namespace persiscsi::scsi
