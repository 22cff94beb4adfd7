// SPDX-License-Identifier: Apache-2.0
// The SCSI part of full_feature: commands, their data in both directions, their status.
#include "pdu/endian.hpp"
#include "tests/target/full_feature.hpp"
#include "tests/target/full_feature_number.hpp"

#include <algorithm>
#include <cstring>

namespace persiscsi::target {
namespace {

constexpr std::size_t most_immediate_commands = 32;  // beside the window

std::string number_text(auto value) {
    return std::to_string(static_cast<std::uint64_t>(value));
}

}  // namespace

void full_feature::on_scsi_command(const arrived_pdu& pdu, const received_fault& fault) {
    const auto command = pdu::decode<pdu::scsi_command>(pdu.bhs);
    check_exp_stat_sn(command.exp_stat_sn);
    if (repeats_a_task(command)) return;
    const bool lost = fault.reject && session_->agreed.error_recovery_level > 0;
    if (lost) {  // RFC 7143 §7.3: its CmdSN does not count as received
        session_->may_have_holes = true;
        return reject_pdu(*fault.reject);
    }
    const auto admitted = admit(command.immediate, command.cmd_sn, command.title);
    if (admitted == admission::refused) return;
    wire_.count_command();
    if (fault.reject) {
        if (!command.immediate) session_->window.finish();
        return reject_pdu(*fault.reject);
    }
    if (const auto error = check_command(command, pdu.data.size()))
        return wire_.violation("SCSI Command: " + *error, true);
    if (command.immediate && tasks_.size() >= session_->window.size() + most_immediate_commands)
        return reject_pdu(pdu::reject_reason::immediate_command_reject);
    auto& task = make_task(command, pdu.data.size());
    if (admitted == admission::now) return begin_task(task, pdu.data, fault);
    task.early.assign(pdu.data.begin(), pdu.data.end());
    auto header = pdu;
    header.data = {};
    (void)hold(command.cmd_sn, header, fault);
}

bool full_feature::repeats_a_task(const pdu::scsi_command& command) {
    auto* owner = session_->owner_of(command.initiator_task_tag);
    if (!owner) return false;
    const auto tag = static_cast<std::uint32_t>(command.initiator_task_tag);
    const auto& running = owner->tasks_.at(tag).command;
    // A retry finds its task at work, and is no more than that (RFC 7143 §7.2.1).
    const bool retry = session_->may_have_holes && !command.immediate && running.cmd_sn == command.cmd_sn &&
                       running.cdb == command.cdb && owner == this;
    if (retry) {
        wire_.count_repeated_request();
        return true;
    }
    wire_.violation("SCSI Command: ITT " + number_text(tag) + " is in use", false);
    if (admit(command.immediate, command.cmd_sn, command.title) == admission::now && !command.immediate)
        session_->window.finish();
    reject_pdu(pdu::reject_reason::task_in_progress);
    return true;
}

scsi_task& full_feature::make_task(const pdu::scsi_command& command, std::size_t immediate_data) {
    auto& task = tasks_[static_cast<std::uint32_t>(command.initiator_task_tag)];
    task.command = command;
    task.serial = session_->fresh_serial();
    task.unsolicited_open = !command.final;
    task.received = task.requested = static_cast<std::uint32_t>(immediate_data);
    return task;
}

void full_feature::begin_task(scsi_task& task, bytes data, const received_fault& fault) {
    task.begun = true;
    task.forgotten = fault.ignore;
    plan_task(task, fault);
    keep_data(task, 0, data);
    if (fault.delay.count() > 0) {
        task.held = true;
        return wire_.resume_later(task.command.initiator_task_tag, task.serial, fault.delay);
    }
    advance(task);
}

std::optional<std::string> full_feature::check_command(const pdu::scsi_command& command, std::size_t data) const {
    const auto most = std::min(agreed_.first_burst_length, command.expected_data_transfer_length);
    if (!session_->devices) return "in a discovery session";
    if (command.initiator_task_tag == pdu::task_tag::reserved) return "ITT 0xffffffff";
    if (data > 0 && !command.write) return number_text(data) + " bytes of data without the W bit";
    if (data > 0 && !agreed_.immediate_data) return "immediate data after ImmediateData=No";
    if (data > most) return "immediate data of " + number_text(data) + " bytes, allowed " + number_text(most);
    if (!command.final && !command.write) return "neither F nor W bit";
    if (!command.final && agreed_.initial_r2t) return "F bit 0 after InitialR2T=Yes";
    if (!command.final && data >= most) return "F bit 0 with nothing more to send unsolicited";
    return std::nullopt;
}

void full_feature::plan_task(scsi_task& task, const received_fault& fault) {
    const auto& command = task.command;
    task.unit = session_->devices->find(command.lun);
    if (fault.status)
        task.plan = fails(*fault.status);
    else if (fault.ignore)
        task.plan = {};
    else if (command.read && command.write)
        task.plan = fails(sense::invalid_field_in_cdb);  // we have no bidirectional command
    else
        task.plan = session_->devices->plan(command.lun, command.cdb, session_->attentions);
    const bool direction_fits = task.plan.to_initiator() ? command.read : task.plan.to_target() && command.write;
    if (direction_fits)
        task.transferable = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(command.expected_data_transfer_length, task.plan.length));
    if (task.plan.kind == command_plan::transfer::parameters_out) task.parameters.resize(task.transferable);
}

