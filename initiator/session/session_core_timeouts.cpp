// SPDX-License-Identifier: Apache-2.0
// Tasks that have waited: for their turn, for a sign of the target, for too long.
#include "initiator/session/session_core.hpp"

#include <string>
#include <utility>

namespace persiscsi {

/// The target shows no sign of having received it.
bool session_core::may_be_retried(const task& task) const {
    return task.kind == task_kind::scsi && task.state == task_state::sent && !task.stranded &&
           agreed_->error_recovery_level > 0 && !window_.acknowledges(task.cmd_sn) &&
           task.input.next() == pdu::data_sn{};
}

void session_core::check_tasks(time_point now) {
    failure lost;
    std::vector<pdu::task_tag> late;  // aborting one adds to the table, so not while walking it
    std::optional<time_point> next;
    const auto wait_for = [&](time_point when) {
        if (!next || when < *next) next = when;
    };
    tasks_.for_each([&](task& task) {
        if (task.state == task_state::delayed && task.not_before <= now) {
            task.state = task_state::waiting;
            tasks_.queue(task);
        }
        if (task.state == task_state::delayed) return wait_for(task.not_before);
        if (task.state == task_state::abandoned || task.stranded || task.kind == task_kind::ping) return;
        if (may_be_retried(task) &&
            task.sent_at + options_.command_retry <= now) {  // plugs the gap that its loss has left (RFC 7143 §7.2.1)
            connections_[task.allegiance]->ffp->send_again(task);
            task.sent_at = now;
            ++counters_.commands_retried;
        }
        if (task.deadline <= now) return late.push_back(task.tag);
        wait_for(task.deadline);
        if (may_be_retried(task)) wait_for(task.sent_at + options_.command_retry);
    });
    at(timer::tasks) = next;
    for (const auto tag : late) {
        if (auto* task = tasks_.find(tag)) on_late(*task, now, lost);
    }
    if (lost && phase_ != phase::establishing && phase_ != phase::closed) lose_session(std::move(lost), {}, now);
    start_logout_when_drained(now);
}

void session_core::on_late(task& task, time_point now, failure& lost) {
    const bool placed = task.allegiance != no_connection;
    auto& its = placed ? *connections_[task.allegiance] : any_connection();
    const auto silent = [&](std::string_view what) {
        return failure{protocol_errc::remote_silent, "no answer to " + std::string(what)};
    };
    switch (task.kind) {
        case task_kind::scsi: {
            failure why = about_session({protocol_errc::local_task_timed_out,
                                         "no answer after " + std::to_string(timeout_of(task).count()) + " ms"},
                                        its);
            abandon(task, std::move(why), now);
            return;
        }
        case task_kind::management:
            lost = about_session(silent("a task management function"), its);
            return;
        case task_kind::logout:
            if (phase_ == phase::logging_out && task.closes == no_connection) {
                task.deadline = time_point::max();  // timer::logout is its limit
                return;
            }
            lose_connection(its, silent("a logout"), now);
            return;
        case task_kind::negotiation:
            lose_connection(its, silent("a negotiation"), now);
            return;
        case task_kind::text:
            lost = about_session({protocol_errc::local_task_timed_out,
                                  "no answer after " + std::to_string(timeout_of(task).count()) + " ms"},
                                 its);
            return;
        case task_kind::ping:
            return;
    }
}

}  // namespace persiscsi
