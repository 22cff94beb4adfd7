// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace persiscsi::scsi {

/// SPC, PERIPHERAL QUALIFIER: is there a logical unit behind this number?
enum class peripheral_qualifier : std::uint8_t { connected = 0, not_connected = 1, impossible = 3 };

/// SPC, PERIPHERAL DEVICE TYPE; the ones that a target is likely to have.
enum class device_type : std::uint8_t {
    direct_access = 0x00,
    sequential_access = 0x01,
    cd_dvd = 0x05,
    medium_changer = 0x08,
    storage_array_controller = 0x0c,
    enclosure_services = 0x0d,
    simplified_direct_access = 0x0e,
    host_managed_zoned = 0x14,
    well_known = 0x1e,
    unknown = 0x1f,
};

/// Standard INQUIRY data (SPC). Texts have no blanks at their ends; a byte that is no printable ASCII, of which SPC
/// knows none there, became '?'.
struct standard_inquiry {
    peripheral_qualifier qualifier = peripheral_qualifier::impossible;
    device_type type = device_type::unknown;
    bool removable = false;
    std::uint8_t version = 0;  ///< of SPC: 5 is SPC-3, 6 is SPC-4
    bool supports_protection = false;
    bool supports_command_queuing = false;
    std::string vendor{};
    std::string product{};
    std::string revision{};
};

/// What the reply is too short for is left empty; at least its first five bytes must be there.
[[nodiscard]] parsed<standard_inquiry> parse_inquiry(std::span<const std::byte> reply);

/// Texts of SCSI data: see standard_inquiry.
[[nodiscard]] std::string trimmed_ascii(std::span<const std::byte> field);

}  // namespace persiscsi::scsi
