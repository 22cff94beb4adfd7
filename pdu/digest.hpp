// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/crc32c.hpp"

#include <cstddef>
#include <cstdint>

namespace persiscsi::pdu {

/// A digest travels with its least significant byte first, as the examples of RFC 7143 Appendix A.4 show.
inline void store_digest(std::byte* to, std::uint32_t crc) {
    for (unsigned i = 0; i < 4; ++i) to[i] = static_cast<std::byte>(crc >> (8 * i));
}

[[nodiscard]] inline std::uint32_t load_digest(const std::byte* from) {
    std::uint32_t crc = 0;
    for (unsigned i = 0; i < 4; ++i) crc |= std::to_integer<std::uint32_t>(from[i]) << (8 * i);
    return crc;
}

}  // namespace persiscsi::pdu
