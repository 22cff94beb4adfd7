// SPDX-License-Identifier: Apache-2.0
#include "tests/target/text_values.hpp"

#include <charconv>

namespace persiscsi::target {
namespace {

using bytes = std::vector<std::byte>;

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

/// An odd number of digits has an implied leading zero.
std::optional<bytes> from_hex(std::string_view digits) {
    bytes result;
    unsigned pending = 0;
    bool half = digits.size() % 2 == 1;
    for (const char c : digits) {
        const auto value = hex_digit(c);
        if (!value) return std::nullopt;
        pending = (pending << 4U) | *value;
        if (half) result.push_back(static_cast<std::byte>(pending & 0xffU));
        half = !half;
    }
    return result;
}

std::optional<bytes> from_base64(std::string_view digits) {
    if (digits.size() % 4 != 0) return std::nullopt;
    const auto padding = digits.size() - (digits.find_last_not_of('=') + 1);
    if (padding > 2) return std::nullopt;
    digits.remove_suffix(padding);
    bytes result;
    unsigned pending = 0, bits = 0;
    for (const char c : digits) {
        const auto value = base64_digit(c);
        if (!value) return std::nullopt;
        pending = (pending << 6U) | *value;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        result.push_back(static_cast<std::byte>((pending >> bits) & 0xffU));
    }
    return result;
}

bool has_prefix(std::string_view text, char letter) {
    return text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == letter;
}

}  // namespace

std::optional<std::uint64_t> read_number(std::string_view text, std::uint64_t max) {
    const int base = has_prefix(text, 'x') ? 16 : 10;
    if (base == 16) text.remove_prefix(2);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
    return value;
}

std::optional<bytes> read_binary(std::string_view text, std::size_t max) {
    if (text.size() > 2 + 2 * max) return std::nullopt;
    std::optional<bytes> result;
    if (has_prefix(text, 'x')) result = from_hex(text.substr(2));
    if (has_prefix(text, 'b')) result = from_base64(text.substr(2));
    if (result && (result->empty() || result->size() > max)) return std::nullopt;
    return result;
}

std::string write_binary(std::span<const std::byte> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "0x";
    for (const auto byte : bytes) {
        text += digits[std::to_integer<unsigned>(byte >> 4U)];
        text += digits[std::to_integer<unsigned>(byte & std::byte{15})];
    }
    return text;
}

std::vector<std::string_view> read_list(std::string_view text) {
    std::vector<std::string_view> values;
    for (;;) {
        const auto comma = text.find(',');
        values.push_back(text.substr(0, comma));
        if (comma == std::string_view::npos) return values;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace persiscsi::target
