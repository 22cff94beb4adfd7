// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/endian.hpp"
#include "pdu/opcode.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace persiscsi::pdu {

/// A Basic Header Segment is always 48 bytes (RFC 7143 §11.2.1).
inline constexpr std::size_t bhs_size = 48;
using bhs_bytes = std::array<std::byte, bhs_size>;

/// Bytes [Offset, Offset + Width) of the BHS hold `member`, most significant byte first.
template <std::size_t Offset, std::size_t Width, class Pdu, class Value>
struct byte_field {
    std::string_view name;
    Value Pdu::*member;
};

/// Bits First … Last of byte Byte hold `member`, numbered as in the RFC's figures: 0 is the most significant.
template <std::size_t Byte, unsigned First, unsigned Last, class Pdu, class Value>
struct bit_field {
    std::string_view name;
    Value Pdu::*member;
};

/// A bit which the RFC fixes to 1. It is written, and not looked at when read.
template <std::size_t Byte, unsigned Bit>
struct fixed_one {};

/// Four bytes which the RFC fixes to the reserved tag 0xffffffff. Written, and not looked at when read.
template <std::size_t Offset>
struct fixed_tag {};

namespace detail {

template <class Value>
concept has_serial_value = requires(Value v) {
    v.value;
};

template <class Value>
constexpr std::uint64_t to_number(const Value& value) {
    if constexpr (has_serial_value<Value>) {
        return value.value;
    } else {
        return static_cast<std::uint64_t>(value);
    }
}

template <class Value>
constexpr Value from_number(std::uint64_t number) {
    if constexpr (has_serial_value<Value>) {
        return Value{static_cast<std::uint32_t>(number)};
    } else {
        return static_cast<Value>(number);
    }
}

template <class Value>
inline constexpr bool is_byte_array = false;
template <std::size_t N>
inline constexpr bool is_byte_array<std::array<std::byte, N>> = true;

/// Marks the bits of one row of a layout; calling a non-constexpr function stops the compilation.
void two_fields_overlap();
void field_leaves_the_bhs();

using occupied_bits = std::array<bool, bhs_size * 8>;

constexpr void occupy(occupied_bits& taken, std::size_t first_bit, std::size_t count) {
    if (first_bit + count > taken.size()) field_leaves_the_bhs();
    for (std::size_t bit = first_bit; bit < first_bit + count; ++bit) {
        if (taken[bit]) two_fields_overlap();
        taken[bit] = true;
    }
}

template <std::size_t Offset, std::size_t Width, class Pdu, class Value>
constexpr void occupy(occupied_bits& taken, const byte_field<Offset, Width, Pdu, Value>&) {
    occupy(taken, Offset * 8, Width * 8);
}
template <std::size_t Byte, unsigned First, unsigned Last, class Pdu, class Value>
constexpr void occupy(occupied_bits& taken, const bit_field<Byte, First, Last, Pdu, Value>&) {
    occupy(taken, Byte * 8 + First, Last - First + 1);
}
template <std::size_t Byte, unsigned Bit>
constexpr void occupy(occupied_bits& taken, const fixed_one<Byte, Bit>&) {
    occupy(taken, Byte * 8 + Bit, 1);
}
template <std::size_t Offset>
constexpr void occupy(occupied_bits& taken, const fixed_tag<Offset>&) {
    occupy(taken, Offset * 8, 32);
}

template <std::size_t Offset, std::size_t Width, class Pdu, class Value>
constexpr void put(const byte_field<Offset, Width, Pdu, Value>& row, const Pdu& pdu, std::byte* bhs) {
    if constexpr (is_byte_array<Value>) {
        for (std::size_t i = 0; i < Width; ++i) bhs[Offset + i] = (pdu.*row.member)[i];
    } else {
        store_be<Width>(bhs + Offset, to_number(pdu.*row.member));
    }
}
template <std::size_t Byte, unsigned First, unsigned Last, class Pdu, class Value>
constexpr void put(const bit_field<Byte, First, Last, Pdu, Value>& row, const Pdu& pdu, std::byte* bhs) {
    constexpr std::uint64_t mask = (1U << (Last - First + 1)) - 1;
    bhs[Byte] |= static_cast<std::byte>((to_number(pdu.*row.member) & mask) << (7 - Last));
}
template <std::size_t Byte, unsigned Bit, class Pdu>
constexpr void put(const fixed_one<Byte, Bit>&, const Pdu&, std::byte* bhs) {
    bhs[Byte] |= static_cast<std::byte>(1U << (7 - Bit));
}

template <std::size_t Offset, class Pdu>
constexpr void put(const fixed_tag<Offset>&, const Pdu&, std::byte* bhs) {
    store_be<4>(bhs + Offset, 0xffffffffU);
}

template <std::size_t Offset, std::size_t Width, class Pdu, class Value>
constexpr void get(const byte_field<Offset, Width, Pdu, Value>& row, Pdu& pdu, const std::byte* bhs) {
    if constexpr (is_byte_array<Value>) {
        for (std::size_t i = 0; i < Width; ++i) (pdu.*row.member)[i] = bhs[Offset + i];
    } else {
        pdu.*row.member = from_number<Value>(load_be<Width>(bhs + Offset));
    }
}
template <std::size_t Byte, unsigned First, unsigned Last, class Pdu, class Value>
constexpr void get(const bit_field<Byte, First, Last, Pdu, Value>& row, Pdu& pdu, const std::byte* bhs) {
    constexpr std::uint64_t mask = (1U << (Last - First + 1)) - 1;
    pdu.*row.member = from_number<Value>((std::to_integer<std::uint64_t>(bhs[Byte]) >> (7 - Last)) & mask);
}
template <std::size_t Byte, unsigned Bit, class Pdu>
constexpr void get(const fixed_one<Byte, Bit>&, Pdu&, const std::byte*) {}
template <std::size_t Offset, class Pdu>
constexpr void get(const fixed_tag<Offset>&, Pdu&, const std::byte*) {}

}  // namespace detail

