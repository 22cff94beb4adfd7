// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persiscsi::scsi {

/// The largest number that a single level LUN holds (SAM, flat space addressing: 14 bits).
inline constexpr std::uint16_t max_lun_number = 16383;

/// The 8 bytes of a LUN, first byte most significant: peripheral device addressing below 256, flat space above (SAM,
/// single level LUN structure). Precondition: number <= max_lun_number.
[[nodiscard]] std::uint64_t encode_lun(std::uint16_t number);

/// The number where encode_lun() of it gives this LUN again; else all 16 hexadecimal digits behind "0x". Either form
/// parses back to the same LUN: a target that addresses LUN 1 as flat space is asked for it in its own words.
[[nodiscard]] std::string format_lun(std::uint64_t lun);

/// A decimal number up to max_lun_number, or "0x" and 16 hexadecimal digits; nothing for any other text.
[[nodiscard]] std::optional<std::uint64_t> parse_lun(std::string_view text);

}  // namespace persiscsi::scsi
