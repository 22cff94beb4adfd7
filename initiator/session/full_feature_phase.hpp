// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/negotiated.hpp"
#include "initiator/session/command_window.hpp"
#include "initiator/session/send_queue.hpp"
#include "initiator/session/status_sequence.hpp"
#include "initiator/session/task_table.hpp"
#include "pdu/async_message.hpp"
#include "pdu/data_in.hpp"
#include "pdu/logout_request.hpp"
#include "pdu/logout_response.hpp"
#include "pdu/pdu_reader.hpp"
#include "pdu/r2t.hpp"
#include "pdu/reject.hpp"
#include "pdu/task_management_request.hpp"
#include "pdu/task_management_response.hpp"
#include "pdu/text.hpp"
#include "pdu/text_request.hpp"
#include "pdu/text_response.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <variant>
#include <vector>

namespace persiscsi {

/// The Full Feature Phase of one connection (RFC 7143 §4.2 to §4.4, §11.3 to §11.19 without login): turns tasks into
/// PDUs and PDUs into answers, and from error recovery level 1 on has lost PDUs sent again (§7.1.4.1, §7.1.4.2). What
/// the answers mean for the tasks (done, again, session lost) is decided by its owner. No I/O, no clock.
class full_feature_phase {
  public:
    struct scsi_answered {
        task* which;
        scsi_outcome outcome;
    };
    struct text_answered {
        task* which;
        failure failed;
        pdu::text_keys keys;
    };
    /// One response of a negotiation.
    struct negotiation_answered {
        task* which;
        pdu::text_response response;
        std::vector<std::byte> data;
    };
    struct management_answered {
        task* which;
        pdu::task_management_outcome outcome;
    };
    struct ping_answered {
        task* which;
    };
    struct logged_out {
        task* which;
        pdu::logout_response response;
    };
    struct async_received {
        pdu::async_message message;
        std::vector<std::byte> data;
    };
    /// Reject of a PDU other than a SNACK. `which`: its task, nothing where it is of none.
    struct rejected {
        pdu::reject_reason reason;
        pdu::opcode opcode;
        task* which;
    };
    using event = std::variant<scsi_answered,
                               text_answered,
                               negotiation_answered,
                               management_answered,
                               ping_answered,
                               logged_out,
                               async_received,
                               rejected>;

    /// `number`: the connection's, by which tasks know their allegiance. `window` is the session's.
    full_feature_phase(const negotiated& agreed,
                       connection_number number,
                       command_window& window,
                       pdu::status_sn exp_stat_sn,
                       task_table& tasks,
                       send_queue& queue);

    /// Whether a new command may go out here: the queue has room, and no unsolicited data of an earlier one waits.
    [[nodiscard]] bool has_room() const;
    /// Puts Data-Out into the send queue as far as a bound on its size allows.
    void pump();

    /// A SCSI command with the next CmdSN. Precondition: the window is open.
    void send(task& task);
    /// The same command with the same CmdSN: a retry (RFC 7143 §7.2.1).
    void send_again(task& task);
    void send_text(task& task);
    void send_negotiation(task& negotiation, pdu::text_request request, std::vector<std::byte> data);
    /// What a negotiation has come to; the digests stay.
    void adopt(const negotiated& agreed) { agreed_ = agreed; }
    void send_ping(task& ping);
    /// `referenced` only with ABORT TASK and TASK REASSIGN; `lun` is then its.
    void send_management(task& management, pdu::lun_id lun, const task* referenced);
    /// `exp_stat_sn`: the last one of the connection that is to be closed (RFC 7143 §11.14.4).
    void send_logout(task& logout, pdu::logout_reason reason, pdu::connection_id cid, pdu::status_sn exp_stat_sn);
    /// A NOP-Out that only carries ExpStatSN (RFC 7143 §11.18).
    void send_acknowledgement(pdu::lun_id lun = {});
    /// Ends Data-Out of all tasks of that logical unit (RFC 7143 §11.9.1, Task Termination).
    void stop_data_out(pdu::lun_id lun);
    /// Asks again for all that is missing.
    void ask_again();

    /// The task is done with: its transfers and its frames are dropped. The memory of it is free afterwards.
    void forget(const task& task);
    /// The data of the PDU that is being read belongs to nobody any more.
    void discard_data() { discards_data_ = true; }

