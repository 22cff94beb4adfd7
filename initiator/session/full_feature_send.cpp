// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/full_feature_phase.hpp"
#include "pdu/data_out.hpp"
#include "pdu/logout_request.hpp"
#include "pdu/nop_out.hpp"
#include "pdu/scsi_command.hpp"
#include "pdu/task_management_request.hpp"
#include "pdu/text_request.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi {
namespace {

/// No more is put into the send queue beyond this many bytes: enough for a long system call, little to wait for.
constexpr std::size_t queue_is_full = 1024 * 1024;
/// Frames cost memory even where they carry few bytes (a target may allow only 512 of them in each).
constexpr std::size_t queue_has_enough_frames = 1024;

}  // namespace

full_feature_phase::full_feature_phase(
    const negotiated& agreed, command_window window, pdu::status_sn exp_stat_sn, task_table& tasks, send_queue& queue)
    : agreed_(agreed),
      digests_{.header = agreed.header_digest, .data = agreed.data_digest},
      window_(window),
      exp_stat_sn_(exp_stat_sn),
      tasks_(tasks),
      queue_(queue) {}

void full_feature_phase::pump() {
    while (queue_.size() < queue_is_full && queue_.frame_count() < queue_has_enough_frames) {
        if (!transfers_.empty()) {  // before new commands: unsolicited data keeps the order of its commands
            send_data_out();
            continue;
        }
        auto* next = tasks_.first_waiting();
        if (!next || commands_stopped_ || !window_.open()) return;
        tasks_.dequeue();
        next->rewind();
        next->state = task_state::sent;
        next->cmd_sn = window_.take();
        next->kind == task_kind::text ? send_text(*next) : send_command(*next);
    }
}

void full_feature_phase::send_command(task& task) {
    const auto& what = task.what;
    const auto size = static_cast<std::uint32_t>(what.data_out.size());
    const auto allowed_first = std::min(size, agreed_.first_burst_length);
    const auto immediate =
        agreed_.immediate_data ? std::min(allowed_first, agreed_.max_send_data_segment_length) : std::uint32_t{0};
    const auto unsolicited_end = agreed_.initial_r2t ? immediate : allowed_first;

    const pdu::scsi_command command{
        .final = unsolicited_end == immediate,
        .read = !what.data_in.empty(),
        .write = !what.data_out.empty(),
        .lun = what.lun,
        .initiator_task_tag = task.tag,
        .expected_data_transfer_length = size + static_cast<std::uint32_t>(what.data_in.size()),
        .cmd_sn = task.cmd_sn,
        .exp_stat_sn = exp_stat_sn_,
        .cdb = what.cdb,
    };
    queue_.push(pdu::frame(pdu::encode(command), {}, what.data_out.first(immediate), digests_), task.tag);
    task.data_out_promised = unsolicited_end;
    if (unsolicited_end > immediate) {
        transfers_.push_back({.task = task.tag, .offset = immediate, .end = unsolicited_end, .next = {}});
    }
}

void full_feature_phase::send_data_out() {
    auto& sequence = transfers_.front();
    auto* task = tasks_.find(sequence.task);
    const auto size = std::min(sequence.end - sequence.offset, agreed_.max_send_data_segment_length);
    const bool last = sequence.offset + size == sequence.end;
    const bool solicited = sequence.tag != pdu::transfer_tag::reserved;
    const pdu::data_out data{
        .final = last,
        .lun = solicited ? task->what.lun : pdu::lun_id{},
        .initiator_task_tag = sequence.task,
        .target_transfer_tag = sequence.tag,
        .exp_stat_sn = exp_stat_sn_,
        .data_sn = sequence.next,
        .buffer_offset = sequence.offset,
    };
    queue_.push(pdu::frame(pdu::encode(data), {}, task->what.data_out.subspan(sequence.offset, size), digests_),
                sequence.task);
    sequence.offset += size;
    sequence.next = sequence.next.next();
    if (!last) return;
    if (solicited) --task->open_r2ts;
    transfers_.pop_front();
}

void full_feature_phase::send_text(task& task) {
    const pdu::text_request request{
        .final = true,
        .initiator_task_tag = task.tag,
        .cmd_sn = task.cmd_sn,
        .exp_stat_sn = exp_stat_sn_,
    };
    text_.clear();
    text_exchanges_ = 0;
    queue_.push(pdu::frame(pdu::encode(request), {}, task.what.data_out, digests_), task.tag);
}

void full_feature_phase::send_ping(task& ping) {
    ping.state = task_state::sent;
    const pdu::nop_out nop{
        .immediate = true,
        .initiator_task_tag = ping.tag,
        .cmd_sn = window_.next(),
        .exp_stat_sn = exp_stat_sn_,
    };
    queue_.push(pdu::frame(pdu::encode(nop), {}, {}, digests_), ping.tag);
}

void full_feature_phase::send_abort(task& abort, const task& aborted) {
    abort.state = task_state::sent;
    abort.aborts = aborted.tag;
    const pdu::task_management_request request{
        .immediate = true,
        .function = pdu::task_management_function::abort_task,
        .lun = aborted.what.lun,
        .initiator_task_tag = abort.tag,
        .referenced_task_tag = aborted.tag,
        .cmd_sn = window_.next(),
        .exp_stat_sn = exp_stat_sn_,
        .ref_cmd_sn = aborted.cmd_sn,
        .exp_data_sn = {},
    };
    queue_.push(pdu::frame(pdu::encode(request), {}, {}, digests_), abort.tag);
}

void full_feature_phase::send_logout(task& logout) {
    stop_commands();
    logout.state = task_state::sent;
    const pdu::logout_request request{
        .immediate = true,
        .reason = pdu::logout_reason::close_session,
        .initiator_task_tag = logout.tag,
        .cmd_sn = window_.next(),
        .exp_stat_sn = exp_stat_sn_,
    };
    queue_.push(pdu::frame(pdu::encode(request), {}, {}, digests_), logout.tag);
}

void full_feature_phase::forget(const task& task) {
    std::erase_if(transfers_, [&](const transfer& one) { return one.task == task.tag; });
    queue_.release(task.tag);
}

}  // namespace persiscsi
