// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/vpd.hpp"

#include "initiator/scsi/errors.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi::scsi {
namespace {

using test::bytes;
using test::from_hex;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(vpd, supported_pages_are_listed_as_far_as_they_were_received) {
    EXPECT_THAT(parse_supported_pages(from_hex("00 00 00 04 00 80 83 b0")).value, ElementsAre(0x00, 0x80, 0x83, 0xb0));
    EXPECT_THAT(parse_supported_pages(from_hex("00 00 ff ff 00 80")).value, ElementsAre(0x00, 0x80));
    EXPECT_THAT(parse_supported_pages(from_hex("00 00 00 01 00 80 83")).value, ElementsAre(0x00));
    EXPECT_THAT(parse_supported_pages(from_hex("00 00 00 00")).value, IsEmpty());
}

TEST(vpd, a_short_reply_and_one_of_another_page_are_malformed) {
    const auto brief = parse_unit_serial_number(from_hex("00 80 00"));
    EXPECT_EQ(brief.error, scsi_errc::malformed_reply);
    EXPECT_EQ(brief.detail, "VPD page 80: 3 bytes, at least 4");
    const auto other = parse_block_limits(from_hex("00 83 00 00"));
    EXPECT_EQ(other.error, scsi_errc::malformed_reply);
    EXPECT_EQ(other.detail, "VPD page b0: the reply is of VPD page 83");
    EXPECT_EQ(parse_supported_pages({}).error, scsi_errc::malformed_reply);
    EXPECT_EQ(parse_device_identification({}).error, scsi_errc::malformed_reply);
    EXPECT_EQ(parse_block_provisioning({}).error, scsi_errc::malformed_reply);
}

TEST(vpd, the_serial_number_is_trimmed_and_bounded) {
    EXPECT_EQ(parse_unit_serial_number(from_hex("00 80 00 06 20 41 42 31 20 20")).value, "AB1");
    EXPECT_EQ(parse_unit_serial_number(from_hex("00 80 00 02 41 42 43")).value, "AB");
    EXPECT_EQ(parse_unit_serial_number(from_hex("00 80 ff ff 41 42")).value, "AB");
}

const char* const page_83 =
    "00 83 00 2e"
    "01 03 00 10 60 01 40 5a 00 00 00 01 00 00 00 00 00 00 00 02"  // NAA of the logical unit
    "02 01 00 0e 41 43 4d 45 20 20 20 20 64 69 73 6b 20 31"        // T10 vendor id
    "01 94 00 04 00 00 00 01";                                     // relative port, PIV

TEST(vpd, designators_come_with_what_they_name_and_how) {
    const auto parsed = parse_device_identification(from_hex(page_83));
    ASSERT_FALSE(parsed.error) << parsed.detail;
    ASSERT_EQ(parsed.value.size(), 3U);
    EXPECT_EQ(parsed.value[0],
              (designator{.names = association::logical_unit,
                          .type = designator_type::naa,
                          .coded = code_set::binary,
                          .bytes = from_hex("60 01 40 5a 00 00 00 01 00 00 00 00 00 00 00 02")}));
    EXPECT_EQ(parsed.value[2],
              (designator{.names = association::target_port,
                          .type = designator_type::relative_target_port,
                          .coded = code_set::binary,
                          .bytes = from_hex("00 00 00 01")}));
    EXPECT_EQ(to_string(parsed.value[0]), "naa.6001405a000000010000000000000002");
    EXPECT_EQ(to_string(parsed.value[1]), "t10.ACME    disk 1");
    EXPECT_EQ(to_string(parsed.value[2]), "type4.00000001");
}

TEST(vpd, a_cut_reply_keeps_the_designators_that_are_whole) {
    const auto whole = from_hex(page_83);
    for (std::size_t size = 4; size < whole.size(); ++size) {
        const auto parsed = parse_device_identification(std::span(whole).first(size));
        ASSERT_FALSE(parsed.error) << size;
        ASSERT_EQ(parsed.value.size(), size < 24 ? 0U : size < 42 ? 1U : 2U) << size;
    }
}

TEST(vpd, a_designator_longer_than_its_page_is_malformed) {
    const auto parsed = parse_device_identification(from_hex("00 83 00 08 01 03 00 05 60 01 40 5a"));
    EXPECT_EQ(parsed.error, scsi_errc::malformed_reply);
    EXPECT_EQ(parsed.detail, "VPD page 83: a designator of 5 bytes with 8 left");
    EXPECT_THAT(parsed.value, IsEmpty());
    EXPECT_EQ(parse_device_identification(from_hex("00 83 00 03 01 03 00")).error, scsi_errc::malformed_reply);
    EXPECT_EQ(parse_device_identification(from_hex("00 83 00 08 01 03 00 05 60 01 40 5a 00")).error,
              scsi_errc::malformed_reply)
        << "the byte behind the page is not the designator's";
}

TEST(vpd, designators_print_in_the_form_of_their_type) {
    const auto text = [](designator_type type, code_set coded, const bytes& content) {
        return to_string(designator{.type = type, .coded = coded, .bytes = content});
    };
    EXPECT_EQ(text(designator_type::eui64, code_set::binary, from_hex("0011 2233 4455 6677")), "eui.0011223344556677");
    EXPECT_EQ(text(designator_type::scsi_name_string, code_set::utf8, from_hex("69 71 6e 2e 61 00 00")), "iqn.a");
    EXPECT_EQ(text(designator_type::scsi_name_string, code_set::utf8, from_hex("69 1b 00")), "691b");
    EXPECT_EQ(text(designator_type::t10_vendor_id, code_set::ascii, from_hex("41 ff 20")), "t10.41ff");
    EXPECT_EQ(text(designator_type::vendor_specific, code_set::ascii, from_hex("61 62 20")), "type0.ab");
    EXPECT_EQ(text(designator_type::vendor_specific, code_set::binary, from_hex("61 62 20")), "type0.616220");
}

TEST(vpd, the_name_of_a_logical_unit_prefers_naa_and_ignores_ports) {
    const auto designators = parse_device_identification(from_hex(page_83)).value;
    EXPECT_EQ(logical_unit_name(designators), "naa.6001405a000000010000000000000002");
    EXPECT_EQ(logical_unit_name({designators[1], designators[0]}), "naa.6001405a000000010000000000000002");
    EXPECT_EQ(logical_unit_name({designators[2], designators[1]}), "t10.ACME    disk 1");
    auto port = designators[0];
    port.names = association::target_port;
    EXPECT_EQ(logical_unit_name({port, designators[2]}), std::nullopt);
    EXPECT_EQ(logical_unit_name({designator{.type = designator_type::naa}}), std::nullopt);
}

TEST(vpd, block_limits_are_read_from_their_places) {
    const auto parsed =
        parse_block_limits(from_hex("00 b0 00 3c 01 02 0304 11121314 21222324 31323334"
                                    "41424344 51525354 61626364 f1727374 8182838485868788"
                                    "0000000000000000000000000000000000000000"));
    ASSERT_FALSE(parsed.error) << parsed.detail;
    const auto& limits = parsed.value;
    EXPECT_EQ(limits.max_compare_and_write_length, 2);
    EXPECT_EQ(limits.optimal_transfer_length_granularity, 0x0304);
    EXPECT_EQ(limits.max_transfer_length, 0x11121314U);
    EXPECT_EQ(limits.optimal_transfer_length, 0x21222324U);
    EXPECT_EQ(limits.max_unmap_lba_count, 0x41424344U);
    EXPECT_EQ(limits.max_unmap_descriptor_count, 0x51525354U);
    EXPECT_EQ(limits.optimal_unmap_granularity, 0x61626364U);
    EXPECT_EQ(limits.unmap_granularity_alignment, 0x71727374U);
    EXPECT_EQ(limits.max_write_same_length, 0x8182838485868788U);
}

TEST(vpd, block_limits_of_an_older_standard_lack_unmap) {
    const auto limits = parse_block_limits(from_hex("00 b0 00 0c 00 00 0000 00000800 00000080")).value;
    EXPECT_EQ(limits.max_transfer_length, 0x800U);
    EXPECT_EQ(limits.optimal_transfer_length, 0x80U);
    EXPECT_EQ(limits.max_unmap_lba_count, 0U);
    EXPECT_EQ(limits.unmap_granularity_alignment, std::nullopt);
}

TEST(vpd, a_limit_that_is_cut_in_the_middle_or_lies_behind_the_page_is_not_read) {
    EXPECT_EQ(parse_block_limits(from_hex("00 b0 00 3c 00 00 0000 000008")).value.max_transfer_length, 0U);
    EXPECT_EQ(parse_block_limits(from_hex("00 b0 00 06 00 00 0000 00000800")).value.max_transfer_length, 0U);
}

TEST(vpd, an_alignment_that_is_not_valid_is_not_reported) {
    const auto page = from_hex("00 b0 00 3c 00 00 0000 00000000 00000000 00000000 00000000 00000000 00000000 71727374");
    EXPECT_EQ(parse_block_limits(page).value.unmap_granularity_alignment, std::nullopt);
}

TEST(vpd, an_alignment_that_is_cut_in_the_middle_is_not_reported) {
    const auto page = from_hex("00 b0 00 3c 00 00 0000 00000000 00000000 00000000 00000000 00000000 00000000 f17273");
    EXPECT_EQ(parse_block_limits(page).value.unmap_granularity_alignment, std::nullopt);
}

TEST(vpd, provisioning_bits_stand_for_themselves) {
    const auto with = [](unsigned flags, unsigned type) {
        auto page = from_hex("00 b2 00 04 00 00 00 00");
        page[5] = static_cast<std::byte>(flags);
        page[6] = static_cast<std::byte>(type);
        return parse_block_provisioning(page).value;
    };
    EXPECT_TRUE(with(0x80, 0).unmap);
    EXPECT_FALSE(with(0x7f, 0).unmap);
    EXPECT_TRUE(with(0x40, 0).write_same_16);
    EXPECT_FALSE(with(0xbf, 0).write_same_16);
    EXPECT_TRUE(with(0x20, 0).write_same_10);
    EXPECT_FALSE(with(0xdf, 0).write_same_10);
    EXPECT_TRUE(with(0x04, 0).reads_zeroes);
    EXPECT_FALSE(with(0xfb, 0).reads_zeroes);
    EXPECT_TRUE(with(0x02, 0).anchored);
    EXPECT_FALSE(with(0xfd, 0).anchored);
    EXPECT_EQ(with(0, 0xfa).type, provisioning_type::thin);
    EXPECT_EQ(with(0, 0x01).type, provisioning_type::resource);
}

}  // namespace
}  // namespace persiscsi::scsi
