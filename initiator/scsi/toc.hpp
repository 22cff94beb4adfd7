// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persiscsi::scsi {

/// The forms of the table of contents that share one layout of descriptors.
enum class toc_format : std::uint8_t { tracks = 0x0, sessions = 0x1 };

/// From track (or session) number `first` on. `minutes`: addresses as minutes, seconds and frames (TIME).
[[nodiscard]] cdb read_toc(toc_format format,
                           std::uint8_t first,
                           std::uint16_t allocation_length,
                           bool minutes = false);  // MMC, READ TOC/PMA/ATIP (43h)

struct toc_entry {
    std::uint8_t track = 0;    ///< AAh: the lead-out
    std::uint8_t control = 0;  ///< bit 2: data
    std::uint8_t address_type = 0;
    std::uint32_t start = 0;  ///< a block, or 00 and minutes, seconds, frames

    friend bool operator==(const toc_entry&, const toc_entry&) = default;
};
struct table_of_contents {
    std::uint8_t first = 0;
    std::uint8_t last = 0;
    std::vector<toc_entry> entries{};

    friend bool operator==(const table_of_contents&, const table_of_contents&) = default;
};
/// As many entries as were received. A length that is no whole number of them is malformed.
[[nodiscard]] parsed<table_of_contents> parse_toc(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
