// SPDX-License-Identifier: Apache-2.0
// Answers to requests of the session's own: task management, and negotiation in Full Feature Phase.
#include "initiator/session/numbers_in_text.hpp"
#include "initiator/session/session_core.hpp"

#include <string>
#include <utility>

namespace persiscsi {

void session_core::take(connection& from, const full_feature_phase::negotiation_answered& event, time_point now) {
    take_negotiation_step(from, *event.which, from.negotiation->on_response(event.response, event.data), now);
}

/// The target may propose what it wants; we declare what we go by (RFC 7143 §11.9.1).
void session_core::on_negotiation_wanted(connection& from, time_point now) {
    if (from.negotiation) return;
    auto* negotiation = insert_control(task_kind::negotiation, now);
    if (!negotiation) return on_logout_wanted(from, 0, now);  // the other answer that is allowed
    const auto& agreed = from.ffp->agreed();
    from.negotiation.emplace(
        agreed, pdu::text_keys{{"MaxRecvDataSegmentLength", std::to_string(agreed.max_recv_data_segment_length)}});
    take_negotiation_step(from, *negotiation, from.negotiation->start(), now);
}

void session_core::take_negotiation_step(connection& from,
                                         task& negotiation,
                                         text_negotiation::step step,
                                         time_point now) {
    if (auto* request = std::get_if<text_negotiation::request>(&step)) {
        from.ffp->send_negotiation(negotiation, request->pdu, std::move(request->data));
        return;
    }
    forget(negotiation);
    tasks_.erase(negotiation);
    from.negotiation.reset();
    if (const auto* agreed = std::get_if<negotiated>(&step)) {
        from.ffp->adopt(*agreed);
        return;
    }
    auto failed = std::get<failure>(std::move(step));
    if (failed.code != login_errc::negotiation_reset) return lose_connection(from, std::move(failed), now);
    last_failure_ = about_session(std::move(failed), from);  // what was agreed on before stays in force
}

void session_core::take(connection& from, const full_feature_phase::management_answered& event, time_point now) {
    const auto request = *event.which;
    forget(*event.which);
    tasks_.erase(*event.which);
    if (request.references == pdu::task_tag::reserved) {
        take_own_management(request, event.outcome);
    } else if (request.function == pdu::task_management_function::task_reassign) {
        take_reassignment(from, request.references, event.outcome, now);
    } else {
        take_abort(from, request.references, event.outcome, now);
    }
}

void session_core::take_abort(connection& from,
                              pdu::task_tag aborted,
                              pdu::task_management_outcome outcome,
                              time_point now) {
    using enum pdu::task_management_outcome;
    auto* task = tasks_.find(aborted);
    if (!task || task->state != task_state::abandoned) return;  // its own answer came first
    if (outcome == function_complete || outcome == task_does_not_exist || outcome == lun_does_not_exist) {
        fail(*task, task->abandoned_for);
        return;
    }
    lose_session(about_session({protocol_errc::remote_rejected_pdu, "the target did not abort a task"}, from), {}, now);
}

void session_core::take_reassignment(connection& from,
                                     pdu::task_tag moved,
                                     pdu::task_management_outcome outcome,
                                     time_point now) {
    using enum pdu::task_management_outcome;
    auto* task = tasks_.find(moved);
    if (!task || !task->stranded) return;
    if (outcome == function_complete) {
        task->stranded = false;
        task->deadline = now + timeout_of(*task);
        arm_earlier(timer::tasks, task->deadline);
        ++counters_.tasks_reassigned;
        if (task->state == task_state::abandoned) send_abort(*task, from, now);
    } else if (outcome == task_does_not_exist) {
        task->state == task_state::abandoned ? fail(*task, task->abandoned_for) : reissue(*task, last_failure_);
    } else {
        lose_session(about_session({protocol_errc::remote_rejected_pdu,
                                    "the reassignment of a task was answered with response " + number(outcome)},
                                   from),
                     {},
                     now);
    }
}

/// A function that our user has asked for: the tasks that it ends are at their end here too (RFC 7143 §4.2.3.3).
void session_core::take_own_management(const task& request, pdu::task_management_outcome outcome) {
    using enum pdu::task_management_function;
    if (outcome == pdu::task_management_outcome::function_complete && request.function != clear_aca) {
        const bool all_units = request.function == target_warm_reset || request.function == target_cold_reset;
        tasks_.for_each([&](task& one) {
            if (one.kind != task_kind::scsi || !one.cmd_sn.precedes(request.cmd_sn)) return;
            if (one.state != task_state::sent && one.state != task_state::abandoned) return;
            if (!all_units && one.what.lun != request.what.lun) return;
            fail(one,
                 one.state == task_state::abandoned ? one.abandoned_for
                                                    : failure{protocol_errc::local_task_set_aborted, {}});
        });
    }
    effects_.push_back(management_finished{request.owner, {}, outcome});
}

}  // namespace persiscsi
