// SPDX-License-Identifier: Apache-2.0
// The task management part of full_feature (RFC 7143 §11.5, §11.6).
#include "tests/target/full_feature.hpp"
#include "tests/target/full_feature_number.hpp"

#include <utility>
#include <vector>

namespace persiscsi::target {
namespace {

constexpr std::size_t most_aborted_tags = 256;
constexpr std::size_t most_aborts = 64;  // under way in one session

bool is_target_reset(const pdu::task_management_request& request) {
    return request.function == pdu::task_management_function::target_warm_reset ||
           request.function == pdu::task_management_function::target_cold_reset;
}

}  // namespace

void full_feature::on_task_management(const pdu::task_management_request& request, const received_fault& fault) {
    if (fault.tmf_response) {
        pdu::task_management_response told;
        told.response = static_cast<pdu::task_management_outcome>(*fault.tmf_response);
        told.initiator_task_tag = request.initiator_task_tag;
        return send_numbered(told);
    }
    if (request.function == pdu::task_management_function::task_reassign) return reassign(request);
    const auto outcome = carry_out(request);
    if (!outcome) return session_->aborts.push_back({this, request});
    pdu::task_management_response response;
    response.response = *outcome;
    response.initiator_task_tag = request.initiator_task_tag;
    send_numbered(response);
}

std::optional<pdu::task_management_outcome> full_feature::carry_out(const pdu::task_management_request& request) {
    using enum pdu::task_management_outcome;
    using function = pdu::task_management_function;
    if (!session_->devices || session_->aborts.size() >= most_aborts) return function_rejected;
    if (request.function == function::abort_task) return abort_task(request);
    if (is_target_reset(request)) return std::nullopt;
    if (!session_->devices->find(request.lun)) return lun_does_not_exist;
    const bool known = request.function == function::logical_unit_reset ||
                       request.function == function::abort_task_set || request.function == function::clear_task_set;
    return known ? std::nullopt : std::optional(function_not_supported);
}

pdu::task_management_outcome full_feature::abort_task(const pdu::task_management_request& request) {
    using enum pdu::task_management_outcome;
    if (has_task(request.referenced_task_tag)) {
        end_task(request.referenced_task_tag);
        return function_complete;
    }
    if (session_->is_released(request.referenced_task_tag)) {
        // RFC 7143 §11.5.1: the task is this connection's now, and ends; a status not acknowledged comes first.
        auto& task = take_over(request.referenced_task_tag);
        if (std::exchange(task.concluded, std::nullopt)) {
            acknowledge_data(task, task.next_input_sn);
            respond(task);
        } else {
            end_task(request.referenced_task_tag);
        }
        return function_complete;
    }
    if (session_->owner_of(request.referenced_task_tag)) {
        wire_.violation("ABORT TASK of a task that is allegiant to another connection", false);
        return function_rejected;
    }
    // RFC 7143 §11.6.1: a command that did not come is as good as received, where its number is still open.
    auto& window = session_->window;
    const auto place = window.place_of(request.ref_cmd_sn);
    const bool open = place == command_window::place::due || place == command_window::place::ahead;
    if (!open || !request.ref_cmd_sn.precedes(request.cmd_sn)) return task_does_not_exist;
    if (!window.holds(request.ref_cmd_sn)) (void)window.hold(request.ref_cmd_sn, {});
    return function_complete;
}

void full_feature::abort_tasks(std::optional<pdu::lun_id> lun) {
    std::vector<pdu::task_tag> tags;
    for (const auto& [tag, task] : tasks_)
        if (!lun || task.command.lun == *lun) tags.push_back(static_cast<pdu::task_tag>(tag));
    for (const auto tag : tags) end_task(tag);
}

void full_feature::end_task(pdu::task_tag tag) {
    const auto value = static_cast<std::uint32_t>(tag);
    const auto found = tasks_.find(value);
    finish(found->second);
    tasks_.erase(found);
    std::erase(sending_, value);
    aborted_.push_back(value);
    if (aborted_.size() > most_aborted_tags) aborted_.pop_front();
}

}  // namespace persiscsi::target
