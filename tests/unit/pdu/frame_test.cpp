// SPDX-License-Identifier: Apache-2.0
#include "pdu/frame.hpp"

#include "pdu/nop_out.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi::pdu {
namespace {

using test::bytes;
using test::from_hex;

bytes wire_of(const frame& sent) {
    bytes wire;
    test::append(wire, sent.head());
    test::append(wire, sent.data());
    test::append(wire, sent.tail());
    EXPECT_EQ(wire.size(), sent.size());
    return wire;
}

bytes part(const bytes& wire, std::size_t from, std::size_t size) {
    return {wire.begin() + static_cast<std::ptrdiff_t>(from), wire.begin() + static_cast<std::ptrdiff_t>(from + size)};
}

bhs_bytes zeroes() {
    return {};
}

TEST(frame, a_header_alone_is_48_bytes) {
    EXPECT_EQ(wire_of(frame(zeroes(), {}, {}, {})), bytes(48, std::byte{0}));
}

TEST(frame, writes_the_lengths_and_pads_the_data_with_zeroes) {
    for (const std::size_t size : {1U, 2U, 3U, 4U, 5U}) {
        const bytes data(size, std::byte{0xdd});
        const auto wire = wire_of(frame(zeroes(), {}, data, {}));
        ASSERT_EQ(wire.size(), 48 + (size + 3) / 4 * 4);
        EXPECT_EQ(part(wire, 4, 4), bytes({std::byte{0}, std::byte{0}, std::byte{0}, static_cast<std::byte>(size)}));
        EXPECT_EQ(part(wire, 48, size), data);
        EXPECT_EQ(part(wire, 48 + size, wire.size() - 48 - size), bytes(wire.size() - 48 - size));
    }
}

TEST(frame, replaces_lengths_that_were_in_the_header) {
    bhs_bytes bhs = zeroes();
    bhs[4] = bhs[5] = bhs[6] = bhs[7] = std::byte{0xee};
    EXPECT_EQ(part(wire_of(frame(bhs, {}, {}, {})), 4, 4), bytes(4));
}

TEST(frame, the_longest_segments_have_their_lengths_written_whole) {
    const bytes ahs(max_ahs_size, std::byte{0xaa});
    const bytes data(max_data_segment, std::byte{0xdd});
    const frame sent(zeroes(), ahs, data, {});
    EXPECT_EQ(part(wire_of(sent), 4, 4), from_hex("ff ff ff ff"));
    EXPECT_EQ(sent.size(), 48 + 1020 + max_data_segment + 1);
}

TEST(frame, digests_cover_header_with_ahs_and_data_with_padding) {
    const bytes ahs(8, std::byte{0});
    const bytes data(29, std::byte{0});
    const auto wire = wire_of(frame(zeroes(), ahs, data, {.header = true, .data = true}));
    ASSERT_EQ(wire.size(), 48U + 8 + 4 + 32 + 4);
    EXPECT_EQ(part(wire, 92, 4), from_hex("aa 36 91 8a"));  // 32 bytes of zeroes, RFC 7143 Appendix A.4

    const auto longer_header = wire_of(frame(zeroes(), bytes(12), data, {.header = true, .data = false}));
    EXPECT_NE(part(wire, 56, 4), part(longer_header, 60, 4));
}

TEST(frame, the_header_digest_is_the_one_of_the_rfc_example) {
    bhs_bytes bhs{};
    const auto example = from_hex(
        "01c00000 00000000 00000000 00000000 14000000 00000400"
        "00000014 00000018 28000000 00000000 02000000 00000000");
    std::copy(example.begin(), example.end(), bhs.begin());
    const auto wire = wire_of(frame(bhs, {}, {}, {.header = true, .data = true}));
    ASSERT_EQ(wire.size(), 52U);
    EXPECT_EQ(part(wire, 48, 4), from_hex("56 3a 96 d9"));
}

TEST(frame, no_data_has_no_data_digest) {
    EXPECT_EQ(frame(zeroes(), {}, {}, {.header = false, .data = true}).size(), 48U);
}

TEST(frame, borrowed_data_is_not_copied) {
    const bytes data(16, std::byte{1});
    EXPECT_EQ(frame(zeroes(), {}, data, {}).data().data(), data.data());
}

TEST(frame, owned_data_moves_with_the_frame) {
    frame first(zeroes(), bytes(5, std::byte{7}), {.header = true, .data = true});
    const auto wire = wire_of(first);
    const frame second(std::move(first));
    EXPECT_EQ(wire_of(second), wire);
    frame third(zeroes(), {}, {}, {});
    third = frame(zeroes(), bytes(5, std::byte{7}), {.header = true, .data = true});
    EXPECT_EQ(wire_of(third), wire);
}

TEST(frame, a_long_head_moves_with_the_frame) {
    frame first(zeroes(), bytes(8, std::byte{3}), {}, {.header = true, .data = false});
    const auto wire = wire_of(first);
    const frame second(std::move(first));
    EXPECT_EQ(wire_of(second), wire);
}

}  // namespace
}  // namespace persiscsi::pdu
