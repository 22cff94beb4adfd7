// SPDX-License-Identifier: Apache-2.0
#include "pdu/ahs.hpp"

#include "pdu/errors.hpp"
#include "pdu/frame.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

namespace persiscsi::pdu {
namespace {

using test::bytes;
using test::bytes_of;
using test::from_hex;

TEST(ahs, an_extended_cdb_counts_its_reserved_byte_and_is_padded) {
    EXPECT_EQ(encode_ahs({.extended_cdb = bytes_of({0xc1})}), from_hex("0002 01 00 c1 00 00 00"));
    EXPECT_EQ(encode_ahs({.extended_cdb = bytes_of({1, 2, 3, 4})}), from_hex("0005 01 00 01 02 03 04"));
    EXPECT_EQ(encode_ahs({.extended_cdb = bytes_of({1, 2, 3, 4, 5})}), from_hex("0006 01 00 01 02 03 04 05 00 00 00"));
}

TEST(ahs, a_bidirectional_read_length_has_length_5) {
    EXPECT_EQ(encode_ahs({.bidirectional_read_expected_data_transfer_length = 0x01020304}),
              from_hex("0005 02 00 01 02 03 04"));
}

TEST(ahs, nothing_to_say_is_no_bytes) {
    EXPECT_EQ(encode_ahs({}), bytes{});
    const auto parsed = parse_ahs({});
    EXPECT_FALSE(parsed.error);
    EXPECT_EQ(parsed.headers, additional_headers{});
}

TEST(ahs, both_segments_parse_back_at_every_length) {
    for (std::size_t size = 1; size <= max_extended_cdb; ++size) {
        const additional_headers headers{.extended_cdb = bytes(size, std::byte{0x5c}),
                                         .bidirectional_read_expected_data_transfer_length = 0xfffffffe};
        const auto wire = encode_ahs(headers);
        ASSERT_LE(wire.size(), max_ahs_size);
        ASSERT_EQ(wire.size() % 4, 0U);
        const auto parsed = parse_ahs(wire);
        ASSERT_FALSE(parsed.error) << parsed.detail;
        ASSERT_EQ(parsed.headers, headers);
    }
    EXPECT_EQ(encode_ahs({bytes(max_extended_cdb), 0}).size(), max_ahs_size);
}

TEST(ahs, the_order_of_the_segments_and_reserved_bits_do_not_matter) {
    const auto parsed = parse_ahs(from_hex("0005 c2 ff 01 02 03 04  0002 41 ff c1 ff ff ff"));
    EXPECT_FALSE(parsed.error) << parsed.detail;
    EXPECT_EQ(parsed.headers,
              (additional_headers{.extended_cdb = bytes_of({0xc1}),
                                  .bidirectional_read_expected_data_transfer_length = 0x01020304}));
}

struct malformed_ahs {
    const char* wire;
    const char* detail;
};

TEST(ahs, segments_that_lie_are_refused_with_their_place) {
    const malformed_ahs cases[] = {
        {"00", "AHS byte 0: 1 bytes, too few for an AHS"},
        {"0005", "AHS byte 0: 2 bytes, too few for an AHS"},
        {"0006 01 00 01 02 03 04", "AHS byte 0: AHSLength 6 with 5 bytes left"},
        {"ffff 01 00 01 02 03 04", "AHS byte 0: AHSLength 65535 with 5 bytes left"},
        {"0002 01 00 c1 00 00", "AHS byte 0: AHSLength 2 with 4 bytes left"},
        {"0001 01 00", "AHS byte 0: AHSLength 1 leaves no extended CDB"},
        {"0000 01 00", "AHS byte 0: AHSLength 0 leaves no extended CDB"},
        {"0004 02 00 01 02 03 00", "AHS byte 0: AHSLength 4 of a bidirectional read length, must be 5"},
        {"0006 02 00 01 02 03 04 05 00 00 00", "AHS byte 0: AHSLength 6 of a bidirectional read length, must be 5"},
        {"0002 01 00 c1 00 00 00 0002 01 00 c2 00 00 00", "AHS byte 8: a second extended CDB"},
        {"0005 02 00 00 00 00 01 0005 02 00 00 00 00 02", "AHS byte 8: a second bidirectional read length"},
        {"0001 00 00", "AHS byte 0: reserved AHS code 0"},
        {"0002 01 00 c1 00 00 00 0001 3f 00", "AHS byte 8: reserved AHS code 63"},
    };
    for (const auto& [wire, detail] : cases) {
        const auto parsed = parse_ahs(from_hex(wire));
        EXPECT_EQ(parsed.error, protocol_errc::remote_malformed_ahs) << wire;
        EXPECT_EQ(parsed.headers, additional_headers{}) << wire;
        EXPECT_EQ(parsed.detail, detail);
    }
}

}  // namespace
}  // namespace persiscsi::pdu
