// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/vpd.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persiscsi::scsi {

/// Third-party copy with a list identifier of one byte: the device copies by itself, even from another device.
[[nodiscard]] cdb extended_copy(std::uint32_t parameter_list_length);  // SPC, EXTENDED COPY (LID1) (83h/00h)

/// A block device that takes part (SPC, CSCD descriptor E4h): named as in its VPD page 83h, with its block size.
struct copy_device {
    designator name{};
    std::uint32_t block_size = 512;  ///< bytes; below 2^24
};

/// A range to be copied (SPC, block device to block device segment descriptor, 02h).
struct copy_segment {
    std::uint16_t source = 0;       ///< index of a copy_device
    std::uint16_t destination = 0;  ///< index of a copy_device
    std::uint16_t blocks = 0;       ///< of the source, or of the destination where `count_destination` (DC)
    bool count_destination = false;
    lba from{};
    lba to{};
};

struct copy_list {
    std::uint8_t identifier = 0;  ///< by this RECEIVE COPY RESULTS asks about the copy
    std::uint8_t priority = 0;    ///< 0 to 7
    std::vector<copy_device> devices{};
    std::vector<copy_segment> segments{};
};
/// Preconditions: designators of at most 20 bytes; no more devices and segments than 16 and 32 bits of length hold;
/// indices that name devices.
[[nodiscard]] std::vector<std::byte> copy_parameter_list(const copy_list& what);

}  // namespace persiscsi::scsi
