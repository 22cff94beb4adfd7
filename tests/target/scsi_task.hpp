// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/scsi_command.hpp"
#include "tests/target/byte_ranges.hpp"
#include "tests/target/logical_unit.hpp"
#include "tests/target/transfer_order.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace persiscsi::target {

/// The Data-Out that answers one R2T, or comes unsolicited.
struct output_sequence {
    pdu::transfer_tag tag = pdu::transfer_tag::reserved;  ///< reserved: unsolicited
    byte_range range{};
    std::uint32_t passed = 0;  ///< bytes that came, or were lost
    std::uint32_t next_data_sn = 0;
    bool lossy = false;  ///< a script swallowed Data-Out of it
    bool gap = false;    ///< and the initiator went on: `passed` is no more than a guess
};

/// A Data-In or R2T as it was sent, for SNACK and TASK REASSIGN.
struct input_pdu {
    enum class kind : std::uint8_t { data_in, r2t } what = kind::data_in;
    bool final = false;
    bool acknowledge = false;
    bool with_status = false;
    pdu::transfer_tag tag = pdu::transfer_tag::reserved;
    byte_range range{};
};

/// A SCSI command from its PDU to its status, and at ErrorRecoveryLevel above 0 until that is acknowledged.
struct scsi_task {
    pdu::scsi_command command;
    std::vector<std::byte> long_cdb;      ///< the whole of a CDB that came with an Extended CDB AHS
    std::uint32_t read_length = 0;        ///< Bidirectional Read Expected Data Transfer Length, of its AHS
    std::uint32_t read_transferable = 0;  ///< of an exchange: bytes that go to the initiator
    std::uint64_t serial = 0;             ///< tells apart tasks that use the same tag one after the other
    command_plan plan;
    logical_unit* unit = nullptr;
    std::uint32_t transferable = 0;  ///< bytes that move: the least of what CDB and initiator expect

    std::uint32_t next_input_sn = 0;          ///< DataSN and R2TSN, which share their numbers (RFC 7143 §4.2.2.4)
    std::uint32_t acknowledged = 0;           ///< all below are; input[0] has this number
    std::deque<input_pdu> input;              ///< kept at ErrorRecoveryLevel above 0
    transfer_order input_order;               ///< Data-In to be sent
    std::deque<transfer_order::piece> again;  ///< comes before that: was sent, and is to be sent anew
    std::uint32_t segment_limit = 0;          ///< MaxRecvDataSegmentLength that its Data-In was cut for
    std::uint32_t since_acknowledge = 0;      ///< bytes of Data-In since the A bit

    bool unsolicited_open = false;  ///< the F bit of the unsolicited data has not come
    output_sequence unsolicited;
    std::deque<output_sequence> r2ts;         ///< not fulfilled
    transfer_order output_order;              ///< what R2Ts have still to ask for
    std::deque<byte_range> missing;           ///< comes before that: was lost
    std::vector<pdu::transfer_tag> given_up;  ///< their data comes too late
    byte_ranges received;
    std::vector<std::byte> parameters;

    bool begun = false;                       ///< its CmdSN was due; before, its data waits in `early`
    std::vector<std::byte> early;             ///< from offset 0 on
    bool aborting = false;                    ///< ends when the data under way has come
    bool held = false;                        ///< by a script, until resumed
    bool forgotten = false;                   ///< by a script: never answered
    bool finished = false;                    ///< the command window counts it no more
    std::optional<pdu::status_sn> concluded;  ///< its status was sent under this number
    pdu::snack_tag snack_tag = pdu::snack_tag::none;

    [[nodiscard]] bool has_input_left() const { return !again.empty() || !input_order.done(); }
    [[nodiscard]] bool has_all_output() const { return received.covers({0, transferable}); }
};

[[nodiscard]] inline std::uint32_t tag_of(const scsi_task& task) {
    return static_cast<std::uint32_t>(task.command.initiator_task_tag);
}

}  // namespace persiscsi::target
