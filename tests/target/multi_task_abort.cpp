// SPDX-License-Identifier: Apache-2.0
// The part of full_feature that ends many tasks at once (RFC 7143 §4.2.3.3, §4.2.3.4).
#include "tests/target/full_feature.hpp"
#include "tests/target/full_feature_number.hpp"

#include <algorithm>
#include <set>

namespace persiscsi::target {
namespace {

using function = pdu::task_management_function;

/// Nothing: all logical units.
std::optional<pdu::lun_id> unit_of(const pdu::task_management_request& request) {
    const bool all = request.function == function::target_warm_reset || request.function == function::target_cold_reset;
    return all ? std::nullopt : std::optional(request.lun);
}

bool affects(const pdu::task_management_request& request, const scsi_task& task) {
    const auto unit = unit_of(request);
    return !unit || task.command.lun == *unit;
}

}  // namespace

bool full_feature::continue_abort(multi_task_abort& abort) {
    if (!abort.executed) {
        if (!may_end_tasks(abort.request)) return false;
        abort.executed = true;
        end_tasks(abort.request);
        for (auto* each : session_->connections) {
            if (each == this || !each->acknowledged_.precedes(each->stat_sn_)) continue;
            each->ping();
            abort.fences.push_back({each, each->stat_sn_});
        }
    }
    std::erase_if(abort.fences, [&](const auto& fence) {
        const auto& live = session_->connections;
        const bool gone = std::find(live.begin(), live.end(), fence.connection) == live.end();
        return gone || !fence.connection->acknowledged_.precedes(fence.exp_stat_sn);
    });
    return abort.fences.empty();
}

/// All commands before the request have come, and where the abort is not a fast one all data that was asked for.
bool full_feature::may_end_tasks(const pdu::task_management_request& request) {
    auto& window = session_->window;
    const bool commands_missing = request.immediate && window.exp_cmd_sn().precedes(request.cmd_sn);
    if (commands_missing && unit_of(request)) return false;
    if (session_->agreed.reporting == task_reporting::fast_abort) return true;
    const auto& live = session_->connections;
    return std::none_of(live.begin(), live.end(), [&](auto* each) { return each->is_receiving(request); });
}

bool full_feature::is_receiving(const pdu::task_management_request& request) {
    bool receiving = false;
    for (auto& [tag, task] : tasks_) {
        if (!affects(request, task)) continue;
        task.aborting = true;
        receiving = receiving || task.unsolicited_open || !task.r2ts.empty();
    }
    return receiving;
}

void full_feature::end_tasks(const pdu::task_management_request& request) {
    const auto unit = unit_of(request);
    session_->announce_termination(unit, this);
    if (session_->agreed.reporting == task_reporting::fast_abort) note_fast_abort(request);
    if (request.function == function::abort_task_set || request.function == function::clear_task_set)
        session_->abort_tasks(unit);
    else
        wire_.reset_units(request.lun, !unit);
}

void full_feature::note_fast_abort(const pdu::task_management_request& request) {
    for (const auto& [tag, task] : tasks_)
        if (affects(request, task)) fast_aborted_.push_back(tag);
    while (fast_aborted_.size() > 256) fast_aborted_.pop_front();
}

void full_feature::conclude_abort(const pdu::task_management_request& request) {
    const bool cold = request.function == function::target_cold_reset;
    if (cold) wire_.cold_reset();
    pdu::task_management_response response;
    response.initiator_task_tag = request.initiator_task_tag;
    send_numbered(response);
    if (cold) wire_.close_after_flush();
}

void full_feature::announce_termination(std::optional<pdu::lun_id> lun) {
    std::set<pdu::lun_id> units;
    for (const auto& [tag, task] : tasks_)
        if (!lun || task.command.lun == *lun) units.insert(task.command.lun);
    for (const auto unit : units) {
        pdu::async_message message;
        message.event = pdu::async_event::task_termination;
        message.lun = unit;
        send_numbered(message);
    }
}

}  // namespace persiscsi::target
