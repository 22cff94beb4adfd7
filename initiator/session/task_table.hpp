// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/session/arrivals.hpp"
#include "initiator/session/byte_ranges.hpp"
#include "initiator/task.hpp"
#include "pdu/task_management_request.hpp"
#include "pdu/types.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace persiscsi {

using time_point = std::chrono::steady_clock::time_point;

/// By this whoever submitted a task knows it again in its completion. Never looked into here.
using task_owner = void*;

/// Place of a connection in its session; its CID too.
using connection_number = std::uint16_t;
inline constexpr connection_number no_connection = 0xffff;

enum class task_kind { scsi, text, negotiation, ping, management, logout };

/// `waiting`: not sent, or to be sent again. `delayed`: waiting, but not before `not_before`. `abandoned`: the caller
/// has given up, the target has not: the task keeps its tag and its memory until the target has let go of it.
enum class task_state { free, waiting, delayed, sent, abandoned };

/// Data-In of a task that we have acknowledged (RFC 7143 §11.5.6): before it nothing is asked for again.
struct data_reference {
    pdu::data_sn next;
    byte_ranges received;
};

/// A status that came before all of its data (RFC 7143 §7.9).
struct held_status {
    scsi_outcome outcome;
    pdu::status_sn stat_sn;
};

/// One task of the initiator, for as long as its Initiator Task Tag is in use.
struct task {
    task_kind kind = task_kind::scsi;
    task_state state = task_state::free;
    pdu::task_tag tag = pdu::task_tag::reserved;
    task_owner owner = nullptr;
    scsi_task what;
    pdu::command_sn cmd_sn;
    time_point deadline{};
    time_point not_before{};
    time_point sent_at{};
    std::uint32_t repeats = 0;       ///< reissues after BUSY, TASK SET FULL or a UNIT ATTENTION
    std::uint32_t lost_answers = 0;  ///< reissues after a lost connection, or lost data
    failure abandoned_for{};         ///< what the caller is told of an abandoned task

    connection_number allegiance = no_connection;  ///< RFC 7143 §4.2.5.1: where all its PDUs go
    bool stranded = false;                         ///< that connection is lost; it waits for another one

    // of management requests, and of logouts of another connection
    pdu::task_management_function function{};
    pdu::task_tag references = pdu::task_tag::reserved;
    connection_number closes = no_connection;

    // of SCSI commands: how their data has moved since they were last sent
    arrivals<pdu::data_sn> input;  ///< Data-In and R2T (RFC 7143 §4.2.2.4)
    bool input_restarts = false;   ///< the next R2T may have any number: the task has changed its connection
    byte_ranges received;
    byte_ranges promised;  ///< bytes sent, or to be sent for an R2T that was received
    std::uint32_t open_r2ts = 0;
    data_reference acknowledged;
    std::optional<pdu::transfer_tag> acknowledgement_wanted;  ///< A bit; the tag of the DataACK
    bool data_is_lost = false;                                ///< the target will not send again what is missing
    std::optional<held_status> held;

    /// Forgets everything about an earlier transmission.
    void rewind();
    /// Forgets the data that was not acknowledged: the target sends it again.
    void rewind_input();
};

/// All tasks of a session. Looking one up by its tag is one array access; a tag is not given again for as long as
/// its slot can avoid it, so that a late answer to an old task is noticed.
class task_table {
  public:
    /// The most tasks at once; the slot number has 16 bits of the tag.
    static constexpr std::size_t max_tasks = 0xffff;

    /// A new task in state waiting, or nothing where max_tasks are in use. Pointers stay valid until erase().
    [[nodiscard]] task* insert(task_kind kind, task_owner owner);
    /// The task of that tag, or nothing.
    [[nodiscard]] task* find(pdu::task_tag tag);
    /// The task must be in no use any more, but may still be named by the waiting order.
    void erase(task& task);

    [[nodiscard]] std::size_t size() const { return used_; }

    /// Tasks in state waiting go out in this order. `first_waiting` gives the one to be sent next, if any.
    void queue(task& task) { waiting_.push_back(task.tag); }
    [[nodiscard]] task* first_waiting();
    /// Before all others, in the order given.
    void queue_first(const std::vector<task*>& tasks);
    /// Precondition: first_waiting() has just given a task, which leaves the order now.
    void dequeue() { waiting_.pop_front(); }

    /// Visits all tasks; `visit` may erase the one it is given.
    template <class Visit>
    void for_each(Visit visit) {
        for (std::size_t slot = 0; slot < slots_.size(); ++slot)
            if (slots_[slot].state != task_state::free) visit(slots_[slot]);
    }

  private:
    std::deque<task> slots_;
    std::vector<std::uint16_t> generations_;
    std::vector<std::uint16_t> free_;
    std::deque<pdu::task_tag> waiting_;  ///< may hold tags of tasks that have left; first_waiting() drops them
    std::size_t used_ = 0;
};

}  // namespace persiscsi
