// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace persiscsi::scsi {

/// The size of a logical unit and what READ CAPACITY (16) tells beside it.
struct capacity {
    std::uint64_t blocks = 0;
    std::uint32_t block_size = 0;  ///< bytes
    /// There are more blocks than READ CAPACITY (10) can say: `blocks` is not known, the form (16) tells.
    bool needs_16 = false;
    std::uint8_t protection_type = 0;                     ///< 0: none, 1-3: SBC protection information
    std::uint8_t blocks_per_physical_block_exponent = 0;  ///< a physical block is 2 to this power logical ones
    bool provisioned = false;                             ///< LBPME: resource or thin provisioned
    bool unmapped_reads_zeroes = false;                   ///< LBPRZ
    std::uint16_t lowest_aligned_lba = 0;

    [[nodiscard]] std::uint64_t bytes() const { return blocks * block_size; }

    friend bool operator==(const capacity&, const capacity&) = default;
};

/// The longest block we believe in.
inline constexpr std::uint32_t max_block_size = 1024 * 1024;

/// SBC, READ CAPACITY (10) and (16). A block size of 0 or above max_block_size, and a medium of which the size in bytes
/// does not fit 63 bits, are malformed. Of the form (16) the first 12 bytes must be there, what lacks behind is 0.
[[nodiscard]] parsed<capacity> parse_capacity_10(std::span<const std::byte> reply);
[[nodiscard]] parsed<capacity> parse_capacity_16(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
