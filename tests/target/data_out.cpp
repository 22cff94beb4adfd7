// SPDX-License-Identifier: Apache-2.0
// The part of full_feature that takes data of the initiator: Data-Out, R2T, and what is asked for again.
#include "tests/target/full_feature.hpp"
#include "tests/target/full_feature_number.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace persiscsi::target {
namespace {

/// A sequence whose end does not come is given up then (RFC 7143 §7.1.4.1, sequence reception timeout).
constexpr std::chrono::milliseconds sequence_timeout{500};

std::string number_text(auto value) {
    return std::to_string(static_cast<std::uint64_t>(value));
}

bool is_solicited(const pdu::data_out& header) {
    return header.target_transfer_tag != pdu::transfer_tag::reserved;
}

/// The sequence that this Data-Out must belong to: R2Ts are fulfilled in their order (RFC 7143 §11.8).
template <class Task>
auto* sequence_for(Task& task, const pdu::data_out& header) {
    if (is_solicited(header)) return task.r2ts.empty() ? nullptr : &task.r2ts.front();
    return task.unsolicited_open ? &task.unsolicited : nullptr;
}

}  // namespace

std::optional<std::string> full_feature::check_data_out(const scsi_task& task,
                                                        const pdu::data_out& header,
                                                        std::size_t size) const {
    const auto* sequence = sequence_for(task, header);
    if (!sequence)
        return is_solicited(header) ? "TTT " + number_text(header.target_transfer_tag) + " was not given"
                                    : "unsolicited data after the F bit";
    if (header.target_transfer_tag != sequence->tag)
        return "TTT " + number_text(header.target_transfer_tag) + ", expected " + number_text(sequence->tag);
    if (header.lun != task.command.lun && (is_solicited(header) || header.lun != pdu::lun_id{}))
        return "LUN " + number_text(header.lun) + " is not the command's";
    const bool skipped = sequence->lossy && header.data_sn.value > sequence->next_data_sn;
    if (header.data_sn.value != sequence->next_data_sn && !skipped)
        return "DataSN " + number_text(header.data_sn.value) + ", expected " + number_text(sequence->next_data_sn);
    const byte_range range{header.buffer_offset, static_cast<std::uint32_t>(size)};
    const auto expected = sequence->range.offset + sequence->passed;
    const bool guess = skipped || sequence->gap;
    if (agreed_.data_pdu_in_order && !guess && range.offset != expected)
        return "BufferOffset " + number_text(range.offset) + ", expected " + number_text(expected);
    if (range.offset < sequence->range.offset || range.end() > sequence->range.end())
        return "data up to " + number_text(range.end()) + ", allowed from " + number_text(sequence->range.offset) +
               " to " + number_text(sequence->range.end());
    if (task.received.touches(range)) return "data at " + number_text(range.offset) + " for the second time";
    const auto reached = sequence->passed + size;
    const bool may_end_early = guess || task.aborting;  // RFC 7143 §11.5.1
    if (!may_end_early && header.final != (reached == sequence->range.length))
        return "F bit " + number_text(header.final) + " at " + number_text(reached) + " of " +
               number_text(sequence->range.length);
    return std::nullopt;
}

std::span<std::byte> full_feature::place_for(const pdu::bhs_bytes& bhs, std::uint32_t data_size) {
    if (pdu::opcode_of(bhs) != pdu::opcode::data_out || data_size == 0) return {};
    const auto header = pdu::decode<pdu::data_out>(bhs);
    const auto found = tasks_.find(static_cast<std::uint32_t>(header.initiator_task_tag));
    if (found == tasks_.end()) return {};
    auto& task = found->second;
    if (!task.begun || task.plan.kind != command_plan::transfer::medium_out) return {};
    if (check_data_out(task, header, data_size)) return {};
    if (std::uint64_t{header.buffer_offset} + data_size > task.transferable) return {};
    return task.unit->write(task.plan.offset + header.buffer_offset, data_size);
}

void full_feature::on_data_out(const arrived_pdu& pdu, const received_fault& fault) {
    const auto header = pdu::decode<pdu::data_out>(pdu.bhs);
    if (fault.reject) reject_pdu(*fault.reject);
    const bool vanished = fault.reject || fault.ignore;
    const auto tag = static_cast<std::uint32_t>(header.initiator_task_tag);
    const auto found = tasks_.find(tag);
    if (found == tasks_.end()) {
        if (vanished) return;
        const auto is_one_of = [&](const auto& tags) { return std::find(tags.begin(), tags.end(), tag) != tags.end(); };
        if (is_one_of(fast_aborted_))
            return wire_.violation("Data-Out: ITT " + number_text(tag) + " was ended by FastAbort", false);
        if (is_one_of(aborted_)) return;
        wire_.violation("Data-Out: ITT " + number_text(tag) + " names no task", false);
        return reject_pdu(pdu::reject_reason::invalid_pdu_field);
    }
    auto& task = found->second;
    const auto& given_up = task.given_up;
    if (std::find(given_up.begin(), given_up.end(), header.target_transfer_tag) != given_up.end()) return;
    if (vanished) return lose_data(task, header, fault.reject.has_value());
    if (const auto error = check_data_out(task, header, pdu.data.size()))
        return wire_.violation("Data-Out, ITT " + number_text(tag) + ": " + *error, true);
    keep_data(task, header.buffer_offset, pdu.data, pdu.placed);
    task.received.add({header.buffer_offset, static_cast<std::uint32_t>(pdu.data.size())});
    pass_data(task, header, pdu.data.size());
}

