// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// Commands about the medium as a whole.

namespace persiscsi::scsi {

/// POWER CONDITION of START STOP UNIT.
enum class power_condition : std::uint8_t {
    start_valid = 0x0,  ///< START and LOEJ say what to do
    active = 0x1,
    idle = 0x2,
    standby = 0x3,
    lu_control = 0x7,
    force_idle = 0xa,
    force_standby = 0xb,
};

struct start_stop {
    bool start = true;
    bool load_or_eject = false;  ///< LOEJ: load where `start`, else eject
    bool no_flush = false;
    bool immediate = false;  ///< status before the unit has done it
    power_condition power = power_condition::start_valid;
    std::uint8_t power_modifier = 0;  ///< 0 to 15
};
[[nodiscard]] cdb start_stop_unit(const start_stop& what);  // SBC, START STOP UNIT (1Bh)

[[nodiscard]] cdb prevent_allow_medium_removal(bool prevent);  // SBC, PREVENT ALLOW MEDIUM REMOVAL (1Eh)

/// What becomes of the data, all of them and for ever.
enum class sanitize_action : std::uint8_t {
    overwrite = 0x01,  ///< with sanitize_overwrite_list()
    block_erase = 0x02,
    cryptographic_erase = 0x03,
    exit_failure_mode = 0x1f,  ///< after a sanitize operation that failed
};
struct sanitize_options {
    bool immediate = true;           ///< status comes when the operation has begun
    bool unrestricted_exit = false;  ///< AUSE: after a failure other commands may be used again
    bool zoned_no_reset = false;     ///< ZNR
};
[[nodiscard]] cdb sanitize(sanitize_action action,
                           std::uint16_t parameter_list_length = 0,
                           sanitize_options how = {});  // SBC, SANITIZE (48h)

/// The parameter list of SANITIZE, OVERWRITE service action: 1 to 31 passes of a pattern of 1 to 65535 bytes, which
/// `invert` turns round after each.
[[nodiscard]] std::vector<std::byte> sanitize_overwrite_list(std::uint8_t passes,
                                                             std::span<const std::byte> pattern,
                                                             bool invert = false);

struct format_options {
    std::uint8_t protection_information = 0;  ///< FMTPINFO: 0 to 3
    bool with_parameters = false;             ///< FMTDATA: format_parameter_list() is sent
    bool long_list = false;                   ///< LONGLIST: its header is the long one
    bool complete_list = false;               ///< CMPLST
    std::uint8_t defect_list_format = 0;      ///< 0 to 7
};
/// The data of the whole unit are lost.
[[nodiscard]] cdb format_unit(format_options how = {});  // SBC, FORMAT UNIT (04h)

struct format_parameters {
    std::uint8_t protection_field_usage = 0;  ///< 0 to 7
    bool immediate = false;
    std::uint8_t protection_interval_exponent = 0;  ///< of the long header only: 0 to 15
};
/// The header of FORMAT UNIT parameters, short or long, without a defect list.
[[nodiscard]] std::vector<std::byte> format_parameter_list(const format_parameters& what, bool long_list);

}  // namespace persiscsi::scsi
