// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::cli {

/// A CDB in hexadecimal digits, in one word or several; blanks and colons between bytes only part them. Throws
/// command_error (usage) that says what is wrong: what is no digit and where, an odd digit, fewer than 6 or more than
/// 260 bytes, and a length that is not the one of the operation code (SPC, group code; 7Fh: ADDITIONAL CDB LENGTH).
[[nodiscard]] std::vector<std::byte> parse_cdb(std::span<const std::string> words);

/// "2800000000000000010a".
[[nodiscard]] std::string hex_of(std::span<const std::byte> bytes);

/// Sixteen bytes a line with their offset, and those that are printable ASCII behind.
[[nodiscard]] std::string hex_dump(std::span<const std::byte> bytes);

}  // namespace persiscsi::cli
