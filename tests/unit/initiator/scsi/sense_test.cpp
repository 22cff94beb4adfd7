// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/sense.hpp"

#include "initiator/scsi/additional_sense.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

namespace persiscsi::scsi {
namespace {

using test::from_hex;

constexpr const char* fixed = "f0 00 05 00 00 12 34 0a 00 00 00 00 21 00 00 00 00 00";
constexpr sense_data out_of_range{.key = sense_key::illegal_request, .asc = 0x21, .ascq = 0x00, .information = 0x1234};

TEST(sense, fixed_format_gives_key_codes_and_valid_information) {
    EXPECT_EQ(parse_sense(from_hex(fixed)), out_of_range);
    auto not_valid = from_hex(fixed);
    not_valid[0] = std::byte{0x70};
    EXPECT_EQ(parse_sense(not_valid)->information, std::nullopt);
}

TEST(sense, descriptor_format_finds_the_information_behind_other_descriptors) {
    const auto sense =
        parse_sense(from_hex("72 03 11 04 00 00 00 14"
                             "02 06 00 00 00 00 00 00"
                             "00 0a 80 00 01 02 03 04 05 06 07 08"));
    EXPECT_EQ(
        sense,
        (sense_data{.key = sense_key::medium_error, .asc = 0x11, .ascq = 0x04, .information = 0x0102030405060708}));
}

TEST(sense, an_information_descriptor_that_is_not_valid_or_has_another_length_counts_not) {
    EXPECT_EQ(parse_sense(from_hex("72 03 11 00 00 00 00 0c 00 0a 00 00 01 02 03 04 05 06 07 08"))->information,
              std::nullopt);
    EXPECT_EQ(parse_sense(from_hex("72 03 11 00 00 00 00 06 00 04 80 00 01 02"))->information, std::nullopt);
}

TEST(sense, deferred_errors_are_told_in_both_formats) {
    EXPECT_FALSE(parse_sense(from_hex("70 00 03"))->deferred);
    EXPECT_TRUE(parse_sense(from_hex("71 00 03"))->deferred);
    EXPECT_FALSE(parse_sense(from_hex("72 03 11 00"))->deferred);
    EXPECT_TRUE(parse_sense(from_hex("73 03 11 00"))->deferred);
}

TEST(sense, response_codes_that_are_not_sense_give_nothing) {
    for (const char* hex : {"", "00 00 05", "6f 00 05", "74 05 21 00", "7f 00 05 00 00 00 00 0a"})
        EXPECT_EQ(parse_sense(from_hex(hex)), std::nullopt) << hex;
}

TEST(sense, short_sense_gives_what_is_there) {
    EXPECT_EQ(parse_sense(from_hex("f0")), std::nullopt);
    EXPECT_EQ(parse_sense(from_hex("f0 00")), std::nullopt);
    EXPECT_EQ(parse_sense(from_hex("f0 00 05 00 00 12")), (sense_data{.key = sense_key::illegal_request}));
    EXPECT_EQ(parse_sense(from_hex("f0 00 05 00 00 12 34")),
              (sense_data{.key = sense_key::illegal_request, .information = 0x1234}));
    EXPECT_EQ(parse_sense(from_hex("f0 00 05 00 00 12 34 0a 00 00 00 00 21")), out_of_range);
    EXPECT_EQ(parse_sense(from_hex("72")), std::nullopt);
    EXPECT_EQ(parse_sense(from_hex("72 05")), (sense_data{.key = sense_key::illegal_request}));
}

TEST(sense, lengths_inside_are_not_believed_beyond_the_bytes_nor_bytes_beyond_the_length) {
    auto lying = from_hex(fixed);
    lying[7] = std::byte{0xff};
    EXPECT_EQ(parse_sense(lying), out_of_range);
    lying[7] = std::byte{4};  // ends before ASC
    EXPECT_EQ(parse_sense(lying), (sense_data{.key = sense_key::illegal_request, .information = 0x1234}));
    const auto descriptor = [](const char* length, const char* rest) {
        return parse_sense(from_hex(std::string("72 03 11 00 00 00 00 ") + length + rest))->information;
    };
    EXPECT_EQ(descriptor("ff", "00 0a 80 00 01 02 03 04 05 06 07"), std::nullopt);
    EXPECT_EQ(descriptor("0b", "00 0a 80 00 01 02 03 04 05 06 07 08"), std::nullopt);
    EXPECT_EQ(descriptor("0d", "05 ff 00 0a 80 00 01 02 03 04 05 06 07 08"), std::nullopt);
    EXPECT_EQ(descriptor("0d", "00"), std::nullopt);
}

TEST(sense, of_a_response_stands_behind_its_length) {
    auto segment = from_hex("00 12");
    test::append(segment, from_hex(fixed));
    EXPECT_EQ(parse_response_sense(segment), out_of_range);

    auto with_response_data = segment;
    test::append(with_response_data, from_hex("ff ff ff"));
    EXPECT_EQ(parse_response_sense(with_response_data), out_of_range);

    auto shorter = segment;
    shorter[1] = std::byte{3};
    EXPECT_EQ(parse_response_sense(shorter), (sense_data{.key = sense_key::illegal_request}));
}

TEST(sense, of_a_response_with_a_lying_length_is_bounded_by_the_bytes) {
    auto segment = from_hex("ff ff");
    EXPECT_EQ(parse_response_sense(segment), std::nullopt);
    test::append(segment, from_hex(fixed));
    EXPECT_EQ(parse_response_sense(segment), out_of_range);
    EXPECT_EQ(parse_response_sense({}), std::nullopt);
    EXPECT_EQ(parse_response_sense(from_hex("00")), std::nullopt);
    EXPECT_EQ(parse_response_sense(from_hex("00 00 70 00 05")), std::nullopt);
}

TEST(sense, describe_names_key_text_and_codes) {
    EXPECT_EQ(describe(out_of_range), "ILLEGAL REQUEST, logical block address out of range (21/00)");
    EXPECT_EQ(describe({.key = sense_key::aborted_command, .asc = 0x0c, .ascq = 0x0d}),
              "ABORTED COMMAND, write error, not enough unsolicited data (0c/0d)");
    EXPECT_EQ(describe({.key = sense_key::hardware_error, .asc = 0x80, .ascq = 0xfe}), "HARDWARE ERROR (80/fe)");
    EXPECT_EQ(describe({.key = sense_key::medium_error, .asc = 0x0c, .deferred = true}),
              "of an earlier command: MEDIUM ERROR, write error (0c/00)");
}

TEST(sense, each_key_has_its_name) {
    EXPECT_EQ(to_string(sense_key::no_sense), "NO SENSE");
    EXPECT_EQ(to_string(sense_key::unit_attention), "UNIT ATTENTION");
    EXPECT_EQ(to_string(sense_key::aborted_command), "ABORTED COMMAND");
    EXPECT_EQ(to_string(static_cast<sense_key>(0xc)), "RESERVED SENSE KEY");
    EXPECT_EQ(to_string(sense_key::miscompare), "MISCOMPARE");
    EXPECT_EQ(to_string(sense_key::completed), "COMPLETED");
}

TEST(additional_sense, has_the_codes_of_the_iscsi_conditions_of_the_rfc) {
    EXPECT_EQ(additional_sense_text(0x0c, 0x0c), "write error, unexpected unsolicited data");
    EXPECT_EQ(additional_sense_text(0x0c, 0x0d), "write error, not enough unsolicited data");
    EXPECT_EQ(additional_sense_text(0x47, 0x05), "protocol service crc error");
    EXPECT_EQ(additional_sense_text(0x11, 0x13), "read error, failed retransmission request");
}

TEST(additional_sense, finds_the_first_and_the_last_row_and_nothing_outside) {
    EXPECT_EQ(additional_sense_text(0x00, 0x00), "no additional sense information");
    EXPECT_EQ(additional_sense_text(0x5d, 0x00), "failure prediction threshold exceeded");
    EXPECT_EQ(additional_sense_text(0x00, 0x01), "");
    EXPECT_EQ(additional_sense_text(0xff, 0xff), "");
}

}  // namespace
}  // namespace persiscsi::scsi
