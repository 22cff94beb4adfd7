// SPDX-License-Identifier: Apache-2.0
// What a lost connection leads to (RFC 7143 §7.1.4.3, §7.14): its logout, by another connection or by the one that
// takes its place, and then the recovery of its tasks.
#include "initiator/session/numbers_in_text.hpp"
#include "initiator/session/session_core.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Before a logout that the target asks for: commands that were sent may still finish.
constexpr milliseconds longest_drain{500};

}  // namespace

bool session_core::recovers_connections() const {
    return agreed_ && agreed_->error_recovery_level == 2;
}

bool session_core::any_connected() const {
    return std::any_of(connections_.begin(), connections_.end(), [](const auto& one) { return one->connected(); });
}

bool session_core::has_tasks(const connection& which) {
    bool any = false;
    tasks_.for_each([&](const task& one) { any |= one.kind == task_kind::scsi && one.allegiance == which.number; });
    return any;
}

connection* session_core::next_usable(const connection* but) {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        auto& one = *connections_[++turn_ % connections_.size()];
        if (one.usable() && &one != but) return &one;
    }
    return nullptr;
}

bool session_core::recovers_from_loss_of(const connection& which, seconds time2retain) const {
    if (agreed_->error_recovery_level == 0) return false;
    const bool others = std::any_of(connections_.begin(), connections_.end(), [&](const auto& one) {
        return one->usable() && one.get() != &which;
    });
    if (others) return true;
    return recovers_connections() && phase_ != phase::logging_out && time2retain > seconds(0) &&
           !std::holds_alternative<fail_at_once>(options_.recovery);
}

void session_core::lose_connection(connection& which, failure why, time_point now) {
    lose_connection(
        which, std::move(why), seconds(agreed_->default_time2wait), seconds(agreed_->default_time2retain), now);
}

void session_core::lose_connection(
    connection& which, failure why, seconds time2wait, seconds time2retain, time_point now) {
    auto story = about_session(std::move(why), which);
    if (phase_ == phase::logging_out && which.state != connection_state::in_logout) {
        strand_tasks(which, story, now);  // the target closes it for our logout, whose answer is still on its way
        close_transport_of(which, connection_event::session_closed);
        return;
    }
    if (!recovers_from_loss_of(which, time2retain)) {
        lose_session(std::move(story), time2wait, now);
        return;
    }
    last_failure_ = std::move(story);
    if (which.has_lived_well(now)) which.attempts = 0;
    strand_tasks(which, last_failure_, now);
    close_transport_of(which, connection_event::lost);
    which.kept_until = now + time2wait + time2retain;
    if (any_connected()) {
        which.at(connection_timer::reconnect) = now + time2wait;
        start_logout_when_drained(now);
        return;
    }
    pause(which, time2wait, now);
    if (phase_ == phase::operational) change_state(session_state::reconnecting);
    start_policy_clock(now);
}

void session_core::strand_tasks(connection& which, const failure& why, time_point now) {
    tasks_.for_each([&](task& one) {
        if (one.allegiance == which.number) strand(one, why, now);
    });
}

/// The connection of this task is gone.
void session_core::strand(task& one, const failure& why, time_point now) {
    switch (one.kind) {
        case task_kind::scsi:
            if (one.state == task_state::sent && !one.stranded && ++one.lost_answers > options_.lost_repeats) {
                one.state = task_state::abandoned;  // it may be what the connections die of
                one.abandoned_for = why;
            }
            one.stranded = true;
            one.held.reset();  // the status comes again, where the task is reassigned
            return;
        case task_kind::text:
            fail_text(one, why);
            return;
        case task_kind::management:
            if (one.references == pdu::task_tag::reserved) return fail_management(one, why);
            break;  // what it was for is done anew when its task is recovered
        case task_kind::logout:
            if (phase_ == phase::logging_out) phase_ = phase::draining;
            if (one.closes != no_connection && one.closes != one.allegiance) {
                auto& other = *connections_[one.closes];
                other.clean_up(connection_event::cleanup_failed);
                other.at(connection_timer::reconnect) = now;
            }
            break;
        case task_kind::negotiation:
        case task_kind::ping:
            break;
    }
    tasks_.erase(one);
}

void session_core::reconnect(connection& which, time_point now) {
    if (which.leads || which.predecessor == connection_state::free) {
        begin_attempt(which, now);
    } else if (auto* over = next_usable(&which)) {
        log_out_lost(which, *over, now);
    } else if (!recovers_connections() || now >= *which.kept_until) {
        lose_session(last_failure_, {}, now);
    } else {
        which.clean_up(connection_event::cleanup_started);  // its login is the logout (RFC 7143 §6.3.4)
        begin_attempt(which, now);
    }
}

void session_core::log_out_lost(connection& lost, connection& over, time_point now) {
    auto* logout = insert_control(task_kind::logout, now);
    if (!logout) return pause(lost, {}, now);
    logout->closes = lost.number;
    lost.clean_up(connection_event::cleanup_started);
    const auto reason = recovers_connections() ? pdu::logout_reason::remove_connection_for_recovery
                                               : pdu::logout_reason::close_connection;
    over.ffp->send_logout(*logout, reason, pdu::connection_id{lost.number}, lost.exp_stat_sn);
}

