// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace persiscsi::pdu {

/// One key=value pair of a Login or Text PDU (RFC 7143 §6.1).
struct text_key {
    std::string key;
    std::string value;

    friend bool operator==(const text_key&, const text_key&) = default;
};
using text_keys = std::vector<text_key>;

/// Key names are at most this long (RFC 7143 §6.1, key-name).
inline constexpr std::size_t max_key_name = 63;
/// What we gather over all PDUs of one text sequence at most (C bit, RFC 7143 §6.2).
inline constexpr std::size_t max_text_sequence = 1024 * 1024;

/// The wire form: key=value, each ended by one NUL. Precondition: no NUL inside.
[[nodiscard]] std::vector<std::byte> encode_text(const text_keys& keys);

/// Parses a whole text sequence (the data segments of its PDUs joined). Malformed or over-long input gives an error and
/// a detail that names the place, never a part of the keys.
struct parsed_text {
    text_keys keys;
    std::error_code error;
    std::string detail;
};
[[nodiscard]] parsed_text parse_text(std::span<const std::byte> text);

/// The value of the first pair of that name.
[[nodiscard]] std::optional<std::string_view> find_key(const text_keys& keys, std::string_view key);

/// A peer's text made safe to print: control characters and bytes above 0x7e as \xNN, cut after `max` bytes.
[[nodiscard]] std::string escaped(std::string_view peer_text, std::size_t max = 256);

}  // namespace persiscsi::pdu
