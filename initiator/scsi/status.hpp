// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace persiscsi::scsi {

/// SAM, status codes.
enum class status : std::uint8_t {
    good = 0x00,
    check_condition = 0x02,
    condition_met = 0x04,
    busy = 0x08,
    reservation_conflict = 0x18,
    task_set_full = 0x28,
    aca_active = 0x30,
    task_aborted = 0x40,
};

/// "CHECK CONDITION"; "status 22h" of one that SAM does not name.
[[nodiscard]] std::string to_string(status value);

}  // namespace persiscsi::scsi
