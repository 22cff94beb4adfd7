// SPDX-License-Identifier: Apache-2.0
// Tasks: asked for, sent, given up, late.
#include "initiator/session/session_core.hpp"
#include "pdu/ahs.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace persiscsi {
namespace {

using std::chrono::milliseconds;

failure check_request(const scsi_task& what) {
    if (what.cdb_rest.size() > pdu::max_extended_cdb) {
        return {protocol_errc::local_bad_request,
                "a CDB of " + std::to_string(what.cdb.size() + what.cdb_rest.size()) + " bytes"};
    }
    if (std::max(what.data_in.size(), what.data_out.size()) > std::numeric_limits<std::uint32_t>::max()) {
        return {protocol_errc::local_bad_request, "more than 2^32-1 bytes in one command"};
    }
    return {};
}

}  // namespace

milliseconds session_core::timeout_of(const task& task) const {
    return task.what.timeout > milliseconds(0) ? task.what.timeout : options_.task_timeout;
}

pdu::task_tag session_core::submit(const scsi_task& what, task_owner owner, time_point now) {
    now_ = now;
    failure refused = check_request(what);
    if (!refused && (phase_ == phase::draining || phase_ == phase::logging_out)) {
        refused = {protocol_errc::local_logged_out, "the session is being logged out"};
    }
    if (!refused && phase_ == phase::closed) {
        refused = last_failure_ ? last_failure_ : failure{protocol_errc::local_logged_out, "not logged in"};
    }
    if (!refused && gave_up_) refused = {protocol_errc::local_gave_up_reconnecting, last_failure_.detail};
    auto* added = refused ? nullptr : tasks_.insert(task_kind::scsi, owner);
    if (!added) {
        if (!refused) {
            refused = {protocol_errc::local_bad_request,
                       std::to_string(task_table::max_tasks) + " commands are outstanding already"};
        }
        effects_.push_back(scsi_finished{owner, {.failed = std::move(refused), .sense = {}}});
        return pdu::task_tag::reserved;
    }
    added->what = what;
    added->deadline = now + timeout_of(*added);
    tasks_.queue(*added);
    if (any_connected()) arm_earlier(timer::tasks, added->deadline);
    return added->tag;
}

void session_core::submit_text(const pdu::text_keys& keys, task_owner owner, time_point now) {
    now_ = now;
    auto* over = text_request_.empty() ? next_usable() : nullptr;
    auto* added = over ? tasks_.insert(task_kind::text, owner) : nullptr;
    if (!added) {
        effects_.push_back(text_finished{owner, {protocol_errc::local_bad_request, "no text exchange now"}, {}});
        return;
    }
    text_request_ = pdu::encode_text(keys);
    added->what.data_out = text_request_;
    added->deadline = now + timeout_of(*added);
    arm_earlier(timer::tasks, added->deadline);
    over->ffp->send_text(*added);
}

void session_core::manage(pdu::task_management_function function, pdu::lun_id lun, task_owner owner, time_point now) {
    using enum pdu::task_management_function;
    now_ = now;
    auto* over = phase_ == phase::operational ? next_usable() : nullptr;
    failure refused;
    if (function == abort_task || function == task_reassign) {
        refused = {protocol_errc::local_bad_request, "this function is for the session itself"};
    } else if (!over) {
        refused = {protocol_errc::local_bad_request, "no connection for a task management function now"};
    }
    auto* request = refused ? nullptr : insert_control(task_kind::management, now);
    if (!request) {
        if (!refused) refused = {protocol_errc::local_bad_request, "no task tag left"};
        effects_.push_back(management_finished{owner, std::move(refused)});
        return;
    }
    const bool of_unit = function != target_warm_reset && function != target_cold_reset;  // RFC 7143 §11.5.3
    request->owner = owner;
    request->function = function;
    request->what.lun = of_unit ? lun : pdu::lun_id{};
    request->cmd_sn = window_.next();
    over->ffp->send_management(*request, request->what.lun, nullptr);
    for (auto& one : connections_)  // the target waits for it before it answers (RFC 7143 §11.6.1)
        if (one->usable() && one.get() != over) one->ffp->send_acknowledgement();
}

void session_core::cancel(pdu::task_tag tag, time_point now) {
    now_ = now;
    auto* cancelled = tasks_.find(tag);
    if (!cancelled || cancelled->kind != task_kind::scsi) return;
    abandon(*cancelled, {protocol_errc::local_cancelled, {}}, now);
}

void session_core::abandon(task& task, failure why, time_point now) {
    if (task.state == task_state::abandoned) return;
    if (task.state != task_state::sent) {
        fail(task, std::move(why));
        return;
    }
    task.state = task_state::abandoned;
    task.abandoned_for = std::move(why);
    if (!task.stranded) send_abort(task, *connections_[task.allegiance], now);
}

