// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace persiscsi::pdu {

/// Advances the CRC register over `size` bytes. The register is the CRC without the inversions of its begin and end.
using crc32c_extend = std::uint32_t(std::uint32_t state, const std::byte* bytes, std::size_t size);

/// One implementation of CRC32C. All give the same numbers.
struct crc32c_variant {
    std::string_view name;
    bool (*supported)();  ///< does this processor have what `extend` uses?
    crc32c_extend* extend;
};

/// The variants of this architecture, the one to prefer first. The last one runs everywhere.
[[nodiscard]] std::span<const crc32c_variant> crc32c_variants();

crc32c_extend crc32c_extend_table;

#if defined(__x86_64__)
bool crc32c_sse42_supported();
crc32c_extend crc32c_extend_sse42;
#endif

#if defined(__aarch64__)
bool crc32c_arm64_supported();
crc32c_extend crc32c_extend_arm64;
#endif

}  // namespace persiscsi::pdu
