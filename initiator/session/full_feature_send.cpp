// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/full_feature_phase.hpp"
#include "pdu/ahs.hpp"
#include "pdu/data_out.hpp"
#include "pdu/nop_out.hpp"
#include "pdu/scsi_command.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi {
namespace {

/// No more is put into the send queue beyond this many bytes: enough for a long system call, little to wait for.
constexpr std::size_t queue_is_full = 1024 * 1024;
/// Frames cost memory even where they carry few bytes (a target may allow only 512 of them in each).
constexpr std::size_t queue_has_enough_frames = 1024;

/// What does not fit into the 48 bytes of a SCSI Command (RFC 7143 §11.2.2).
std::vector<std::byte> additional_headers_of(const scsi_task& what) {
    if (what.cdb_rest.empty() && (what.data_in.empty() || what.data_out.empty())) return {};
    pdu::additional_headers headers{.extended_cdb = {what.cdb_rest.begin(), what.cdb_rest.end()}};
    if (!what.data_in.empty() && !what.data_out.empty()) {
        headers.bidirectional_read_expected_data_transfer_length = static_cast<std::uint32_t>(what.data_in.size());
    }
    return pdu::encode_ahs(headers);
}

}  // namespace

full_feature_phase::full_feature_phase(const negotiated& agreed,
                                       connection_number number,
                                       command_window& window,
                                       pdu::status_sn exp_stat_sn,
                                       task_table& tasks,
                                       send_queue& queue)
    : agreed_(agreed),
      digests_{.header = agreed.header_digest, .data = agreed.data_digest},
      number_(number),
      window_(window),
      statuses_(exp_stat_sn),
      tasks_(tasks),
      queue_(queue) {}

bool full_feature_phase::has_room() const {
    return transfers_.empty() && queue_.size() < queue_is_full && queue_.frame_count() < queue_has_enough_frames;
}

void full_feature_phase::pump() {
    while (!transfers_.empty() && queue_.size() < queue_is_full && queue_.frame_count() < queue_has_enough_frames) {
        send_data_out();
    }
}

void full_feature_phase::push(pdu::frame frame, pdu::task_tag owner) {
    silent_statuses_ = 0;  // every PDU of ours carries ExpStatSN
    queue_.push(std::move(frame), owner);
}

void full_feature_phase::send(task& task) {
    task.cmd_sn = window_.take();
    send_again(task);
}

void full_feature_phase::send_again(task& task) {
    forget(task);
    task.rewind();
    task.state = task_state::sent;
    task.allegiance = number_;
    task.stranded = false;
    send_command(task);
}

void full_feature_phase::send_command(task& task) {
    const auto& what = task.what;
    const bool writes = !what.data_out.empty();
    const auto size = static_cast<std::uint32_t>(what.data_out.size());
    const auto allowed_first = std::min(size, agreed_.first_burst_length);
    const auto immediate =
        agreed_.immediate_data ? std::min(allowed_first, agreed_.max_send_data_segment_length) : std::uint32_t{0};
    const auto unsolicited_end = agreed_.initial_r2t ? immediate : allowed_first;

    const pdu::scsi_command command{
        .final = unsolicited_end == immediate,
        .read = !what.data_in.empty(),
        .write = writes,
        .lun = what.lun,
        .initiator_task_tag = task.tag,
        .expected_data_transfer_length = writes ? size : static_cast<std::uint32_t>(what.data_in.size()),
        .cmd_sn = task.cmd_sn,
        .exp_stat_sn = exp_stat_sn(),
        .cdb = what.cdb,
    };
    push(pdu::frame(pdu::encode(command), additional_headers_of(what), what.data_out.first(immediate), digests_),
         task.tag);
    task.promised.add(0, unsolicited_end);
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
        .exp_stat_sn = exp_stat_sn(),
        .data_sn = sequence.next,
        .buffer_offset = sequence.offset,
    };
    push(pdu::frame(pdu::encode(data), {}, task->what.data_out.subspan(sequence.offset, size), digests_),
         sequence.task);
    sequence.offset += size;
    sequence.next = sequence.next.next();
    if (!last) return;
    if (solicited) --task->open_r2ts;
    transfers_.pop_front();
}