void full_feature::on_corrupt_data_out(const pdu::bhs_bytes& bhs) {
    const auto header = pdu::decode<pdu::data_out>(bhs);
    const auto found = tasks_.find(static_cast<std::uint32_t>(header.initiator_task_tag));
    if (found == tasks_.end() || check_data_out(found->second, header, pdu::data_size_of(bhs))) return;
    pass_data(found->second, header, pdu::data_size_of(bhs));
}

void full_feature::lose_data(scsi_task& task, const pdu::data_out& header, bool seen) {
    if (!recovers()) return;
    const auto size = pdu::data_size_of(current_);
    if (seen && !check_data_out(task, header, size)) return pass_data(task, header, size);
    if (auto* sequence = sequence_for(task, header)) sequence->lossy = true;
    wire_.resume_later(header.initiator_task_tag, task.serial, sequence_timeout);
}

void full_feature::keep_data(scsi_task& task, std::uint32_t offset, bytes data, bool placed) {
    if (!task.begun) {
        if (task.early.size() < offset + data.size()) task.early.resize(offset + data.size());
        std::copy(data.begin(), data.end(), task.early.begin() + static_cast<std::ptrdiff_t>(offset));
        return;
    }
    if (placed || offset >= task.transferable) return;
    const auto count = std::min<std::size_t>(data.size(), task.transferable - offset);
    if (count == 0) return;
    if (task.plan.kind == command_plan::transfer::medium_out)
        std::memcpy(task.unit->write(task.plan.offset + offset, count).data(), data.data(), count);
    if (task.plan.kind == command_plan::transfer::compare_out &&
        std::memcmp(task.unit->read(task.plan.offset + offset, count).data(), data.data(), count) != 0)
        task.plan.outcome = sense::miscompare;
    if (task.plan.collects()) std::memcpy(task.parameters.data() + offset, data.data(), count);
}

/// The PDU is over, whether its data was good or not.
void full_feature::pass_data(scsi_task& task, const pdu::data_out& header, std::size_t size) {
    auto& sequence = *sequence_for(task, header);
    sequence.gap = sequence.gap || header.data_sn.value != sequence.next_data_sn;
    sequence.passed += static_cast<std::uint32_t>(size);
    sequence.next_data_sn = header.data_sn.value + 1;
    if (!header.final) return;
    end_sequence(task, sequence);
    advance(task);
}

void full_feature::end_sequence(scsi_task& task, const output_sequence& sequence) {
    const auto wanted = sequence.range;
    if (sequence.tag == pdu::transfer_tag::reserved)
        task.unsolicited_open = false;
    else
        std::erase_if(task.r2ts, [tag = sequence.tag](const auto& each) { return each.tag == tag; });
    if (wanted.offset >= task.transferable && task.begun) return;
    for (const auto range : task.received.missing(wanted)) task.missing.push_back(range);
}

void full_feature::give_up_sequences(scsi_task& task) {
    if (task.unsolicited_open && task.unsolicited.lossy) end_sequence(task, task.unsolicited);
    const auto open = task.r2ts;
    for (const auto& sequence : open) {
        if (!sequence.lossy) continue;
        task.given_up.push_back(sequence.tag);
        end_sequence(task, sequence);
    }
}

/// Asks for output again from the start of what is missing.
void full_feature::restart_output(scsi_task& task) {
    task.unsolicited_open = false;
    task.r2ts.clear();
    task.missing.clear();
    task.output_order = {};
    for (const auto range : task.received.missing({0, task.transferable})) task.missing.push_back(range);
}

void full_feature::request_data(scsi_task& task) {
    // RFC 7143 §13.19: MaxOutstandingR2T is 1 where sequences are in order and can be recovered.
    const bool one = recovers() && agreed_.data_sequence_in_order;
    const auto most = one ? 1 : agreed_.max_outstanding_r2t;
    while (task.r2ts.size() < most) {
        if (!task.missing.empty()) {
            auto& first = task.missing.front();
            const byte_range range{first.offset, std::min(first.length, agreed_.max_burst_length)};
            first = {first.offset + range.length, first.length - range.length};
            if (first.length == 0) task.missing.pop_front();
            wire_.count_recovery_r2t();
            send_r2t(task, range);
        } else if (!task.output_order.done()) {
            send_r2t(task, task.output_order.next(agreed_.max_burst_length).range);
        } else {
            return;
        }
    }
}

void full_feature::send_r2t(scsi_task& task, byte_range range) {
    output_sequence wanted;
    wanted.tag = session_->fresh_transfer_tag();
    wanted.range = range;
    task.r2ts.push_back(wanted);
    input_pdu sent;
    sent.what = input_pdu::kind::r2t;
    sent.tag = wanted.tag;
    sent.range = range;
    transmit_r2t(task, sent, task.next_input_sn++);
    if (recovers()) task.input.push_back(sent);
}

void full_feature::transmit_r2t(const scsi_task& task, const input_pdu& sent, std::uint32_t r2t_sn) {
    pdu::r2t request;
    request.lun = task.command.lun;
    request.initiator_task_tag = task.command.initiator_task_tag;
    request.target_transfer_tag = sent.tag;
    request.r2t_sn.value = r2t_sn;
    request.buffer_offset = sent.range.offset;
    request.desired_data_transfer_length = sent.range.length;
    number(request, false);
    wire_.transmit(encode(request), {});
}

}  // namespace persiscsi::target