/// `field<20>("ExpStatSN", &pdu::m)`: a number as wide as the member. `field<5, 3>(…)`: one of three bytes.
template <std::size_t Offset, std::size_t Width, class Pdu, class Value>
consteval auto field(std::string_view name, Value Pdu::*member) {
    return byte_field<Offset, Width, Pdu, Value>{name, member};
}
template <std::size_t Offset, class Pdu, class Value>
consteval auto field(std::string_view name, Value Pdu::*member) {
    return byte_field<Offset, sizeof(Value), Pdu, Value>{name, member};
}
/// `bits<1, 4, 5>("CSG", &pdu::m)`: bits 4 and 5 of byte 1.
template <std::size_t Byte, unsigned First, unsigned Last, class Pdu, class Value>
consteval auto bits(std::string_view name, Value Pdu::*member) {
    static_assert(First <= Last && Last < 8);
    return bit_field<Byte, First, Last, Pdu, Value>{name, member};
}
/// `flag<1, 0>("F", &pdu::m)`: one bit.
template <std::size_t Byte, unsigned Bit, class Pdu>
consteval auto flag(std::string_view name, bool Pdu::*member) {
    static_assert(Bit < 8);
    return bit_field<Byte, Bit, Bit, Pdu, bool>{name, member};
}
template <std::size_t Byte, unsigned Bit>
consteval auto one() {
    return fixed_one<Byte, Bit>{};
}

template <std::size_t Offset>
consteval auto reserved_tag() {
    return fixed_tag<Offset>{};
}

/// The rows of one PDU's figure. Opcode, TotalAHSLength and DataSegmentLength are no rows: framing (frame.hpp) derives
/// them from what it carries, so that they cannot disagree with it. Rows that overlap do not compile.
template <class... Rows>
consteval std::tuple<Rows...> bhs_layout(Rows... rows) {
    detail::occupied_bits taken{};
    detail::occupy(taken, 2, 6);       // Opcode (§11.2.1.2)
    detail::occupy(taken, 4 * 8, 32);  // TotalAHSLength, DataSegmentLength (§11.2.1.5, §11.2.1.6)
    (detail::occupy(taken, rows), ...);
    return {rows...};
}

/// Writes the opcode and the rows of `pdu`; every other bit is 0.
template <class Pdu>
constexpr bhs_bytes encode(const Pdu& pdu) {
    bhs_bytes bhs{};
    bhs[0] = static_cast<std::byte>(Pdu::opcode);
    std::apply([&](const auto&... row) { (detail::put(row, pdu, bhs.data()), ...); }, Pdu::layout);
    return bhs;
}

/// Reads the rows of a Pdu; the caller has seen that `opcode_of(bhs)` is the Pdu's. Reserved bits are not looked at.
template <class Pdu>
constexpr Pdu decode(const bhs_bytes& bhs) {
    Pdu pdu{};
    std::apply([&](const auto&... row) { (detail::get(row, pdu, bhs.data()), ...); }, Pdu::layout);
    return pdu;
}

/// The opcode byte without the I bit. The value may be one that RFC 7143 does not name.
constexpr opcode opcode_of(const bhs_bytes& bhs) {
    return static_cast<opcode>(bhs[0] & std::byte{0x3f});
}

}  // namespace persiscsi::pdu