void full_feature_phase::send_text(task& task) {
    task.state = task_state::sent;
    task.allegiance = number_;
    const pdu::text_request request{
        .immediate = true,  // so are those that go on with it, and all must be or none (RFC 7143 §11.10.3)
        .final = true,
        .initiator_task_tag = task.tag,
        .cmd_sn = window_.next(),
        .exp_stat_sn = exp_stat_sn(),
    };
    text_.clear();
    text_keys_.clear();
    text_size_ = 0;
    text_exchanges_ = 0;
    push(pdu::frame(pdu::encode(request), {}, task.what.data_out, digests_), task.tag);
}

void full_feature_phase::send_negotiation(task& negotiation, pdu::text_request request, std::vector<std::byte> data) {
    negotiation.state = task_state::sent;
    negotiation.allegiance = number_;
    request.immediate = true;
    request.initiator_task_tag = negotiation.tag;
    request.cmd_sn = window_.next();
    request.exp_stat_sn = exp_stat_sn();
    push(pdu::frame(pdu::encode(request), std::move(data), digests_), negotiation.tag);
}

void full_feature_phase::send_ping(task& ping) {
    ping.state = task_state::sent;
    ping.allegiance = number_;
    const pdu::nop_out nop{
        .immediate = true,
        .initiator_task_tag = ping.tag,
        .cmd_sn = window_.next(),
        .exp_stat_sn = exp_stat_sn(),
    };
    push(pdu::frame(pdu::encode(nop), {}, {}, digests_), ping.tag);
}

void full_feature_phase::send_acknowledgement(pdu::lun_id lun) {
    const pdu::nop_out nop{
        .immediate = true,
        .lun = lun,
        .cmd_sn = window_.next(),
        .exp_stat_sn = exp_stat_sn(),
    };
    push(pdu::frame(pdu::encode(nop), {}, {}, digests_), pdu::task_tag::reserved);
}

void full_feature_phase::send_management(task& management, pdu::lun_id lun, const task* referenced) {
    using enum pdu::task_management_function;
    management.state = task_state::sent;
    management.allegiance = number_;
    const bool aborts = management.function == abort_task;
    const bool reassigns = management.function == task_reassign;
    const pdu::task_management_request request{
        .immediate = true,
        .function = management.function,
        .lun = lun,
        .initiator_task_tag = management.tag,
        .referenced_task_tag = referenced ? referenced->tag : pdu::task_tag::reserved,
        .cmd_sn = window_.next(),
        .exp_stat_sn = exp_stat_sn(),
        .ref_cmd_sn = aborts ? referenced->cmd_sn : pdu::command_sn{},
        .exp_data_sn = reassigns ? referenced->acknowledged.next : pdu::data_sn{},
    };
    push(pdu::frame(pdu::encode(request), {}, {}, digests_), management.tag);
}

void full_feature_phase::send_logout(task& logout,
                                     pdu::logout_reason reason,
                                     pdu::connection_id cid,
                                     pdu::status_sn exp_stat_sn) {
    logout.state = task_state::sent;
    logout.allegiance = number_;
    const pdu::logout_request request{
        .immediate = true,
        .reason = reason,
        .initiator_task_tag = logout.tag,
        .cid = cid,
        .cmd_sn = window_.next(),
        .exp_stat_sn = exp_stat_sn,
    };
    push(pdu::frame(pdu::encode(request), {}, {}, digests_), logout.tag);
}

void full_feature_phase::stop_data_out(pdu::lun_id lun) {
    std::erase_if(transfers_, [&](const transfer& one) {
        const auto* task = tasks_.find(one.task);
        return task && task->what.lun == lun;
    });
}

void full_feature_phase::forget(const task& task) {
    std::erase_if(transfers_, [&](const transfer& one) { return one.task == task.tag; });
    queue_.release(task.tag);
}

}  // namespace persiscsi
