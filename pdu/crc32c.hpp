// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace persiscsi::pdu {

/// CRC32C (RFC 7143 §13.1) of `bytes`, continued from `crc`; 0 starts a new one. Safe from any thread.
/// The implementation is chosen once, at the first call, by what the processor has.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0);

/// "sse4.2", "armv8-crc" or "table": the implementation that crc32c() uses here.
[[nodiscard]] std::string_view crc32c_implementation();

}  // namespace persiscsi::pdu
