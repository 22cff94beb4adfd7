// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/inquiry.hpp"

#include "initiator/scsi/errors.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

namespace persiscsi::scsi {
namespace {

using test::from_hex;

test::bytes disk() {
    auto reply = from_hex("00 80 05 02 1f 01 00 02");
    test::append(reply, test::bytes_of("ACME    RAM disk        1.0 "));
    return reply;
}

TEST(inquiry, gives_texts_without_their_padding_and_the_flags) {
    const auto parsed = parse_inquiry(disk());
    ASSERT_FALSE(parsed.error) << parsed.detail;
    const auto& data = parsed.value;
    EXPECT_EQ(data.qualifier, peripheral_qualifier::connected);
    EXPECT_EQ(data.type, device_type::direct_access);
    EXPECT_TRUE(data.removable);
    EXPECT_EQ(data.version, 5);
    EXPECT_TRUE(data.supports_protection);
    EXPECT_TRUE(data.supports_command_queuing);
    EXPECT_EQ(data.vendor, "ACME");
    EXPECT_EQ(data.product, "RAM disk");
    EXPECT_EQ(data.revision, "1.0");
}

TEST(inquiry, flags_that_are_zero_are_false) {
    auto reply = disk();
    reply[1] = reply[5] = reply[7] = std::byte{0};
    const auto data = parse_inquiry(reply).value;
    EXPECT_FALSE(data.removable);
    EXPECT_FALSE(data.supports_protection);
    EXPECT_FALSE(data.supports_command_queuing);
}

TEST(inquiry, tells_a_number_without_a_logical_unit) {
    const auto parsed = parse_inquiry(from_hex("7f 00 05 02 1f"));
    EXPECT_FALSE(parsed.error);
    EXPECT_EQ(parsed.value.qualifier, peripheral_qualifier::impossible);
    EXPECT_EQ(parsed.value.type, device_type::unknown);
}

TEST(inquiry, of_every_length_is_taken_as_far_as_it_goes) {
    const auto whole = disk();
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const auto parsed = parse_inquiry(std::span(whole).first(size));
        ASSERT_EQ(parsed.error == scsi_errc::malformed_reply, size < 5) << size;
        if (size < 5) continue;
        const std::string product =
            size <= 16 ? "" : std::string("RAM disk").substr(0, std::min<std::size_t>(8, size - 16));
        ASSERT_EQ(parsed.value.product, product.substr(0, product.find_last_not_of(' ') + 1)) << size;
    }
    EXPECT_EQ(parse_inquiry({}).detail, "INQUIRY: 0 bytes, at least 5");
}

TEST(inquiry, bytes_behind_its_additional_length_are_not_part_of_it) {
    auto reply = disk();
    reply[4] = std::byte{11};  // up to and with the vendor
    EXPECT_EQ(parse_inquiry(reply).value.vendor, "ACME");
    EXPECT_EQ(parse_inquiry(reply).value.product, "");
    reply[4] = std::byte{0xff};
    EXPECT_EQ(parse_inquiry(reply).value.revision, "1.0");
}

TEST(trimmed_ascii, shows_nothing_that_a_terminal_would_obey) {
    EXPECT_EQ(trimmed_ascii(test::bytes_of("\x1b[31m\xff\x7f ")), "?[31m??");
    EXPECT_EQ(trimmed_ascii(test::bytes_of("  a b  ")), "a b");
    EXPECT_EQ(trimmed_ascii(test::bytes_of("    ")), "");
    EXPECT_EQ(trimmed_ascii(from_hex("41 00 42")), "A");
    EXPECT_EQ(trimmed_ascii({}), "");
}

}  // namespace
}  // namespace persiscsi::scsi
