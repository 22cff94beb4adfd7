// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/scsi_command.hpp"
#include "tests/target/logical_unit.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace persiscsi::target {

/// An R2T whose data has not all arrived.
struct outstanding_r2t {
    pdu::transfer_tag tag{};
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::uint32_t received = 0;
    std::uint32_t next_data_sn = 0;
};

/// A SCSI command from its PDU to its status.
struct scsi_task {
    pdu::scsi_command command;
    std::uint64_t serial = 0;  ///< tells apart tasks that use the same tag one after the other
    command_plan plan;
    logical_unit* unit = nullptr;
    std::uint32_t transferable = 0;  ///< bytes that move: the least of what CDB and initiator expect

    std::uint32_t sent = 0;  ///< Data-In
    std::uint32_t sent_of_burst = 0;
    std::uint32_t data_in_count = 0;

    bool unsolicited_open = false;  ///< the F bit of the unsolicited data has not come
    std::uint32_t next_unsolicited_sn = 0;
    std::uint32_t received = 0;
    std::uint32_t requested = 0;  ///< covered by R2Ts or unsolicited data
    std::uint32_t next_r2t_sn = 0;
    std::deque<outstanding_r2t> r2ts;
    std::vector<std::byte> parameters;

    bool begun = false;            ///< its CmdSN was due; before, its data waits in `early`
    std::vector<std::byte> early;  ///< from offset 0 on
    bool held = false;             ///< by a script, until resumed
    bool forgotten = false;        ///< by a script: never answered
};

[[nodiscard]] inline std::uint32_t tag_of(const scsi_task& task) {
    return static_cast<std::uint32_t>(task.command.initiator_task_tag);
}

}  // namespace persiscsi::target
