// SPDX-License-Identifier: Apache-2.0
#include "pdu/text.hpp"

#include "pdu/errors.hpp"

#include <algorithm>
#include <cassert>

namespace persiscsi::pdu {
namespace {

constexpr bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

/// Characters of a standard-label (RFC 7143 §6.1).
constexpr bool is_label_character(char c) {
    return is_capital(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view(".-+@_").find(c) != std::string_view::npos;
}

parsed_text malformed(std::size_t position, const std::string& what) {
    return {{}, protocol_errc::remote_malformed_text, "byte " + std::to_string(position) + ": " + what};
}

/// What is wrong with a key name that begins at byte `position`; no error where it is a standard-label.
/// A detail never holds more of the text than one character: what seems a key may be a piece of a secret.
parsed_text check_key_name(std::string_view name, std::size_t position) {
    if (name.empty()) return malformed(position, "a value without a key name");
    if (name.size() > max_key_name)
        return malformed(
            position,
            "a key name of " + std::to_string(name.size()) + " bytes, allowed " + std::to_string(max_key_name));
    if (name == "iSCSIProtocolLevel") return {};  // no standard-label, but RFC 7143 §13.24 names it so
    if (!is_capital(name.front()))
        return malformed(position, "a key name begins with '" + escaped(name.substr(0, 1)) + "', not a capital letter");
    const std::size_t prefix = name.starts_with("X#") ? 2 : 0;  // X#NodeArchitecture (RFC 7143 §13.26)
    const auto bad =
        std::find_if_not(name.begin() + static_cast<std::ptrdiff_t>(prefix), name.end(), is_label_character);
    if (bad == name.end()) return {};
    const auto at = static_cast<std::size_t>(bad - name.begin());
    return malformed(position + at, "'" + escaped(name.substr(at, 1)) + "' in a key name");
}

}  // namespace

std::vector<std::byte> encode_text(const text_keys& keys) {
    std::size_t size = 0;
    for (const auto& [key, value] : keys) size += key.size() + value.size() + 2;
    std::vector<std::byte> text;
    text.reserve(size);
    const auto append = [&](std::string_view part) {
        assert(part.find('\0') == std::string_view::npos);
        for (const char c : part) text.push_back(static_cast<std::byte>(c));
    };
    for (const auto& [key, value] : keys) {
        append(key);
        append("=");
        append(value);
        text.push_back(std::byte{0});
    }
    return text;
}

parsed_text parse_text(std::span<const std::byte> text) {
    if (text.size() > max_text_sequence)
        return {{},
                protocol_errc::remote_text_too_long,
                std::to_string(text.size()) + " bytes, allowed " + std::to_string(max_text_sequence)};
    const std::string all = [&] {
        std::string copy(text.size(), '\0');
        std::transform(text.begin(), text.end(), copy.begin(), [](std::byte b) { return static_cast<char>(b); });
        return copy;
    }();
    const std::string_view whole = all;
    parsed_text parsed;
    for (std::size_t begin = 0; begin < whole.size();) {
        const auto end = whole.find('\0', begin);
        if (end == std::string_view::npos) return malformed(begin, "the last key=value pair does not end in NUL");
        const auto pair = whole.substr(begin, end - begin);
        if (pair.empty()) return malformed(begin, "an empty key=value pair");
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) return malformed(begin, "a key without '='");
        if (auto wrong = check_key_name(pair.substr(0, equals), begin); wrong.error) return wrong;
        parsed.keys.push_back({std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1))});
        begin = end + 1;
    }
    return parsed;
}

std::optional<std::string_view> find_key(const text_keys& keys, std::string_view key) {
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const text_key& pair) { return pair.key == key; });
    if (found == keys.end()) return std::nullopt;
    return found->value;
}

std::string escaped(std::string_view peer_text, std::size_t max) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string safe;
    for (const char c : peer_text.substr(0, max)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte <= 0x7e) {
            safe += c;
        } else {
            safe += "\\x";
            safe += digits[byte >> 4U];
            safe += digits[byte & 0xfU];
        }
    }
    if (peer_text.size() > max) safe += "...";
    return safe;
}

}  // namespace persiscsi::pdu
