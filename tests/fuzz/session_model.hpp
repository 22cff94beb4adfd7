// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/session/session_core.hpp"
#include "pdu/any_pdu.hpp"
#include "pdu/frame.hpp"
#include "pdu/pdu_reader.hpp"
#include "tests/fuzz/input.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace persiscsi::fuzz {

/// A PDU of the target before it is numbered.
struct said {
    pdu::bhs_bytes bhs{};
    bytes data;
    bool takes_stat_sn = false;
};

/// A PDU of the initiator.
struct heard {
    pdu::any_pdu pdu;
    bytes data;
};

/// A SCSI command as a target that means well sees it.
struct known_task {
    pdu::scsi_command command;
    connection_number on = 0;
    std::uint32_t size_in = 0;
    std::uint32_t size_out = 0;
    std::uint32_t sent = 0;      ///< bytes of Data-In
    std::uint32_t received = 0;  ///< bytes of Data-Out from the front
    std::uint32_t asked = 0;     ///< bytes that were sent without R2T, or that an R2T has asked for
    pdu::data_sn next{};         ///< DataSN or R2TSN
};

/// One connection, seen from the target.
struct line {
    bool wanted = false;  ///< the core has asked for a transport
    bool up = false;
    pdu::status_sn stat_sn{1000};
    pdu::digests digests;
    pdu::pdu_reader reader{pdu::max_data_segment};
    std::deque<heard> requests;        ///< what wants an answer and is no SCSI command
    std::deque<said> history;          ///< for SNACK
    bytes backlog;                     ///< on its way to the core
    std::size_t allowance = SIZE_MAX;  ///< bytes that the core can send before its socket is full
    pdu::bhs_bytes last_heard{};
};

/// The byte that lies at this offset of everything that is read.
[[nodiscard]] inline std::byte byte_at(std::uint64_t offset) {
    return static_cast<std::byte>(offset * 7 + offset / 256 * 13 + 1);
}

/// A target that answers what it is asked, one PDU at a time, as RFC 7143 wants it: the truth that a fuzzer bends.
class well_meaning_target {
  public:
    std::uint32_t window = 32;
    std::uint32_t burst = 4096;
    pdu::text_keys login_answers;  ///< instead of agreeing to what is offered

    [[nodiscard]] line& at(connection_number which) { return lines_[which]; }
    [[nodiscard]] std::map<connection_number, line>& lines() { return lines_; }
    [[nodiscard]] std::map<std::uint32_t, known_task>& tasks() { return tasks_; }

    void opened(connection_number which);
    void closed(connection_number which);
    /// Bytes of the core.
    void hear(connection_number which, std::span<const std::byte> wire);

    /// The answer to the request waited for longest; nothing where none is waited for.
    [[nodiscard]] std::optional<said> answer(connection_number which);
    /// What comes next for this task; nothing where it waits for data.
    [[nodiscard]] std::optional<said> serve(known_task& task);

    /// The answer to a request on this line, or else what comes next for one of the tasks; `on` becomes its line.
    [[nodiscard]] std::optional<said> next(connection_number& on, std::uint32_t which_task);

    /// Numbers a PDU, remembers it for SNACK, and gives it as it stands on the wire.
    [[nodiscard]] bytes wire_of(connection_number which, said& one);

  private:
    void take(connection_number which, heard pdu);
    void take_data(const pdu::data_out& data, std::size_t size);
    [[nodiscard]] said answer_login(connection_number which, const heard& request);
    [[nodiscard]] said answer_snack(connection_number which, const pdu::snack_request& snack);
    [[nodiscard]] said answer_management(connection_number which, const pdu::task_management_request& request);
    [[nodiscard]] said answer_logout(const pdu::logout_request& request);

    std::map<connection_number, line> lines_;
    std::map<std::uint32_t, known_task> tasks_;
    pdu::command_sn exp_cmd_sn_{1};
    std::uint32_t last_transfer_tag_ = 0;
    std::deque<said> again_;  ///< that a SNACK has asked for
};

}  // namespace persiscsi::fuzz
