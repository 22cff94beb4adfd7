// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/text_values.hpp"

#include <algorithm>
#include <charconv>

namespace persiscsi::login {
namespace {

std::optional<std::uint64_t> parse_digits(std::string_view digits, int base) {
    std::uint64_t number = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, number, base);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return number;
}

bool has_prefix(std::string_view text, char letter) {
    return text.size() > 2 && text[0] == '0' && (text[1] == letter || text[1] == letter - 'a' + 'A');
}

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

std::optional<unsigned> base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a' + 26);
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0' + 52);
    if (c == '+') return 62U;
    if (c == '/') return 63U;
    return std::nullopt;
}

/// n digits are (n + 1) / 2 bytes: an odd number of them has its first digit alone in the first byte.
std::optional<std::vector<std::byte>> parse_hex(std::string_view digits) {
    std::vector<std::byte> bytes((digits.size() + 1) / 2);
    for (std::size_t i = 0, place = digits.size() % 2; i < digits.size(); ++i, ++place) {
        const auto digit = hex_digit(digits[i]);
        if (!digit) return std::nullopt;
        bytes[place / 2] = (bytes[place / 2] << 4U) | static_cast<std::byte>(*digit);
    }
    return bytes;
}

std::optional<std::vector<std::byte>> parse_base64(std::string_view digits) {
    if (digits.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && digits.ends_with('=')) {
        digits.remove_suffix(1);
        ++padding;
    }
    std::vector<std::byte> bytes;
    bytes.reserve(digits.size() * 3 / 4);
    std::uint32_t held = 0;
    unsigned held_bits = 0;
    for (const char c : digits) {
        const auto digit = base64_digit(c);
        if (!digit) return std::nullopt;
        held = (held << 6U) | *digit;
        held_bits += 6;
        if (held_bits < 8) continue;
        held_bits -= 8;
        bytes.push_back(static_cast<std::byte>((held >> held_bits) & 0xffU));
        held &= (1U << held_bits) - 1;
    }
    if (held != 0) return std::nullopt;  // RFC 4648 §3.5: the bits beyond the last byte are zero
    return bytes;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
    if (has_prefix(text, 'x')) return parse_digits(text.substr(2), 16);
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return parse_digits(text, 10);
}

std::optional<bool> parse_boolean(std::string_view text) {
    if (text == "Yes") return true;
    if (text == "No") return false;
    return std::nullopt;
}

std::optional<std::vector<std::byte>> parse_binary(std::string_view text, std::size_t max_size) {
    if (text.size() > 2 + 2 * max_size) return std::nullopt;
    std::optional<std::vector<std::byte>> bytes;
    if (has_prefix(text, 'x')) bytes = parse_hex(text.substr(2));
    if (has_prefix(text, 'b')) bytes = parse_base64(text.substr(2));
    if (!bytes || bytes->empty() || bytes->size() > max_size) return std::nullopt;
    return bytes;
}

std::optional<std::uint16_t> parse_binary_16(std::string_view text) {
    constexpr std::size_t size = 2;
    if (const auto number = parse_number(text))
        return *number <= 0xffff ? std::optional(static_cast<std::uint16_t>(*number)) : std::nullopt;
    const auto bytes = parse_binary(text, size);
    if (!bytes) return std::nullopt;
    unsigned number = 0;
    for (const auto byte : *bytes) number = (number << 8U) | std::to_integer<unsigned>(byte);
    return static_cast<std::uint16_t>(number);
}

std::string encode_hex(std::span<const std::byte> bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text = "0x";
    text.reserve(2 + 2 * bytes.size());
    for (const auto byte : bytes) {
        text += digits[std::to_integer<unsigned>(byte >> 4U)];
        text += digits[std::to_integer<unsigned>(byte & std::byte{0xf})];
    }
    return text;
}

std::vector<std::string_view> split_list(std::string_view text) {
    std::vector<std::string_view> pieces;
    for (;;) {
        const auto comma = text.find(',');
        pieces.push_back(text.substr(0, comma));
        if (comma == std::string_view::npos) return pieces;
        text.remove_prefix(comma + 1);
    }
}

bool is_reserved_answer(std::string_view value) {
    return value == "Reject" || value == "Irrelevant" || value == "NotUnderstood";
}

}  // namespace persiscsi::login
