// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persiscsi::scsi {

/// At least 24 bytes: the header and one descriptor.
[[nodiscard]] cdb get_lba_status(lba first, std::uint32_t allocation_length);  // SBC, GET LBA STATUS (16) (9Eh/12h)

enum class provisioning_status : std::uint8_t { mapped = 0, deallocated = 1, anchored = 2 };

struct lba_status {
    lba first{};
    block_count blocks{};
    provisioning_status status = provisioning_status::mapped;

    friend bool operator==(const lba_status&, const lba_status&) = default;
};

/// GET LBA STATUS parameter data (SBC): the descriptors that were received whole. A range that ends beyond 2^64 blocks,
/// one without a block and one that does not begin where the last one ended are malformed.
[[nodiscard]] parsed<std::vector<lba_status>> parse_lba_status(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
