// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/sense.hpp"
#include "initiator/scsi/status.hpp"

#include <cstdint>
#include <optional>

namespace persiscsi::scsi {

/// What to do about a command that the logical unit has answered.
enum class verdict {
    done,           ///< it did its work
    again_at_once,  ///< it did nothing, or what it did may be done over; nothing stands in the way of a repetition
    again_later,    ///< the same, but what stood in the way needs time to pass
    report,         ///< the caller has to know
};

/// The policy of docs/decisions/0005: a judgement by the answer alone. Whether the command may be repeated at all, how
/// often and how long, the session decides. `sense` counts for CHECK CONDITION only. `operation_code` is byte 0 of the
/// CDB: whoever sends TEST UNIT READY asks for the very state that others wait for to pass.
[[nodiscard]] verdict after(status ended_with,
                            const std::optional<sense_data>& sense,
                            std::uint8_t operation_code = 0xff);

}  // namespace persiscsi::scsi
