// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/session_core.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi {
namespace {

using std::chrono::milliseconds;

/// MaxRecvDataSegmentLength before Full Feature Phase (RFC 7143 §13.12).
constexpr std::uint32_t login_data_segment_length = 8192;
constexpr std::uint32_t most_redirects = 5;
/// All Login PDUs of one login carry this tag; the task table never gives it.
constexpr auto login_tag = pdu::task_tag{0};
constexpr auto first_cmd_sn = pdu::command_sn{1};
/// A session that is lost sooner, and did nothing, keeps its backoff: a target that drops every login is asked ever
/// less often.
constexpr milliseconds lived_well{1000};

}  // namespace

session_core::session_core(session_options options, random_source random)
    : options_(std::move(options)), random_(std::move(random)), reader_(login_data_segment_length) {}

void session_core::login(bool keep_trying, time_point now) {
    login_asked_ = true;
    keep_trying_ = keep_trying;
    if (phase_ == phase::full_feature || phase_ == phase::leaving) {
        login_asked_ = false;
        effects_.push_back(login_finished{});
    } else if (phase_ == phase::closed) {
        attempts_ = 0;
        begin_attempt(now);
    }
}

void session_core::logout(time_point now) {
    logout_asked_ = true;
    if (phase_ == phase::draining || phase_ == phase::logging_out) return;
    if (!connected()) {
        const auto not_told = failure{protocol_errc::remote_closed, "not connected, so the target was not told"};
        const bool was_lost = state_ == session_state::reconnecting;
        logout_asked_ = false;
        close({protocol_errc::local_logged_out, "the session was logged out"});
        effects_.push_back(logout_finished{was_lost ? about_session(not_told) : failure{}});
        return;
    }
    phase_ = phase::draining;
    change_state(session_state::logging_out);
    at(timer::logout) = now + options_.logout_timeout;
    ffp_->stop_commands();
    fail_unsent({protocol_errc::local_logged_out, "logged out before the command was sent"});
    start_logout_when_drained(now);
}

void session_core::stop(const failure& why, time_point) {
    if (connected()) take_back_sent_tasks(why);
    close(why);
}

void session_core::begin_attempt(time_point now) {
    redirects_ = 0;
    change_state(established_ ? session_state::reconnecting : session_state::connecting);
    at(timer::login) = now + options_.login_timeout;
    open(options_.portal, now);
}

void session_core::open(const portal& to, time_point now) {
    current_portal_ = to;
    phase_ = phase::connecting;
    at(timer::connect) = now + options_.connect_timeout;
    effects_.push_back(open_transport{to});
}

void session_core::on_transport_up(time_point now) {
    if (phase_ != phase::connecting) return;
    at(timer::connect).reset();
    phase_ = phase::login;
    queue_ = {};
    reader_ = pdu::pdu_reader(login_data_segment_length);
    window_ = command_window(first_cmd_sn);
    exp_stat_sn_ = {};
    last_heard_ = now;
    login_.emplace(options_.login, pdu::tsih::fresh, pdu::connection_id{0}, random_);
    take_login_step(login_->start(), now);
}

void session_core::on_transport_lost(failure why, time_point now) {
    switch (phase_) {
        case phase::connecting:
        case phase::login:
            attempt_failed(std::move(why), now);
            break;
        case phase::full_feature:
        case phase::leaving:
        case phase::draining:
        case phase::logging_out:
            lose_connection(std::move(why), {}, now);
            break;
        case phase::closed:
        case phase::pausing:
            break;
    }
}

void session_core::take_login_step(login_dialogue::step step, time_point now) {
    if (auto* request = std::get_if<login_dialogue::request>(&step)) {
        request->pdu.initiator_task_tag = login_tag;
        request->pdu.cmd_sn = window_.next();
        request->pdu.exp_stat_sn = exp_stat_sn_;
        queue_.push(pdu::frame(pdu::encode(request->pdu), std::move(request->data), pdu::digests{}), login_tag);
    } else if (auto* agreed = std::get_if<negotiated>(&step)) {
        enter_full_feature(*agreed, now);
    } else if (auto* redirect = std::get_if<login_dialogue::redirect>(&step)) {
        if (++redirects_ > most_redirects) {
            attempt_failed({login_errc::too_many_redirects, std::to_string(redirects_) + " redirections"}, now);
            return;
        }
        effects_.push_back(close_transport{});
        open(redirect->to, now);
    } else {
        attempt_failed(std::get<failure>(std::move(step)), now);
    }
}

failure session_core::on_login_pdu(time_point now) {
    if (pdu::opcode_of(reader_.header()) != pdu::opcode::login_response) {
        return {protocol_errc::remote_unexpected_pdu,
                "opcode " + std::to_string(static_cast<unsigned>(pdu::opcode_of(reader_.header()))) +
                    " in the Login Phase"};
    }
    const auto response = pdu::decode<pdu::login_response>(reader_.header());
    if (response.initiator_task_tag != login_tag) {
        return {protocol_errc::remote_unknown_task_tag, "Login Response for another task"};
    }
    exp_stat_sn_ = response.stat_sn.next();
    window_.update(response.exp_cmd_sn, response.max_cmd_sn);
    take_login_step(login_->on_response(response, reader_.data()), now);
    return {};
}

void session_core::enter_full_feature(const negotiated& agreed, time_point now) {
    agreed_ = agreed;
    login_.reset();
    reader_.expect(agreed.max_recv_data_segment_length, {.header = agreed.header_digest, .data = agreed.data_digest});
    ffp_.emplace(agreed, window_, exp_stat_sn_, tasks_, queue_);
    phase_ = phase::full_feature;
    ++logins_;
    established_ = true;
    logged_in_at_ = now;
    made_progress_ = false;
    gave_up_ = false;
    disarm_all();
    if (options_.login.type == session_type::normal) at(timer::ping) = now + options_.ping_interval;
    ping_sent_.reset();
    tasks_.for_each([&](task& task) {
        task.deadline = now + timeout_of(task);
        arm_earlier(timer::tasks, task.deadline);
    });
    if (std::exchange(login_asked_, false)) effects_.push_back(login_finished{});
    change_state(session_state::logged_in);
}