void full_feature::keep_data(scsi_task& task, std::uint32_t offset, bytes data) {
    if (offset >= task.transferable) return;
    const auto count = std::min<std::size_t>(data.size(), task.transferable - offset);
    if (count == 0) return;
    if (task.plan.kind == command_plan::transfer::medium_out)
        std::memcpy(task.unit->write(task.plan.offset + offset, count).data(), data.data(), count);
    if (task.plan.kind == command_plan::transfer::compare_out &&
        std::memcmp(task.unit->read(task.plan.offset + offset, count).data(), data.data(), count) != 0)
        task.plan.outcome = sense::miscompare;
    if (task.plan.kind == command_plan::transfer::parameters_out)
        std::memcpy(task.parameters.data() + offset, data.data(), count);
}

std::optional<std::string> full_feature::check_data_out(const scsi_task& task,
                                                        const pdu::data_out& header,
                                                        std::size_t size) const {
    const auto solicited = header.target_transfer_tag != pdu::transfer_tag::reserved;
    if (solicited && task.r2ts.empty()) return "TTT " + number_text(header.target_transfer_tag) + " was not given";
    if (!solicited && !task.unsolicited_open) return "unsolicited data after the F bit";
    const auto* r2t = solicited ? &task.r2ts.front() : nullptr;
    if (r2t && header.target_transfer_tag != r2t->tag)
        return "TTT " + number_text(header.target_transfer_tag) + ", expected " + number_text(r2t->tag);
    if (header.lun != task.command.lun && (solicited || header.lun != pdu::lun_id{}))
        return "LUN " + number_text(header.lun) + " is not the command's";
    const auto data_sn = r2t ? r2t->next_data_sn : task.next_unsolicited_sn;
    if (header.data_sn.value != data_sn)
        return "DataSN " + number_text(header.data_sn.value) + ", expected " + number_text(data_sn);
    const auto offset = r2t ? r2t->offset + r2t->received : task.received;
    if (header.buffer_offset != offset)
        return "BufferOffset " + number_text(header.buffer_offset) + ", expected " + number_text(offset);
    const auto end = r2t ? r2t->offset + r2t->length
                         : std::min(agreed_.first_burst_length, task.command.expected_data_transfer_length);
    const auto reached = std::uint64_t{offset} + size;
    if (reached > end) return "data up to " + number_text(reached) + ", allowed " + number_text(end);
    if (header.final != (reached == end))
        return "F bit " + number_text(header.final) + " at " + number_text(reached) + " of " + number_text(end);
    return std::nullopt;
}

std::span<std::byte> full_feature::place_for(const pdu::bhs_bytes& bhs, std::uint32_t data_size) {
    if (pdu::opcode_of(bhs) != pdu::opcode::data_out || data_size == 0) return {};
    const auto header = pdu::decode<pdu::data_out>(bhs);
    const auto found = tasks_.find(static_cast<std::uint32_t>(header.initiator_task_tag));
    if (found == tasks_.end()) return {};
    auto& task = found->second;
    if (!task.begun || task.plan.kind != command_plan::transfer::medium_out || check_data_out(task, header, data_size))
        return {};
    if (std::uint64_t{header.buffer_offset} + data_size > task.transferable) return {};
    return task.unit->write(task.plan.offset + header.buffer_offset, data_size);
}

void full_feature::on_data_out(const arrived_pdu& pdu, const received_fault& fault) {
    const auto header = pdu::decode<pdu::data_out>(pdu.bhs);
    const auto data = pdu.data;
    if (fault.reject) return reject_pdu(*fault.reject);
    if (fault.ignore) return;
    const auto tag = static_cast<std::uint32_t>(header.initiator_task_tag);
    const auto found = tasks_.find(tag);
    if (found == tasks_.end()) {
        if (std::find(aborted_.begin(), aborted_.end(), tag) != aborted_.end()) return;
        wire_.violation("Data-Out: ITT " + number_text(tag) + " names no task", false);
        return reject_pdu(pdu::reject_reason::invalid_pdu_field);
    }
    auto& task = found->second;
    if (const auto error = check_data_out(task, header, data.size()))
        return wire_.violation("Data-Out, ITT " + number_text(tag) + ": " + *error, true);
    if (!task.begun)
        task.early.insert(task.early.end(), data.begin(), data.end());
    else if (!pdu.placed)
        keep_data(task, header.buffer_offset, data);
    const auto size = static_cast<std::uint32_t>(data.size());
    task.received += size;
    if (header.target_transfer_tag == pdu::transfer_tag::reserved) {
        task.requested = task.received;
        ++task.next_unsolicited_sn;
        if (header.final) task.unsolicited_open = false;
    } else {
        auto& r2t = task.r2ts.front();
        r2t.received += size;
        ++r2t.next_data_sn;
        if (header.final) task.r2ts.pop_front();
    }
    if (header.final) advance(task);
}

