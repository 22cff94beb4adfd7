// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/iscsi_name.hpp"

#include "pdu/text.hpp"

#include <algorithm>
#include <optional>

namespace persiscsi {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// How many bytes follow the first one of a character above ASCII; none where it begins none (RFC 3629 §4).
std::optional<std::size_t> bytes_after(unsigned char first) {
    if (first >= 0xc2 && first <= 0xdf) return 1;
    if (first >= 0xe0 && first <= 0xef) return 2;
    if (first >= 0xf0 && first <= 0xf4) return 3;
    return std::nullopt;
}

/// RFC 3629 §4: neither overlong, nor a surrogate, nor above U+10FFFF.
bool is_second_byte(unsigned char first, unsigned char second) {
    const unsigned lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= lowest && second <= highest;
}

bool is_utf_8(std::string_view text) {
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text.front());
        const auto after = first < 0x80 ? std::optional<std::size_t>(0) : bytes_after(first);
        if (!after || text.size() <= *after) return false;
        if (*after > 0 && !is_second_byte(first, static_cast<unsigned char>(text[1]))) return false;
        for (std::size_t i = 2; i <= *after; ++i)
            if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80) return false;
        text.remove_prefix(*after + 1);
    }
    return true;
}

/// ASCII is judged here; what lies above it is UTF-8 whose characters RFC 3722 lists, and is left to the target.
bool is_name_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-.:_").find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80;
}

/// "yyyy-mm." and at least one character of a reversed domain name (RFC 7143 §4.2.7.4).
std::string iqn_fault(std::string_view rest) {
    constexpr std::string_view form = "dddd-dd.";
    if (rest.size() <= form.size()) return "wants iqn.yyyy-mm.reversed-domain";
    for (std::size_t i = 0; i < form.size(); ++i)
        if (form[i] == 'd' ? !is_digit(rest[i]) : rest[i] != form[i]) return "wants iqn.yyyy-mm.reversed-domain";
    const auto month = rest.substr(5, 2);
    if (month < "01" || month > "12") return "has month " + std::string(month);
    if (rest[form.size()] == '.' || rest[form.size()] == ':') return "wants iqn.yyyy-mm.reversed-domain";
    return {};
}

std::string hex_fault(std::string_view digits, std::initializer_list<std::size_t> sizes) {
    const bool size_fits = std::find(sizes.begin(), sizes.end(), digits.size()) != sizes.end();
    if (size_fits && std::all_of(digits.begin(), digits.end(), is_hex)) return {};
    std::string allowed;
    for (const auto size : sizes) allowed += (allowed.empty() ? "" : " or ") + std::to_string(size);
    return "wants " + allowed + " hexadecimal digits after its type";
}

}  // namespace

std::string iscsi_name_fault(std::string_view name) {
    if (name.empty()) return "is empty";
    if (name.size() > max_iscsi_name)
        return "has " + std::to_string(name.size()) + " bytes, allowed " + std::to_string(max_iscsi_name);
    const auto bad = std::find_if_not(name.begin(), name.end(), is_name_character);
    if (bad != name.end()) return "has the character '" + pdu::escaped(std::string_view(&*bad, 1)) + "'";
    if (!is_utf_8(name)) return "is not UTF-8";
    if (name.starts_with("iqn.")) return iqn_fault(name.substr(4));
    if (name.starts_with("eui.")) return hex_fault(name.substr(4), {16});
    if (name.starts_with("naa.")) return hex_fault(name.substr(4), {16, 32});
    return "does not begin with iqn., eui. or naa.";
}

}  // namespace persiscsi
