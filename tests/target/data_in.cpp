// SPDX-License-Identifier: Apache-2.0
// The part of full_feature that sends data to the initiator, and sends it again.
#include "tests/target/full_feature.hpp"
#include "tests/target/full_feature_number.hpp"
#include "tests/target/residual.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi::target {

void full_feature::pump() {
    while (!quiet_ && !wire_.congested()) {
        if (!resends_.empty())
            resend_one();
        else if (!sending_.empty())
            send_data_in(tasks_.at(sending_.front()));
        else
            return;
    }
}

namespace {

/// The next part of a transfer; what is sent anew is cut to the segments of today (RFC 7143 §11.16.3).
transfer_order::piece next_piece(scsi_task& task, std::uint32_t segment) {
    if (task.again.empty()) return task.input_order.next(segment);
    auto& first = task.again.front();
    transfer_order::piece piece = first;
    piece.range.length = std::min(segment, first.range.length);
    first.range = {first.range.offset + piece.range.length, first.range.length - piece.range.length};
    piece.last_of_sequence = first.range.length == 0 && first.last_of_sequence;
    if (first.range.length == 0) task.again.pop_front();
    return piece;
}

}  // namespace

void full_feature::send_data_in(scsi_task& task) {
    const auto piece = next_piece(task, agreed_.initiator_max_recv);
    const bool last = !task.has_input_left();
    task.since_acknowledge += piece.range.length;
    task.segment_limit = agreed_.initiator_max_recv;
    input_pdu sent;
    sent.range = piece.range;
    sent.final = piece.last_of_sequence || last;
    sent.with_status = last && may_carry_status(task);
    // RFC 7143 §11.7.2: the A bit comes once in MaxBurstLength bytes at most.
    sent.acknowledge = recovers() && !last && sent.final && session_->devices->options().data_acknowledgement &&
                       task.since_acknowledge >= agreed_.max_burst_length;
    if (sent.acknowledge) {
        sent.tag = session_->fresh_transfer_tag();
        task.since_acknowledge = 0;
    }
    const auto data_sn = task.next_input_sn++;
    if (recovers()) task.input.push_back(sent);
    if (last) {
        sending_.pop_front();
        if (sent.with_status) finish(task);
    }
    auto header = data_in_header(task, sent, data_sn);
    number(header, sent.with_status);
    if (!sent.with_status) header.stat_sn = {};
    wire_.count_data(sent.range.length, 0);
    const auto bhs = encode(header);
    transmit_data(task, bhs, sent.range);
    if (sent.with_status) return conclude(task, {header.stat_sn, bhs, {}, header.initiator_task_tag});
    if (last) respond(task);
}

/// RFC 7143 §11.7.3, §11.16.3.
bool full_feature::may_carry_status(const scsi_task& task) const {
    return session_->devices->options().phase_collapse && !task.concluded && !task.command.write &&
           task.snack_tag == pdu::snack_tag::none && task.plan.outcome.good();
}

pdu::data_in full_feature::data_in_header(const scsi_task& task, const input_pdu& sent, std::uint32_t data_sn) const {
    pdu::data_in header;
    header.initiator_task_tag = task.command.initiator_task_tag;
    header.final = sent.final;
    header.acknowledge = sent.acknowledge;
    if (sent.acknowledge) {
        header.target_transfer_tag = sent.tag;
        header.lun = task.command.lun;
    }
    header.data_sn.value = data_sn;
    header.buffer_offset = sent.range.offset;
    header.has_status = sent.with_status;
    if (header.has_status) set_residual(header, task);
    return header;
}

void full_feature::transmit_data(const scsi_task& task, const pdu::bhs_bytes& bhs, byte_range range) {
    const bool of_medium = task.plan.kind == command_plan::transfer::medium_in;
    const auto data = of_medium ? std::as_const(*task.unit).read(task.plan.offset + range.offset, range.length)
                                : std::span<const std::byte>(task.plan.parameters).subspan(range.offset, range.length);
    // A digest must fit what is sent, and the medium may change before it is.
    if (of_medium && !agreed_.digests.data)
        wire_.transmit(bhs, data);
    else
        wire_.transmit_owned(bhs, {data.begin(), data.end()});
}

/// A replica of what was sent; data of the medium is read anew (RFC 7143 §11.16).
void full_feature::resend_one() {
    auto& run = resends_.front();
    auto* task = find_task(run.tag);
    const bool gone = !task || task->serial != run.serial || run.next < task->acknowledged ||
                      run.next - task->acknowledged >= task->input.size();
    if (gone || run.next == run.end) return resends_.pop_front();
    const auto data_sn = run.next++;
    const auto& sent = task->input[data_sn - task->acknowledged];
    if (sent.what == input_pdu::kind::r2t) {
        if (is_outstanding(*task, sent.tag)) transmit_r2t(*task, sent, data_sn);
        return;
    }
    auto header = data_in_header(*task, sent, data_sn);
    number(header, false);
    header.stat_sn = sent.with_status && task->concluded ? *task->concluded : pdu::status_sn{};
    wire_.count_data(sent.range.length, 0);
    transmit_data(*task, encode(header), sent.range);
}

bool full_feature::is_outstanding(const scsi_task& task, pdu::transfer_tag r2t) {
    return std::any_of(task.r2ts.begin(), task.r2ts.end(), [&](const auto& each) { return each.tag == r2t; });
}

void full_feature::acknowledge_data(scsi_task& task, std::uint32_t exp_data_sn) {
    while (task.acknowledged < exp_data_sn && !task.input.empty() && !task.input.front().with_status) {
        task.input.pop_front();  // one with the status is acknowledged with that
        ++task.acknowledged;
    }
}

/// What is not acknowledged was never sent: its Data-In comes again, from the number of the first on.
void full_feature::rewind(scsi_task& task) {
    for (auto sent = task.input.rbegin(); sent != task.input.rend(); ++sent)
        if (sent->what == input_pdu::kind::data_in) task.again.push_front({sent->range, sent->final});
    task.input.clear();
    task.next_input_sn = task.acknowledged;
    task.since_acknowledge = 0;
}

}  // namespace persiscsi::target
