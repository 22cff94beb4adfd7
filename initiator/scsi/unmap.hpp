// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/block.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace persiscsi::scsi {

struct block_range {
    lba first{};
    block_count blocks{};
};

/// As many block descriptors as the 16 bits of PARAMETER LIST LENGTH hold. A logical unit may allow fewer: see
/// block_limits::max_unmap_descriptor_count.
inline constexpr std::size_t max_unmap_ranges = (65535 - 8) / 16;

/// SBC, UNMAP parameter list. Precondition: no more than max_unmap_ranges.
[[nodiscard]] std::vector<std::byte> unmap_parameter_list(std::span<const block_range> ranges);

}  // namespace persiscsi::scsi
