// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::target {

/// numerical-value (RFC 7143 §6.1): decimal or 0x…; nothing where it is no number or above `max`.
[[nodiscard]] std::optional<std::uint64_t> read_number(std::string_view text, std::uint64_t max);

/// binary-value (RFC 7143 §6.1): 0x… hex or 0b… base64; nothing where malformed or longer than `max` bytes.
[[nodiscard]] std::optional<std::vector<std::byte>> read_binary(std::string_view text, std::size_t max);

/// As 0x… hex.
[[nodiscard]] std::string write_binary(std::span<const std::byte> bytes);

/// list-of-values: "A,B,C" taken apart; an empty text is one empty value.
[[nodiscard]] std::vector<std::string_view> read_list(std::string_view text);

}  // namespace persiscsi::target
