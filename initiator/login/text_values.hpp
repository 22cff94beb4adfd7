// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The value forms of RFC 7143 §6.1. A parser gives nothing where the text is not exactly of its form.
namespace persiscsi::login {

/// A simple-value has at most so many bytes, a name in a list too.
inline constexpr std::size_t max_simple_value = 255;

/// numerical-value: a decimal-constant (no leading zeros) or a hex-constant, below 2^64.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);

/// boolean-value: "Yes" or "No".
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);

/// binary-value as hex-constant (0x…) or base64-constant (0b…, RFC 4648 with its padding), 1 … max_size bytes.
[[nodiscard]] std::optional<std::vector<std::byte>> parse_binary(std::string_view text, std::size_t max_size);

/// regular-binary-value of 16 bits, in any of its three encodings (RFC 7143 §13.9, also the port of §13.8).
[[nodiscard]] std::optional<std::uint16_t> parse_binary_16(std::string_view text);

/// binary-value as hex-constant.
[[nodiscard]] std::string encode_hex(std::span<const std::byte> bytes);

/// list-of-values, split at its commas. The pieces live as long as `text`; an empty text is one empty piece.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view text);

/// The constants that answer a proposal without a value (RFC 7143 §6.2).
[[nodiscard]] bool is_reserved_answer(std::string_view value);

}  // namespace persiscsi::login
