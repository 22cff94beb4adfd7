// SPDX-License-Identifier: Apache-2.0
// The SCSI part of full_feature: commands, their data in both directions, their status.
#include "pdu/ahs.hpp"
#include "tests/target/full_feature.hpp"
#include "tests/target/full_feature_number.hpp"

#include <algorithm>
#include <utility>

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
    if (fault.reject) return reject_request(*fault.reject, command.immediate);
    const auto admitted = admit(command.immediate, command.cmd_sn, command.title);
    if (admitted == admission::refused) return;
    wire_.count_command();
    if (const auto error = check_command(command, pdu.data.size()))
        return wire_.violation("SCSI Command: " + *error, true);
    if (command.immediate && tasks_.size() >= session_->window.size() + most_immediate_commands)
        return reject_pdu(pdu::reject_reason::immediate_command_reject);
    const auto ahs = pdu::parse_ahs(pdu.ahs);
    if (ahs.error) return wire_.violation("SCSI Command: " + ahs.detail, true);
    auto& task = make_task(command, pdu.data.size());
    take_additional_headers(task, ahs.headers);
    if (admitted == admission::now) return begin_task(task, pdu.data, fault);
    keep_data(task, 0, pdu.data, false);
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
    reject_request(pdu::reject_reason::task_in_progress, command.immediate);
    return true;
}

scsi_task& full_feature::make_task(const pdu::scsi_command& command, std::size_t immediate_data) {
    const auto tag = static_cast<std::uint32_t>(command.initiator_task_tag);
    if (!fast_aborted_.empty()) std::erase(fast_aborted_, tag);
    auto& task = tasks_[tag];
    task.command = command;
    task.serial = session_->fresh_serial();
    const auto immediate = static_cast<std::uint32_t>(immediate_data);
    task.received.add({0, immediate});
    task.unsolicited_open = !command.final;
    if (task.unsolicited_open)
        task.unsolicited.range = {
            immediate, std::min(agreed_.first_burst_length, command.expected_data_transfer_length) - immediate};
    return task;
}

void full_feature::take_additional_headers(scsi_task& task, const pdu::additional_headers& headers) {
    task.read_length = headers.bidirectional_read_expected_data_transfer_length.value_or(0);
    if (headers.extended_cdb.empty()) return;
    task.long_cdb.assign(task.command.cdb.begin(), task.command.cdb.end());
    task.long_cdb.insert(task.long_cdb.end(), headers.extended_cdb.begin(), headers.extended_cdb.end());
}

void full_feature::begin_task(scsi_task& task, bytes data, const received_fault& fault) {
    const auto early = task.begun ? std::vector<byte_range>{} : task.received.present();
    task.begun = true;
    task.forgotten = fault.ignore;
    plan_task(task, fault);
    for (const auto range : early) keep_data(task, range.offset, data.subspan(range.offset, range.length), false);
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

command_request full_feature::request_of(const scsi_task& task) const {
    const auto& command = task.command;
    return {.cdb = task.long_cdb.empty() ? std::span<const std::byte>(command.cdb) : task.long_cdb,
            .nexus = session_->nexus,
            .data_out = command.write ? command.expected_data_transfer_length : 0};
}

void full_feature::plan_task(scsi_task& task, const received_fault& fault) {
    const auto& command = task.command;
    task.unit = session_->devices->find(command.lun);
    if (fault.status)
        task.plan = fails(*fault.status);
    else if (fault.ignore)
        task.plan = {};
    else
        task.plan = session_->devices->plan(command.lun, request_of(task), session_->attentions);
    const bool both = command.read && command.write;
    const bool exchanges = task.plan.kind == command_plan::transfer::exchange;
    if (both != exchanges && task.plan.outcome.good()) task.plan = fails(sense::invalid_field_in_cdb);
    if (exchanges)
        task.read_transferable =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(task.read_length, task.plan.read_length));
    const bool direction_fits = task.plan.to_initiator() ? command.read : task.plan.to_target() && command.write;
    if (direction_fits)
        task.transferable = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(command.expected_data_transfer_length, task.plan.length));
    if (task.plan.collects()) task.parameters.resize(task.transferable);
    order_transfer(task);
}

transfer_order::rules full_feature::transfer_rules() const {
    return {agreed_.max_burst_length, agreed_.data_sequence_in_order, agreed_.data_pdu_in_order};
}

void full_feature::order_transfer(scsi_task& task) {
    const auto rules = transfer_rules();
    if (task.plan.to_initiator()) task.input_order = transfer_order({0, task.transferable}, rules);
    if (!task.plan.to_target()) return;
    const auto immediate = task.received.present().empty() ? 0 : task.received.present().front().length;
    const auto from =
        task.unsolicited.range.length > 0 ? static_cast<std::uint32_t>(task.unsolicited.range.end()) : immediate;
    if (from < task.transferable) task.output_order = transfer_order({from, task.transferable - from}, rules);
    std::erase_if(task.missing, [&](const auto& each) { return each.offset >= task.transferable; });
    for (auto& each : task.missing) each.length = std::min(each.length, task.transferable - each.offset);
}

/// The answer of an exchange goes to the initiator from here on as parameters do.
void full_feature::finish_collected(scsi_task& task) {
    auto done = task.unit->finish(request_of(task), task.parameters);
    task.plan.outcome = done.outcome;
    if (!done.outcome.good()) task.read_transferable = 0;
    if (task.plan.kind != command_plan::transfer::exchange) return;
    task.plan.kind = command_plan::transfer::parameters_in;
    task.plan.parameters = std::move(done.reply);
    task.input_order = transfer_order({0, task.read_transferable}, transfer_rules());
}

void full_feature::resume(pdu::task_tag tag, std::uint64_t serial) {
    const auto found = tasks_.find(static_cast<std::uint32_t>(tag));
    if (quiet_ || found == tasks_.end() || found->second.serial != serial) return;
    found->second.held = false;
    give_up_sequences(found->second);
    advance(found->second);
}

void full_feature::advance(scsi_task& task) {
    if (!task.begun || task.aborting || task.held || task.forgotten || task.unsolicited_open || quiet_) return;
    if (task.plan.to_target()) {
        request_data(task);
        if (!task.has_all_output()) return;
        wire_.count_data(0, task.transferable);
        if (task.plan.collects()) finish_collected(task);
    }
    if (task.plan.to_initiator() && task.has_input_left()) {
        sending_.push_back(tag_of(task));
        return pump();
    }
    respond(task);
}

scsi_task* full_feature::find_task(std::uint32_t tag) {
    for (auto* tasks : {&tasks_, &concluded_})
        if (const auto found = tasks->find(tag); found != tasks->end()) return &found->second;
    return nullptr;
}

}  // namespace persiscsi::target