void session_core::attempt_failed(failure why, time_point now) {
    last_failure_ = about_login(std::move(why));
    effects_.push_back(close_transport{});
    queue_ = {};
    login_.reset();
    at(timer::connect).reset();
    at(timer::login).reset();
    if (established_ || keep_trying_) {
        pause({}, now);
        return;
    }
    phase_ = phase::closed;
    fail_unsent(last_failure_);
    login_asked_ = false;
    effects_.push_back(login_finished{last_failure_});
    change_state(session_state::failed);
}

void session_core::lose_connection(failure why, milliseconds wait, time_point now) {
    last_failure_ = about_session(std::move(why));
    take_back_sent_tasks(last_failure_);
    if (logout_asked_) {
        close(last_failure_);
        return;
    }
    effects_.push_back(close_transport{});
    disarm_all();
    if (std::holds_alternative<fail_at_once>(options_.recovery)) {
        gave_up_ = true;
        fail_unsent(last_failure_);
    } else if (const auto* bounded = std::get_if<fail_after>(&options_.recovery)) {
        at(timer::give_up) = now + bounded->limit;
    }
    if (made_progress_ || now - logged_in_at_ >= lived_well) attempts_ = 0;
    // RFC 7143 §13.15: DefaultTime2Wait passes before the session is taken up again after its connection was lost.
    pause(std::max<milliseconds>(wait, std::chrono::seconds(agreed_->default_time2wait)), now);
}

void session_core::pause(milliseconds at_least, time_point now) {
    phase_ = phase::pausing;
    at(timer::reconnect) = now + std::max(at_least, backoff());
    ++attempts_;
    change_state(established_ ? session_state::reconnecting : session_state::connecting);
}

milliseconds session_core::backoff() {
    if (attempts_ == 0) return milliseconds(0);
    const auto doublings = std::min<std::uint32_t>(attempts_ - 1, 20);
    const auto whole = std::min(options_.backoff_longest, options_.backoff_first * (std::int64_t{1} << doublings));
    std::array<std::byte, 1> chance{};
    random_(chance);  // from three quarters to all of it: a crowd of initiators spreads out
    return whole - whole * std::to_integer<int>(chance[0]) / 1024;
}

void session_core::close(const failure& why) {
    if (phase_ != phase::closed) effects_.push_back(close_transport{});
    phase_ = phase::closed;
    fail_unsent(why);
    tasks_.for_each([&](task& control) { tasks_.erase(control); });
    ffp_.reset();
    login_.reset();
    queue_ = {};
    disarm_all();
    keep_trying_ = established_ = gave_up_ = false;
    ping_sent_.reset();
    if (std::exchange(login_asked_, false)) effects_.push_back(login_finished{why});
    if (std::exchange(logout_asked_, false)) effects_.push_back(logout_finished{why});
    change_state(session_state::idle);
}

void session_core::change_state(session_state to) {
    if (std::exchange(state_, to) != to) effects_.push_back(state_changed{to});
}

bool session_core::connected() const {
    return phase_ == phase::full_feature || phase_ == phase::leaving || phase_ == phase::draining ||
           phase_ == phase::logging_out;
}

failure session_core::about_login(failure why) const {
    const auto& name = options_.login.target_name;
    why.detail = "login to " + (name.empty() ? std::string("the discovery service") : name) + " at " +
                 to_string(current_portal_) + ": " + (why.detail.empty() ? why.code.message() : why.detail);
    return why;
}

failure session_core::about_session(failure why) const {
    const auto& name = options_.login.target_name;
    why.detail = "session with " + (name.empty() ? std::string("the discovery service") : name) + " at " +
                 to_string(current_portal_) + ": " + why.code.message() +
                 (why.detail.empty() ? std::string() : " (" + why.detail + ")");
    return why;
}

std::optional<session_core::effect> session_core::next_effect() {
    if (effects_.empty()) return std::nullopt;
    auto first = std::move(effects_.front());
    effects_.pop_front();
    return first;
}

std::optional<time_point> session_core::deadline() const {
    std::optional<time_point> earliest;
    for (const auto& deadline : deadlines_)
        if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
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
    const auto due = [&](timer which) {
        auto& deadline = at(which);
        if (!deadline || now < *deadline) return false;
        deadline.reset();
        return true;
    };
    if (due(timer::connect)) {
        attempt_failed({login_errc::timed_out,
                        "no TCP connection after " + std::to_string(options_.connect_timeout.count()) + " ms"},
                       now);
    }
    if (due(timer::login) && (phase_ == phase::connecting || phase_ == phase::login)) {
        attempt_failed(
            {login_errc::timed_out, "not finished after " + std::to_string(options_.login_timeout.count()) + " ms"},
            now);
    }
    if (due(timer::logout)) {
        lose_connection({protocol_errc::remote_silent,
                         "no answer to the logout after " + std::to_string(options_.logout_timeout.count()) + " ms"},
                        {},
                        now);
    }
    if (due(timer::reconnect)) begin_attempt(now);
    if (due(timer::give_up)) {
        gave_up_ = true;
        fail_unsent({protocol_errc::local_gave_up_reconnecting, last_failure_.detail});
    }
    if (due(timer::ping)) check_ping(now);
    if (due(timer::tasks)) check_tasks(now);
}

}  // namespace persiscsi
