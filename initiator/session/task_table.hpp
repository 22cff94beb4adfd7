// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/task.hpp"
#include "pdu/types.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace persiscsi {

using time_point = std::chrono::steady_clock::time_point;

/// By this whoever submitted a task knows it again in its completion. Never looked into here.
using task_owner = void*;

enum class task_kind { scsi, text, ping, abort, logout };

/// `waiting`: not sent, or to be sent again. `delayed`: waiting, but not before `not_before`. `abandoned`: the caller
/// has given up, the target has not: the task keeps its tag and its memory until the target has let go of it.
enum class task_state { free, waiting, delayed, sent, abandoned };

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
    std::uint32_t repeats = 0;       ///< reissues after BUSY, TASK SET FULL or a UNIT ATTENTION
    std::uint32_t lost_answers = 0;  ///< reissues after a lost connection
    std::uint32_t data_in_received = 0;
    pdu::data_sn next_data_in;
    pdu::data_sn next_r2t;
    std::uint32_t data_out_promised = 0;  ///< bytes sent, or to be sent for an R2T that was received
    std::uint16_t open_r2ts = 0;
    failure abandoned_for;                           ///< what the caller is told of an abandoned task
    pdu::task_tag aborts = pdu::task_tag::reserved;  ///< of an abort: the task it ends

    /// Forgets everything about an earlier transmission.
    void rewind();
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
