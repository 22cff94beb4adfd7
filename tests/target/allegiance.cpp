// SPDX-License-Identifier: Apache-2.0
// Tasks leave their connection, and find another (RFC 7143 §7.2.2).
#include "tests/target/full_feature.hpp"
#include "tests/target/full_feature_number.hpp"

#include <utility>

namespace persiscsi::target {

void full_feature::leave(std::optional<std::uint64_t> loss) {
    if (std::exchange(left_, true)) return;
    quiet_ = true;
    if (session_->window.discard(*this) > 0) session_->may_have_holes = true;
    if (loss)
        hand_over(*loss);
    else
        terminate_tasks();
    std::erase(session_->connections, this);
    session_->aborts.remove_if([&](const auto& each) { return each.by == this; });
    session_->continue_aborts();
}

/// Immediate commands do not outlive their connection (RFC 7143 §7.14), nor do commands that never had their turn.
void full_feature::hand_over(std::uint64_t loss) {
    for (const auto& each : statuses_.all())
        if (each.task_tag != pdu::task_tag::reserved)
            session_->orphans[static_cast<std::uint32_t>(each.task_tag)] = {std::nullopt, loss};
    for (auto* tasks : {&tasks_, &concluded_})
        for (auto& [tag, task] : *tasks) {
            if (task.command.immediate || !task.begun)
                session_->orphans.erase(tag);
            else
                session_->orphans[tag] = {std::move(task), loss};
        }
    tasks_.clear();
    concluded_.clear();
}

void full_feature::terminate_tasks() {
    for (const auto& [tag, task] : tasks_) session_->tell_cleared(task.command.lun);
    abort_tasks(std::nullopt);
}

void full_feature::reassign(const pdu::task_management_request& request) {
    pdu::task_management_response response;
    response.response = may_reassign(request);
    response.initiator_task_tag = request.initiator_task_tag;
    send_numbered(response);  // RFC 7143 §7.2.2: before the reassignment is effective
    if (response.response == pdu::task_management_outcome::function_complete)
        adopt(request.referenced_task_tag, request.exp_data_sn.value);
}

pdu::task_management_outcome full_feature::may_reassign(const pdu::task_management_request& request) {
    using enum pdu::task_management_outcome;
    if (session_->agreed.error_recovery_level < 2) return reassignment_not_supported;
    if (!request.immediate) wire_.violation("TASK REASSIGN is not immediate", false);
    const auto found = session_->orphans.find(static_cast<std::uint32_t>(request.referenced_task_tag));
    const bool orphan = found != session_->orphans.end();
    if (orphan && found->second.released) return found->second.task ? function_complete : function_rejected;
    if (!orphan && !session_->knows_task(request.referenced_task_tag)) return task_does_not_exist;
    wire_.violation("TASK REASSIGN before the connection of the task was logged out", false);
    return task_still_allegiant;
}

void full_feature::adopt(pdu::task_tag tag, std::uint32_t exp_data_sn) {
    auto& task = take_over(tag);
    wire_.count_reassign();
    const bool concluded = std::exchange(task.concluded, std::nullopt).has_value();
    task.snack_tag = pdu::snack_tag::none;
    task.held = false;
    if (std::exchange(task.forgotten, false)) plan_task(task, {});
    // RFC 7143 §11.5.6: any other value is ignored.
    const bool acknowledges = exp_data_sn > task.acknowledged && exp_data_sn <= task.next_input_sn;
    if (acknowledges) acknowledge_data(task, exp_data_sn);
    // A write that tells no number goes on with the next one, for R2Ts are acknowledged by nothing else.
    if (!task.command.read && !acknowledges) {
        task.acknowledged = task.next_input_sn;
        task.input.clear();
    }
    rewind(task);
    if (task.plan.to_target()) restart_output(task);
    if (concluded && !task.has_input_left()) return respond(task);
    advance(task);
}

scsi_task& full_feature::take_over(pdu::task_tag tag) {
    auto orphan = session_->orphans.extract(static_cast<std::uint32_t>(tag));
    return tasks_[static_cast<std::uint32_t>(tag)] = std::move(*orphan.mapped().task);
}

}  // namespace persiscsi::target