void full_feature::resume(pdu::task_tag tag, std::uint64_t serial) {
    const auto found = tasks_.find(static_cast<std::uint32_t>(tag));
    if (found == tasks_.end() || found->second.serial != serial) return;
    found->second.held = false;
    advance(found->second);
}

void full_feature::advance(scsi_task& task) {
    if (!task.begun || task.held || task.forgotten || task.unsolicited_open) return;
    if (task.plan.to_initiator() && task.transferable > 0) {
        sending_.push_back(tag_of(task));
        return pump();
    }
    if (task.plan.to_target()) {
        request_data(task);
        if (task.received < task.transferable) return;
        wire_.count_data(0, task.transferable);
        if (task.plan.kind == command_plan::transfer::parameters_out)
            task.plan.outcome = task.unit->finish(task.command.cdb, task.parameters);
    }
    respond(task);
}

void full_feature::request_data(scsi_task& task) {
    while (task.requested < task.transferable && task.r2ts.size() < agreed_.max_outstanding_r2t) {
        outstanding_r2t wanted;
        wanted.tag = session_->fresh_transfer_tag();
        wanted.offset = task.requested;
        wanted.length = std::min(agreed_.max_burst_length, task.transferable - task.requested);
        task.requested += wanted.length;
        task.r2ts.push_back(wanted);

        pdu::r2t request;
        request.lun = task.command.lun;
        request.initiator_task_tag = task.command.initiator_task_tag;
        request.target_transfer_tag = wanted.tag;
        request.r2t_sn.value = task.next_r2t_sn++;
        request.buffer_offset = wanted.offset;
        request.desired_data_transfer_length = wanted.length;
        number(request, false);
        wire_.transmit(encode(request), {});
    }
}

void full_feature::pump() {
    while (!sending_.empty() && !wire_.congested()) send_data_in(tasks_.at(sending_.front()));
}

namespace {

/// Residual of a command (RFC 7143 §11.4.5) against what the initiator expected.
template <class Response>
void set_residual(Response& response, const scsi_task& task) {
    const auto expected = task.command.expected_data_transfer_length;
    const auto wanted = task.plan.length;
    response.overflow = wanted > task.transferable;
    response.underflow = !response.overflow && wanted < expected;
    const auto residual = response.overflow ? wanted - task.transferable : expected - wanted;
    if (response.overflow || response.underflow)
        response.residual_count = static_cast<std::uint32_t>(std::min<std::uint64_t>(residual, 0xffffffffU));
}

}  // namespace

void full_feature::send_data_in(scsi_task& task) {
    const auto rest_of_burst = agreed_.max_burst_length - task.sent_of_burst;
    const auto size = std::min({agreed_.initiator_max_recv, task.transferable - task.sent, rest_of_burst});
    const bool last = task.sent + size == task.transferable;
    pdu::data_in header;
    header.initiator_task_tag = task.command.initiator_task_tag;
    header.final = last || size == rest_of_burst;
    header.data_sn.value = task.data_in_count++;
    header.buffer_offset = task.sent;
    header.has_status = last && session_->devices->options().phase_collapse;
    if (header.has_status) set_residual(header, task);
    const auto tag = task.command.initiator_task_tag;
    if (last) {
        sending_.pop_front();
        if (header.has_status) finish(task);
    }
    number(header, header.has_status);
    if (!header.has_status) header.stat_sn = {};

    const bool of_medium = task.plan.kind == command_plan::transfer::medium_in;
    const auto data = of_medium ? task.unit->read(task.plan.offset + task.sent, size)
                                : std::span<const std::byte>(task.plan.parameters).subspan(task.sent, size);
    task.sent += size;
    task.sent_of_burst = header.final ? 0 : task.sent_of_burst + size;
    wire_.count_data(size, 0);
    // A digest must fit what is sent, and the medium may change before it is.
    if (of_medium && !agreed_.digests.data)
        wire_.transmit(encode(header), data);
    else
        wire_.transmit_owned(encode(header), {data.begin(), data.end()});
    if (header.has_status)
        tasks_.erase(static_cast<std::uint32_t>(tag));
    else if (last)
        respond(task);
}

void full_feature::respond(scsi_task& task) {
    pdu::scsi_response response;
    response.status = task.plan.outcome.status;
    response.initiator_task_tag = task.command.initiator_task_tag;
    response.exp_data_sn.value = task.data_in_count;
    set_residual(response, task);
    std::vector<std::byte> data;
    if (task.plan.outcome.has_sense()) {
        const auto sense = fixed_sense(task.plan.outcome);
        data.resize(2);
        pdu::store_be<2>(data.data(), sense.size());
        data.insert(data.end(), sense.begin(), sense.end());
    }
    finish(task);
    tasks_.erase(tag_of(task));
    number(response, true);
    wire_.transmit_owned(encode(response), std::move(data));
}

void full_feature::finish(const scsi_task& task) {
    if (task.begun && !task.command.immediate) session_->window.finish();
}

}  // namespace persiscsi::target