    /// After pdu_reader::step::header: checks what can be checked and gives Data-In its place.
    [[nodiscard]] failure on_header(pdu::pdu_reader& reader);
    /// After pdu_reader::step::pdu: takes the PDU in; what follows is in `events`.
    [[nodiscard]] failure on_pdu(const pdu::pdu_reader& reader, std::vector<event>& events);
    /// After pdu_reader::step::corrupt: has it sent again, or fails where the error recovery level is 0.
    [[nodiscard]] failure on_corrupt(const pdu::pdu_reader& reader);

    [[nodiscard]] pdu::status_sn exp_stat_sn() const { return statuses_.exp_stat_sn(); }
    [[nodiscard]] std::uint64_t snacks() const { return snacks_; }
    [[nodiscard]] const negotiated& agreed() const { return agreed_; }

  private:
    /// Data-Out PDUs of one sequence: unsolicited ones, or the answer to one R2T.
    struct transfer {
        pdu::task_tag task;
        pdu::transfer_tag tag = pdu::transfer_tag::reserved;
        std::uint32_t offset = 0;
        std::uint32_t end = 0;
        pdu::data_sn next;
    };

    [[nodiscard]] bool recovers() const { return agreed_.error_recovery_level > 0; }
    [[nodiscard]] bool has_order() const { return agreed_.data_pdu_in_order && agreed_.data_sequence_in_order; }
    void push(pdu::frame frame, pdu::task_tag owner);

    // full_feature_send.cpp
    void send_command(task& task);
    void send_data_out();

    // full_feature_snack.cpp
    void ask_for_data(const task& task, arrivals<pdu::data_sn>::run missing);
    void ask_for_status(status_sequence::numbers::run missing);
    void acknowledge_data(task& task);
    [[nodiscard]] failure lose_data(const pdu::data_in& data);
    [[nodiscard]] failure lose_status(pdu::status_sn stat_sn);
    [[nodiscard]] failure on_snack_rejected(const pdu::bhs_bytes& snack, std::vector<event>& events);

    // full_feature_receive.cpp
    enum class status_kind { fresh, known };
    [[nodiscard]] failure take_status(pdu::status_sn stat_sn, std::string_view pdu_title, status_kind& kind);
    [[nodiscard]] task* find(pdu::task_tag tag, task_kind kind);
    [[nodiscard]] failure take_in(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure take_text();
    [[nodiscard]] failure on_nop_in(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_text_response(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_task_management_response(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_logout_response(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_async_message(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_reject(const pdu::pdu_reader& reader, std::vector<event>& events);

    // full_feature_data.cpp
    [[nodiscard]] failure on_data_in_header(pdu::pdu_reader& reader);
    [[nodiscard]] failure check_data_in(const task& task, const pdu::data_in& data, std::uint32_t size);
    [[nodiscard]] failure on_data_in(const pdu::pdu_reader& reader, std::vector<event>& events);
    void take_data(task& task, const pdu::data_in& data, std::uint32_t size, std::vector<event>& events);
    [[nodiscard]] failure on_scsi_response(const pdu::pdu_reader& reader, std::vector<event>& events);
    void end_task(task& task, scsi_outcome outcome, pdu::status_sn stat_sn, std::vector<event>& events);
    [[nodiscard]] failure on_r2t(const pdu::pdu_reader& reader);
    [[nodiscard]] failure check_r2t(const task& task, const pdu::r2t& r2t) const;

    negotiated agreed_;
    pdu::digests digests_;
    connection_number number_;
    command_window& window_;
    status_sequence statuses_;
    task_table& tasks_;
    send_queue& queue_;
    std::deque<transfer> transfers_;
    std::vector<std::byte> text_;  ///< of the text response that is being gathered, up to its last C bit
    pdu::text_keys text_keys_;     ///< whole keys of it
    std::size_t text_size_ = 0;
    std::uint32_t text_exchanges_ = 0;
    std::uint32_t silent_statuses_ = 0;  ///< taken in since our last PDU
    std::uint64_t snacks_ = 0;
    bool discards_data_ = false;  ///< of the PDU that is being read: it has come before, or its task has ended
};

}  // namespace persiscsi
