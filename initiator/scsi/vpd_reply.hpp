// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/reply.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

// Reading VPD pages, for the files that parse them.

namespace persiscsi::scsi {

inline constexpr std::size_t vpd_header_size = 4;  // qualifier and type, page code, PAGE LENGTH

/// "VPD page b0".
[[nodiscard]] std::string vpd_page_name(std::uint8_t page);

/// The reply up to the end that PAGE LENGTH names, header included, so that offsets are those of the standard.
[[nodiscard]] parsed<std::span<const std::byte>> page_of(std::span<const std::byte> reply, std::uint8_t page);

template <class Value>
parsed<Value> failed(const parsed<std::span<const std::byte>>& page) {
    return {.error = page.error, .detail = page.detail};
}

}  // namespace persiscsi::scsi
