// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace persiscsi::pdu {

/// Reads Width bytes at `from` as a big-endian number (RFC 7143 §11: network byte order). The caller owns the bounds.
template <std::size_t Width>
constexpr std::uint64_t load_be(const std::byte* from) {
    static_assert(Width >= 1 && Width <= 8);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < Width; ++i) value = (value << 8U) | std::to_integer<std::uint64_t>(from[i]);
    return value;
}

/// Writes the low Width bytes of `value` at `to`, most significant first. The caller owns the bounds.
template <std::size_t Width>
constexpr void store_be(std::byte* to, std::uint64_t value) {
    static_assert(Width >= 1 && Width <= 8);
    for (std::size_t i = 0; i < Width; ++i) to[i] = static_cast<std::byte>(value >> (8U * (Width - 1 - i)));
}

}  // namespace persiscsi::pdu
