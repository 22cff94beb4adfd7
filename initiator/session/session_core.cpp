// SPDX-License-Identifier: Apache-2.0
// The life of a session: asked for, established, lost as a whole, logged out.
#include "initiator/session/session_core.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi {
using std::chrono::milliseconds;

session_core::session_core(session_options options, random_source random)
    : options_(std::move(options)), random_(std::move(random)) {
    connections_.push_back(std::make_unique<connection>(connection_number{0}));
}

void session_core::login(bool keep_trying, time_point now) {
    now_ = now;
    login_asked_ = true;
    keep_trying_ = keep_trying;
    if (phase_ == phase::operational && state_ == session_state::logged_in) {
        login_asked_ = false;
        effects_.push_back(login_finished{});
    } else if (phase_ == phase::closed) {
        phase_ = phase::establishing;
        auto& leading = any_connection();
        leading.leads = true;
        leading.attempts = 0;
        begin_attempt(leading, now);
    }
}

void session_core::logout(time_point now) {
    now_ = now;
    logout_asked_ = true;
    if (phase_ == phase::draining || phase_ == phase::logging_out) return;
    if (phase_ != phase::operational || state_ != session_state::logged_in) {
        const auto not_told = failure{protocol_errc::remote_closed, "not connected, so the target was not told"};
        const bool was_lost = state_ == session_state::reconnecting;
        logout_asked_ = false;
        const auto told = was_lost ? about_session(not_told, any_connection()) : failure{};
        close({protocol_errc::local_logged_out, "the session was logged out"});
        effects_.push_back(logout_finished{told});
        return;
    }
    phase_ = phase::draining;
    change_state(session_state::logging_out);
    at(timer::logout) = now + options_.logout_timeout;
    fail_unsent({protocol_errc::local_logged_out, "logged out before the command was sent"});
    start_logout_when_drained(now);
}

void session_core::stop(const failure& why, time_point now) {
    now_ = now;
    close(why);
}

void session_core::enter_operational(connection& leading, time_point now) {
    phase_ = phase::operational;
    leading.leads = false;
    established_at_ = leading.where;
    ++counters_.logins;
    established_ = true;
    disarm_all();
    tasks_.for_each([&](task& task) {
        task.deadline = now + timeout_of(task);
        arm_earlier(timer::tasks, task.deadline);
    });
    add_connections(now);
}

/// Closes all connections; what was sent is sent again in the session that takes its place.
void session_core::lose_session(failure why, milliseconds wait, time_point now) {
    last_failure_ = std::move(why);
    if (logout_asked_) {
        close(last_failure_);
        return;
    }
    take_back_tasks(last_failure_);
    auto& leading = any_connection();
    bool lived = false;
    for (auto& one : connections_) {
        lived |= one->has_lived_well(now);
        one->retired = false;
        close_transport_of(*one, one->connected() ? connection_event::lost : connection_event::transport_failed);
        one->predecessor = connection_state::free;  // a session reinstatement ends all of its connections
    }
    at(timer::tasks).reset();
    at(timer::logout).reset();
    if (std::holds_alternative<fail_at_once>(options_.recovery)) {
        gave_up_ = true;
        fail_unsent(last_failure_);
    }
    start_policy_clock(now);
    phase_ = phase::establishing;
    leading.leads = true;
    if (lived) leading.attempts = 0;
    pause(leading, wait, now);
}

void session_core::close(const failure& why) {
    for (auto& one : connections_) {
        close_transport_of(*one, connection_event::session_closed);
        one->predecessor = connection_state::free;
        one->leads = one->retired = false;
    }
    phase_ = phase::closed;
    end_tasks(why);
    disarm_all();
    keep_trying_ = established_ = gave_up_ = false;
    if (std::exchange(login_asked_, false)) effects_.push_back(login_finished{why});
    if (std::exchange(logout_asked_, false)) effects_.push_back(logout_finished{why});
    change_state(session_state::idle);
}

/// From the loss of the last connection on, whatever is tried meanwhile; a login ends it.
void session_core::start_policy_clock(time_point now) {
    const auto* bounded = std::get_if<fail_after>(&options_.recovery);
    if (bounded && !gave_up_) arm_earlier(timer::give_up, now + bounded->limit);
}

/// The policy's time is over: commands fail, reconnecting goes on.
void session_core::give_up(time_point now) {
    if (phase_ == phase::operational) lose_session(last_failure_, {}, now);  // frees what waits for its reassignment
    at(timer::give_up).reset();
    gave_up_ = true;
    fail_unsent({protocol_errc::local_gave_up_reconnecting, last_failure_.detail});
}

void session_core::start_logout_when_drained(time_point now) {
    if (phase_ != phase::draining) return;
    bool outstanding = false;
    tasks_.for_each([&](const task& task) { outstanding |= task.kind == task_kind::scsi; });
    if (outstanding) return;
    send_session_logout(now);
}

void session_core::send_session_logout(time_point now) {
    auto* over = next_usable();
    if (!over) return;  // one is being rebuilt; or else the time-out ends it
    auto* logout = insert_control(task_kind::logout, now);
    if (!logout) return;
    phase_ = phase::logging_out;
    over->enter(connection_event::logout_sent);
    over->ffp->send_logout(*logout, pdu::logout_reason::close_session, {}, over->ffp->exp_stat_sn());
}

void session_core::change_state(session_state to) {
    if (std::exchange(state_, to) != to) effects_.push_back(state_changed{to});
}

failure session_core::about_session(failure why, const connection& about) const {
    const auto& name = options_.login.target_name;
    why.detail = "session with " + (name.empty() ? std::string("the discovery service") : name) + " at " +
                 to_string(about.where) + ": " + why.code.message() +
                 (why.detail.empty() ? std::string() : " (" + why.detail + ")");
    return why;
}

std::optional<negotiated> session_core::agreed_on(connection_number which) const {
    const auto& its = connections_[which]->ffp;
    return its ? std::optional(its->agreed()) : std::nullopt;
}

session_counters session_core::counters() const {
    auto all = counters_;
    for (const auto& one : connections_)
        if (one->ffp) all.snacks += one->ffp->snacks();
    return all;
}

std::optional<session_core::effect> session_core::next_effect() {
    if (effects_.empty()) return std::nullopt;
    auto first = std::move(effects_.front());
    effects_.pop_front();
    return first;
}

std::optional<time_point> session_core::deadline() const {
    std::optional<time_point> earliest;
    const auto look_at = [&](const auto& deadlines) {
        for (const auto& deadline : deadlines)
            if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
    };
    look_at(deadlines_);
    for (const auto& one : connections_) look_at(one->deadlines);
    return earliest;
}

void session_core::arm_earlier(timer which, time_point deadline) {
    auto& armed = at(which);
    if (!armed || deadline < *armed) armed = deadline;
}

void session_core::disarm_all() {
    deadlines_ = {};
}

void session_core::on_deadline(time_point now) {
    now_ = now;
    const auto due = [&](timer which) {
        auto& deadline = at(which);
        if (!deadline || now < *deadline) return false;
        deadline.reset();
        return true;
    };
    for (std::size_t i = 0; i < connections_.size(); ++i) on_connection_deadline(*connections_[i], now);
    if (due(timer::logout)) {
        lose_session(
            about_session({protocol_errc::remote_silent,
                           "no answer to the logout after " + std::to_string(options_.logout_timeout.count()) + " ms"},
                          any_connection()),
            {},
            now);
    }
    if (due(timer::give_up)) give_up(now);
    if (due(timer::tasks)) check_tasks(now);
}

}  // namespace persiscsi
