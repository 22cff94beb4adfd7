// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/negotiated.hpp"
#include "initiator/session/command_window.hpp"
#include "initiator/session/send_queue.hpp"
#include "initiator/session/task_table.hpp"
#include "pdu/async_message.hpp"
#include "pdu/pdu_reader.hpp"
#include "pdu/text.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <variant>
#include <vector>

namespace persiscsi {

/// The Full Feature Phase of one connection (RFC 7143 §4.2 to §4.4, §11.3 to §11.19 without login) at error recovery
/// level 0: turns tasks into PDUs and PDUs into answers. What the answers mean for the tasks (done, again, session
/// lost) is decided by its owner. No I/O, no clock.
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
    /// The target has let go of the task, or says that it cannot (`still_there`).
    struct abort_answered {
        task* which;
        bool still_there;
    };
    struct ping_answered {
        task* which;
    };
    struct logged_out {
        task* which;
        failure failed;
    };
    /// Asynchronous Message 1 and 4: the connection must end, politely (RFC 7143 §11.9.1).
    struct logout_wanted {
        std::uint16_t within_seconds;
    };
    /// Asynchronous Message 2 and 3: the target will drop the connection.
    struct connection_dropped {
        std::uint16_t time2wait_seconds;
    };
    /// Reject of a PDU of this task (nothing: of no task).
    struct rejected {
        task* which;
        failure failed;
    };
    using event = std::variant<scsi_answered,
                               text_answered,
                               abort_answered,
                               ping_answered,
                               logged_out,
                               logout_wanted,
                               connection_dropped,
                               rejected>;

    full_feature_phase(const negotiated& agreed,
                       command_window window,
                       pdu::status_sn exp_stat_sn,
                       task_table& tasks,
                       send_queue& queue);

    /// Puts data and commands into the send queue as far as the command window and a bound on its size allow.
    void pump();
    /// No new SCSI or text commands from now on; data of the ones sent still goes out.
    void stop_commands() { commands_stopped_ = true; }

    void send_ping(task& ping);
    void send_abort(task& abort, const task& aborted);
    /// Close the session (RFC 7143 §11.14.1, reason 0).
    void send_logout(task& logout);

    /// The task is done with: its transfers and its frames are dropped. The memory of it is free afterwards.
    void forget(const task& task);

    /// After pdu_reader::step::header: checks what can be checked and gives Data-In its place.
    [[nodiscard]] failure on_header(pdu::pdu_reader& reader);
    /// After pdu_reader::step::pdu: takes the PDU in; what follows is in `events`.
    [[nodiscard]] failure on_pdu(const pdu::pdu_reader& reader, std::vector<event>& events);

    [[nodiscard]] const command_window& window() const { return window_; }

  private:
    /// Data-Out PDUs of one sequence: unsolicited ones, or the answer to one R2T.
    struct transfer {
        pdu::task_tag task;
        pdu::transfer_tag tag = pdu::transfer_tag::reserved;
        std::uint32_t offset = 0;
        std::uint32_t end = 0;
        pdu::data_sn next;
    };

    void send_command(task& task);
    void send_text(task& task);
    void send_data_out();
    [[nodiscard]] failure in_sequence(pdu::status_sn stat_sn, std::string_view pdu_title);

    [[nodiscard]] failure on_data_in_header(pdu::pdu_reader& reader);
    [[nodiscard]] failure on_data_in(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_scsi_response(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_r2t(const pdu::pdu_reader& reader);
    [[nodiscard]] failure on_nop_in(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_text_response(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_task_management_response(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_logout_response(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_async_message(const pdu::pdu_reader& reader, std::vector<event>& events);
    [[nodiscard]] failure on_reject(const pdu::pdu_reader& reader, std::vector<event>& events);

    negotiated agreed_;
    pdu::digests digests_;
    command_window window_;
    pdu::status_sn exp_stat_sn_;
    task_table& tasks_;
    send_queue& queue_;
    std::deque<transfer> transfers_;
    std::vector<std::byte> text_;  ///< of the text response that is being gathered
    std::uint32_t text_exchanges_ = 0;
    bool commands_stopped_ = false;
};

}  // namespace persiscsi