/// The target has let go of the connection. `reassignable`: it keeps its tasks, those that it has acknowledged; the
/// others it has discarded (RFC 7143 §7.11).
void session_core::recover_tasks(connection& lost, bool reassignable, time_point now) {
    std::vector<task*> stranded;
    tasks_.for_each([&](task& one) {
        if (one.stranded && one.allegiance == lost.number && one.kind == task_kind::scsi) stranded.push_back(&one);
    });
    std::sort(
        stranded.begin(), stranded.end(), [](const task* a, const task* b) { return a->cmd_sn.precedes(b->cmd_sn); });
    std::vector<task*> again;
    const bool nowhere = !stranded.empty() && !next_usable();
    for (auto* one : stranded) {
        auto* over = next_usable();
        if (!over) break;
        const bool acknowledged = window_.acknowledges(one->cmd_sn);
        if (one->state == task_state::abandoned) {
            // Where the target has not seen the command, this fills its place (RFC 7143 §11.6.1).
            reassignable || !acknowledged ? send_abort(*one, *over, now) : fail(*one, one->abandoned_for);
        } else if (!acknowledged) {
            over->ffp->send_again(*one);
            one->sent_at = now;
            one->deadline = now + timeout_of(*one);
            ++counters_.commands_retried;
        } else if (reassignable) {
            reassign(*one, *over, now);
        } else if (take_back(*one)) {
            again.push_back(one);
        } else {
            fail(*one, last_failure_);
        }
    }
    tasks_.queue_first(again);
    if (nowhere) return lose_session(last_failure_, {}, now);
    if (!stranded.empty()) arm_earlier(timer::tasks, now);
}

void session_core::reassign(task& task, connection& over, time_point now) {
    auto* request = insert_control(task_kind::management, now);
    if (!request) return lose_session(last_failure_, {}, now);
    request->function = pdu::task_management_function::task_reassign;
    request->references = task.tag;
    if (!task.what.data_in.empty() && task.input.complete() && task.what.data_out.empty()) {
        task.acknowledged = {task.input.next(), task.received};
    } else {
        task.rewind_input();
        task.input_restarts = task.what.data_in.empty();
    }
    task.open_r2ts = 0;
    task.allegiance = over.number;  // stranded until the target says that it is
    over.ffp->send_management(*request, {}, &task);
}

/// To be sent again from its beginning. False where it may not be.
bool session_core::take_back(task& task) const {
    if (!task.stranded) ++task.lost_answers;  // else it was counted when its connection was lost
    if (!task.what.repeatable || task.lost_answers > options_.lost_repeats) return false;
    task.state = task_state::waiting;
    task.allegiance = no_connection;
    task.stranded = false;
    return true;
}

void session_core::reissue(task& task, const failure& why) {
    forget(task);
    if (take_back(task)) {
        tasks_.queue_first({&task});
    } else {
        fail(task, why);
    }
}

void session_core::on_logout_wanted(connection& from, std::uint16_t within_seconds, time_point now) {
    if (phase_ != phase::operational) return;  // a logout is under way
    from.enter(connection_event::logout_wanted);
    if (from.state != connection_state::logout_requested || from.at(connection_timer::logout)) return;
    const auto drain =
        has_tasks(from) ? std::min<milliseconds>(longest_drain, seconds(within_seconds) / 2) : seconds(0);
    from.at(connection_timer::logout) = now + drain;
}

/// It is ready for the logout that the target has asked for (S7): its commands are done, or have had their time.
void session_core::log_out_connection(connection& which, time_point now) {
    auto* logout = insert_control(task_kind::logout, now);
    if (!logout) return lose_session(about_session({protocol_errc::remote_requested_logout, {}}, which), {}, now);
    const bool alone = next_usable(&which) == nullptr;
    logout->closes = alone ? no_connection : which.number;
    which.enter(connection_event::logout_sent);
    which.at(connection_timer::ping).reset();
    which.ffp->send_logout(*logout,
                           alone ? pdu::logout_reason::close_session : pdu::logout_reason::close_connection,
                           alone ? pdu::connection_id{} : pdu::connection_id{which.number},
                           which.ffp->exp_stat_sn());
}

void session_core::take(connection& from, const full_feature_phase::logged_out& event, time_point now) {
    const auto closes = event.which->closes;
    const auto response = event.response;
    const bool closed = response.response == pdu::logout_outcome::closed;
    failure refused;
    if (!closed) {
        refused = {protocol_errc::remote_rejected_pdu, "logout answered with response " + number(response.response)};
    }
    tasks_.erase(*event.which);
    if (closes == no_connection) {
        if (phase_ != phase::logging_out) {
            return lose_session(about_session({protocol_errc::remote_requested_logout, {}}, from), {}, now);
        }
        logout_asked_ = false;
        const auto told = refused ? about_session(refused, from) : failure{};
        close({protocol_errc::local_logged_out, "the session was logged out"});
        effects_.push_back(logout_finished{told});
        return;
    }
    if (closes == from.number) {
        if (!closed) return lose_connection(from, std::move(refused), now);
        last_failure_ = about_session({protocol_errc::remote_requested_logout, {}}, from);
        strand_tasks(from, last_failure_, now);
        close_transport_of(from, connection_event::logout_succeeded);
        pause(from, {}, now);
        recover_tasks(from, false, now);
        return;
    }
    auto& lost = *connections_[closes];
    if (!closed && response.response != pdu::logout_outcome::cid_not_found) {
        return lose_session(about_session(std::move(refused), from), {}, now);
    }
    lost.clean_up(connection_event::cleanup_succeeded);
    ++counters_.connections_recovered;
    const auto wait = closed && recovers_connections() ? seconds(response.time2wait) : seconds(0);
    if (wait > seconds(0)) {
        lost.at(connection_timer::reassign) = now + wait;
    } else {
        take_up_again(lost, now);
    }
}

/// The target has let go of the lost connection: its tasks go on elsewhere, and it is opened anew.
void session_core::take_up_again(connection& lost, time_point now) {
    pause(lost, {}, now);
    recover_tasks(lost, recovers_connections(), now);
}

}  // namespace persiscsi
