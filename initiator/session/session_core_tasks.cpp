// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/session_core.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace persiscsi {
namespace {

using std::chrono::milliseconds;

failure check_request(const scsi_task& what) {
    if (!what.data_in.empty() && !what.data_out.empty()) {
        return {protocol_errc::local_bad_request, "a command that reads and writes at once"};
    }
    if (!what.cdb_rest.empty()) return {protocol_errc::local_bad_request, "a CDB of more than 16 bytes"};
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
    if (connected()) arm_earlier(timer::tasks, added->deadline);
    return added->tag;
}

void session_core::submit_text(const pdu::text_keys& keys, task_owner owner, time_point now) {
    auto* added = connected() && text_request_.empty() ? tasks_.insert(task_kind::text, owner) : nullptr;
    if (!added) {
        effects_.push_back(text_finished{owner, {protocol_errc::local_bad_request, "no text exchange now"}, {}});
        return;
    }
    text_request_ = pdu::encode_text(keys);
    added->what.data_out = text_request_;
    added->deadline = now + timeout_of(*added);
    tasks_.queue(*added);
    arm_earlier(timer::tasks, added->deadline);
}

void session_core::cancel(pdu::task_tag tag, time_point now) {
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
    auto* abort = tasks_.insert(task_kind::abort, nullptr);
    if (!abort) {
        lose_connection({protocol_errc::local_bad_request, "no task tag left to abort a task"}, {}, now);
        return;
    }
    task.state = task_state::abandoned;
    task.abandoned_for = std::move(why);
    abort->deadline = now + options_.ping_timeout;
    arm_earlier(timer::tasks, abort->deadline);
    ffp_->send_abort(*abort, task);
}

void session_core::finish(task& task, scsi_outcome outcome) {
    if (ffp_) ffp_->forget(task);
    made_progress_ |= !outcome.failed;
    effects_.push_back(scsi_finished{task.owner, std::move(outcome)});
    tasks_.erase(task);
}

void session_core::fail(task& task, failure why) {
    finish(task, {.failed = std::move(why), .sense = {}});
}

void session_core::fail_text(task& task, failure why) {
    if (ffp_) ffp_->forget(task);
    effects_.push_back(text_finished{task.owner, std::move(why), {}});
    tasks_.erase(task);
    text_request_.clear();
}

void session_core::fail_unsent(const failure& why) {
    tasks_.for_each([&](task& task) {
        if (task.state != task_state::waiting && task.state != task_state::delayed) return;
        task.kind == task_kind::text ? fail_text(task, why) : fail(task, why);
    });
}

void session_core::take_back_sent_tasks(const failure& why) {
    std::vector<task*> again;
    ffp_.reset();  // before any memory of a task is given back
    queue_ = {};
    tasks_.for_each([&](task& task) {
        switch (task.kind) {
            case task_kind::text:
                fail_text(task, why);
                return;
            case task_kind::ping:
            case task_kind::abort:
            case task_kind::logout:
                tasks_.erase(task);
                return;
            case task_kind::scsi:
                break;
        }
        if (task.state == task_state::abandoned) {
            fail(task, task.abandoned_for);
        } else if (task.state == task_state::sent) {
            if (!task.what.repeatable || ++task.lost_answers > options_.lost_repeats) return fail(task, why);
            again.push_back(&task);
        } else if (task.state == task_state::delayed) {
            task.state = task_state::waiting;
            tasks_.queue(task);
        }
    });
    std::sort(again.begin(), again.end(), [](const task* a, const task* b) { return a->cmd_sn.precedes(b->cmd_sn); });
    for (auto* task : again) task->state = task_state::waiting;
    tasks_.queue_first(again);
}

void session_core::check_tasks(time_point now) {
    failure lost;
    std::vector<pdu::task_tag> late;  // aborting one adds to the table, so not while walking it
    std::optional<time_point> next;
    tasks_.for_each([&](task& task) {
        if (task.state == task_state::delayed && task.not_before <= now) {
            task.state = task_state::waiting;
            tasks_.queue(task);
        }
        const auto due = task.state == task_state::delayed ? task.not_before : task.deadline;
        if (task.state == task_state::abandoned || task.kind == task_kind::ping || task.kind == task_kind::logout) {
            return;
        }
        if (due > now) {
            if (!next || due < *next) next = due;
        } else if (task.kind == task_kind::abort) {
            lost = {protocol_errc::remote_silent, "no answer to ABORT TASK"};
        } else {
            late.push_back(task.tag);
        }
    });
    at(timer::tasks) = next;
    for (const auto tag : late) {
        auto* task = tasks_.find(tag);
        if (!task) continue;
        failure why = about_session({protocol_errc::local_task_timed_out,
                                     "no answer after " + std::to_string(timeout_of(*task).count()) + " ms"});
        if (task->kind == task_kind::text) {
            lost = std::move(why);
        } else {
            abandon(*task, std::move(why), now);
        }
    }
    if (lost && connected()) lose_connection(std::move(lost), {}, now);
    start_logout_when_drained(now);
}

void session_core::check_ping(time_point now) {
    if (phase_ != phase::full_feature) return;
    const auto quiet_until = last_heard_ + options_.ping_interval;
    if (ping_sent_ && now >= std::max(last_heard_, *ping_sent_) + options_.ping_timeout) {
        const auto silence = std::chrono::duration_cast<milliseconds>(now - last_heard_);
        lose_connection(
            {protocol_errc::remote_silent, "silent for " + std::to_string(silence.count()) + " ms"}, {}, now);
        return;
    }
    if (!ping_sent_ && now >= quiet_until) {
        if (auto* ping = tasks_.insert(task_kind::ping, nullptr)) {
            ffp_->send_ping(*ping);
            ping_sent_ = now;
        }
    }
    at(timer::ping) = ping_sent_ ? std::max(last_heard_, *ping_sent_) + options_.ping_timeout
                                 : std::max(quiet_until, now + milliseconds(1));
}

void session_core::start_logout_when_drained(time_point now) {
    if (phase_ != phase::draining) return;
    bool outstanding = false;
    tasks_.for_each([&](const task& task) { outstanding |= task.kind == task_kind::scsi; });
    if (outstanding) return;
    phase_ = phase::logging_out;
    send_logout(now);
}

void session_core::send_logout(time_point now) {
    auto* logout = tasks_.insert(task_kind::logout, nullptr);
    if (!logout) {
        lose_connection({protocol_errc::local_bad_request, "no task tag left for the logout"}, {}, now);
        return;
    }
    ffp_->send_logout(*logout);
}

std::size_t session_core::gather(std::span<std::span<const std::byte>> into) {
    if (phase_ != phase::login && !connected()) return 0;
    if (ffp_) ffp_->pump();
    return queue_.gather(into);
}

}  // namespace persiscsi
