// SPDX-License-Identifier: Apache-2.0
#include "pdu/print.hpp"

#include "pdu/frame.hpp"

#include <type_traits>

namespace persiscsi::pdu {
namespace {

std::string hex(std::uint64_t number, std::size_t digits) {
    std::string text(digits, '0');
    for (std::size_t i = digits; i-- > 0; number >>= 4U) text[i] = "0123456789abcdef"[number & 0xfU];
    return text;
}

/// Counts, offsets, times and sequence numbers are read as decimal numbers, tags, codes and addresses as hexadecimal
/// ones.
template <class Value>
inline constexpr bool is_decimal = detail::has_serial_value<Value> || std::is_same_v<Value, connection_id> ||
                                   std::is_same_v<Value, std::uint16_t> || std::is_same_v<Value, std::uint32_t>;

template <std::size_t Width, class Value>
std::string print_value(const Value& value) {
    if constexpr (detail::is_byte_array<Value>) {
        std::string text;
        for (const std::byte byte : value) text += hex(std::to_integer<std::uint64_t>(byte), 2);
        return text;
    } else if constexpr (is_decimal<Value>) {
        return std::to_string(detail::to_number(value));
    } else {
        return "0x" + hex(detail::to_number(value), 2 * Width);
    }
}

template <std::size_t Offset, std::size_t Width, class Pdu, class Value>
void print_row(std::string& line, const byte_field<Offset, Width, Pdu, Value>& row, const Pdu& pdu) {
    line.append(" ").append(row.name).append("=").append(print_value<Width>(pdu.*row.member));
}
template <std::size_t Byte, unsigned First, unsigned Last, class Pdu, class Value>
void print_row(std::string& line, const bit_field<Byte, First, Last, Pdu, Value>& row, const Pdu& pdu) {
    line.append(" ").append(row.name).append("=").append(std::to_string(detail::to_number(pdu.*row.member)));
}
template <std::size_t Byte, unsigned Bit, class Pdu>
void print_row(std::string&, const fixed_one<Byte, Bit>&, const Pdu&) {}
template <std::size_t Offset, class Pdu>
void print_row(std::string&, const fixed_tag<Offset>&, const Pdu&) {}

}  // namespace

std::string print(const any_pdu& pdu) {
    return std::visit(
        []<class Pdu>(const Pdu& one) {
            std::string line(Pdu::title);
            std::apply([&](const auto&... row) { (print_row(line, row, one), ...); }, Pdu::layout);
            return line;
        },
        pdu);
}

std::string print(const bhs_bytes& bhs) {
    const auto pdu = decode_any(bhs);
    std::string line = pdu ? print(*pdu) : "unknown opcode 0x" + hex(static_cast<std::uint64_t>(opcode_of(bhs)), 2);
    return line + " TotalAHSLength=" + std::to_string(ahs_size_of(bhs)) +
           " DataSegmentLength=" + std::to_string(data_size_of(bhs));
}

}  // namespace persiscsi::pdu