void session_core::send_abort(task& abandoned, connection& over, time_point now) {
    auto* abort = insert_control(task_kind::management, now);
    if (!abort) {
        return lose_session(
            about_session({protocol_errc::local_bad_request, "no task tag left to abort a task"}, over), {}, now);
    }
    abort->function = pdu::task_management_function::abort_task;
    abort->references = abandoned.tag;
    abandoned.allegiance = over.number;  // RFC 7143 §11.5.1: it establishes a new one where the old is gone
    abandoned.stranded = false;
    over.ffp->send_management(*abort, abandoned.what.lun, &abandoned);
}

/// A request of our own with its time limit, or nothing where no tag is left.
task* session_core::insert_control(task_kind kind, time_point now) {
    auto* added = tasks_.insert(kind, nullptr);
    if (!added) return nullptr;
    added->deadline = now + options_.ping_timeout;
    arm_earlier(timer::tasks, added->deadline);
    return added;
}

void session_core::forget(task& task) {
    if (task.allegiance == no_connection) return;
    auto& its = *connections_[task.allegiance];
    if (!its.ffp) return;
    its.ffp->forget(task);
    // Another connection may have ended it, by a LOGICAL UNIT RESET say, in the middle of one of its PDUs.
    if (its.reader.withdraw(task.what.data_in)) its.ffp->discard_data();
}

void session_core::finish(task& task, scsi_outcome outcome) {
    forget(task);
    effects_.push_back(scsi_finished{task.owner, std::move(outcome)});
    tasks_.erase(task);
}

void session_core::fail(task& task, failure why) {
    finish(task, {.failed = std::move(why), .sense = {}});
}

void session_core::fail_text(task& task, failure why) {
    forget(task);
    effects_.push_back(text_finished{task.owner, std::move(why), {}});
    tasks_.erase(task);
    text_request_.clear();
}

void session_core::fail_management(task& task, failure why) {
    forget(task);
    effects_.push_back(management_finished{task.owner, std::move(why)});
    tasks_.erase(task);
}

void session_core::fail_unsent(const failure& why) {
    tasks_.for_each([&](task& task) {
        if (task.state != task_state::waiting && task.state != task_state::delayed) return;
        fail(task, why);
    });
}

/// All of them, whatever became of them at the target.
void session_core::end_tasks(const failure& why) {
    tasks_.for_each([&](task& task) {
        if (task.kind == task_kind::scsi) {
            fail(task, task.state == task_state::abandoned ? task.abandoned_for : why);
        } else if (task.kind == task_kind::text) {
            fail_text(task, why);
        } else if (task.kind == task_kind::management && task.references == pdu::task_tag::reserved) {
            fail_management(task, why);
        } else {
            tasks_.erase(task);
        }
    });
}

/// Of all connections: the session as it was is gone.
void session_core::take_back_tasks(const failure& why) {
    std::vector<task*> again;
    tasks_.for_each([&](task& task) {
        forget(task);
        switch (task.kind) {
            case task_kind::text:
                fail_text(task, why);
                return;
            case task_kind::management:
                if (task.references == pdu::task_tag::reserved) return fail_management(task, why);
                tasks_.erase(task);
                return;
            case task_kind::negotiation:
            case task_kind::ping:
            case task_kind::logout:
                tasks_.erase(task);
                return;
            case task_kind::scsi:
                break;
        }
        if (task.state == task_state::abandoned) {
            fail(task, task.abandoned_for);
        } else if (task.state == task_state::sent) {
            if (!take_back(task)) return fail(task, why);
            again.push_back(&task);
        } else if (task.state == task_state::delayed) {
            task.state = task_state::waiting;
            tasks_.queue(task);
        }
    });
    std::sort(again.begin(), again.end(), [](const task* a, const task* b) { return a->cmd_sn.precedes(b->cmd_sn); });
    tasks_.queue_first(again);
}

/// New commands go out in turn over the connections that have room for them.
void session_core::fill_queues() {
    for (auto& one : connections_)
        if (one->connected()) one->ffp->pump();
    if (phase_ != phase::operational) return;
    while (auto* next = tasks_.first_waiting()) {
        if (!window_.open()) return;
        connection* over = nullptr;
        for (std::size_t i = 0; i < connections_.size() && !over; ++i) {
            auto& one = *connections_[++turn_ % connections_.size()];
            if (one.usable() && one.ffp->has_room()) over = &one;
        }
        if (!over) return;
        tasks_.dequeue();
        dispatch(*next, *over);
    }
}

void session_core::dispatch(task& task, connection& over) {
    over.ffp->send(task);
    over.ffp->pump();
    task.sent_at = now_;
    if (agreed_->error_recovery_level > 0) arm_earlier(timer::tasks, now_ + options_.command_retry);
}

std::size_t session_core::gather(std::span<std::span<const std::byte>> into, connection_number number) {
    auto& which = *connections_[number];
    if (which.state != connection_state::in_login && !which.connected()) return 0;
    fill_queues();
    return which.queue.gather(into);
}

}  // namespace persiscsi
