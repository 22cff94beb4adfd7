// SPDX-License-Identifier: Apache-2.0
// Random bytes and damaged PDUs against every decoder of the room. The seeds are fixed: what fails once fails again.
#include "pdu/ahs.hpp"
#include "pdu/frame.hpp"
#include "pdu/pdu_reader.hpp"
#include "pdu/print.hpp"
#include "pdu/text.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace persiscsi::pdu {
namespace {

using test::bytes;

constexpr int iterations = 100000;
constexpr std::uint32_t limit = 2048;

std::size_t below(std::mt19937& generator, std::size_t bound) {
    return generator() % bound;
}

TEST(hostile_bytes, any_header_decodes_to_what_encodes_back_to_the_same_and_prints_in_one_line) {
    std::mt19937 generator(1);
    for (int i = 0; i < iterations; ++i) {
        bhs_bytes bhs{};
        for (auto& byte : bhs) byte = static_cast<std::byte>(generator());
        if (const auto pdu = decode_any(bhs)) {
            const auto once = std::visit([](const auto& one) { return encode(one); }, *pdu);
            const auto twice = std::visit([](const auto& one) { return encode(one); }, *decode_any(once));
            ASSERT_EQ(once, twice);
        }
        if (i % 50 == 0) {
            ASSERT_LT(print(bhs).size(), 500U);
        }
    }
}

TEST(hostile_bytes, text_that_parses_is_exactly_what_its_keys_encode_to) {
    std::mt19937 generator(2);
    static constexpr std::string_view likely("AX#=\0=\0kK9 .\xff", 13);
    int good = 0;
    for (int i = 0; i < iterations; ++i) {
        bytes text(below(generator, 24));
        for (auto& byte : text) byte = static_cast<std::byte>(likely[below(generator, likely.size())]);
        const auto parsed = parse_text(text);
        ASSERT_EQ(parsed.error == std::error_code{}, parsed.detail.empty());
        if (parsed.error) {
            ASSERT_TRUE(parsed.keys.empty());
            continue;
        }
        ++good;
        ASSERT_EQ(encode_text(parsed.keys), text);
    }
    EXPECT_GT(good, 1000) << "too few good texts to prove anything";
}

TEST(hostile_bytes, ahs_that_parses_holds_no_more_than_it_was_given) {
    std::mt19937 generator(3);
    int good = 0;
    for (int i = 0; i < iterations; ++i) {
        auto ahs = test::random_bytes(generator, below(generator, 40));
        for (std::size_t at = 0; at + 3 <= ahs.size(); at += 8) {
            ahs[at] = std::byte{0};
            ahs[at + 1] &= std::byte{0x07};
            ahs[at + 2] &= std::byte{0x03};
        }
        const auto parsed = parse_ahs(ahs);
        if (parsed.error) {
            ASSERT_EQ(parsed.headers, additional_headers{});
            continue;
        }
        ++good;
        ASSERT_LE(encode_ahs(parsed.headers).size(), ahs.size());
        ASSERT_EQ(parse_ahs(encode_ahs(parsed.headers)).headers, parsed.headers);
    }
    EXPECT_GT(good, 1000) << "too few good segments to prove anything";
}

/// Three good PDUs one behind the other, then a few of their bytes changed.
bytes damaged_stream(std::mt19937& generator, digests used) {
    bytes wire;
    for (int n = 0; n < 3; ++n) {
        const bytes ahs(4 * below(generator, 3));
        const bytes data(below(generator, 200));
        const frame sent({}, ahs, data, used);
        test::append(wire, sent.head());
        test::append(wire, sent.data());
        test::append(wire, sent.tail());
    }
    for (auto damage = below(generator, 4); damage > 0; --damage)
        wire[below(generator, wire.size())] = static_cast<std::byte>(generator());
    return wire;
}

/// Reads until the bytes or the stream end; checks that the reader keeps to its bounds.
void read_all(pdu_reader& reader, std::span<const std::byte> wire) {
    while (!wire.empty()) {
        std::size_t count = 0;
        for (const auto place : reader.space()) {
            const auto part = std::min(place.size(), wire.size());
            if (part > 0) std::memcpy(place.data(), wire.data(), part);
            wire = wire.subspan(part);
            count += part;
        }
        ASSERT_GT(count, 0U);
        reader.filled(count);
        for (;;) {
            const auto now = reader.next();
            if (now == pdu_reader::step::failed) {
                ASSERT_TRUE(reader.error());
                ASSERT_FALSE(reader.error_detail().empty());
                return;
            }
            if (now == pdu_reader::step::corrupt) {
                ASSERT_TRUE(reader.error());
            }
            ASSERT_LE(reader.data_size(), limit);
            ASSERT_LE(reader.ahs().size(), max_ahs_size);
            if (now == pdu_reader::step::need_bytes) break;
            if (now == pdu_reader::step::pdu) {
                ASSERT_EQ(reader.data().size(), reader.data_size());
            }
        }
    }
}

TEST(hostile_bytes, the_reader_keeps_to_its_bounds_on_damaged_streams) {
    std::mt19937 generator(4);
    for (int i = 0; i < iterations / 4; ++i) {
        const digests used{.header = generator() % 4 == 0, .data = generator() % 4 == 0};
        pdu_reader reader(limit, used);
        read_all(reader, damaged_stream(generator, used));
        if (HasFatalFailure()) return;
    }
}

TEST(hostile_bytes, the_reader_keeps_to_its_bounds_on_noise) {
    std::mt19937 generator(5);
    for (int i = 0; i < iterations / 4; ++i) {
        pdu_reader reader(limit);
        auto noise = test::random_bytes(generator, 300);
        noise[5] = std::byte{0};
        noise[6] &= std::byte{0x0f};
        read_all(reader, noise);
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace persiscsi::pdu
