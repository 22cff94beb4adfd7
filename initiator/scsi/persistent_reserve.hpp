// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace persiscsi::scsi {

/// By this the registrants of a logical unit know each other; 0 is no registration.
enum class reservation_key : std::uint64_t {};

/// SPC, persistent reservations, type codes.
enum class reservation_type : std::uint8_t {
    write_exclusive = 0x1,
    exclusive_access = 0x3,
    write_exclusive_registrants_only = 0x5,
    exclusive_access_registrants_only = 0x6,
    write_exclusive_all_registrants = 0x7,
    exclusive_access_all_registrants = 0x8,
};

}  // namespace persiscsi::scsi
