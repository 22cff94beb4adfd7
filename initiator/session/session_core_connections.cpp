// SPDX-License-Identifier: Apache-2.0
// The life of one connection: transport, login, Full Feature Phase, silence.
#include "initiator/session/session_core.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi {
namespace {

using std::chrono::milliseconds;

/// MaxRecvDataSegmentLength before Full Feature Phase (RFC 7143 §13.12).
constexpr std::uint32_t login_data_segment_length = 8192;
constexpr std::uint32_t most_redirects = 5;
/// All Login PDUs of one login carry this tag, its connection's own; the task table never gives one of them.
pdu::task_tag login_tag_of(const connection& which) {
    return static_cast<pdu::task_tag>((std::uint32_t{which.number} << 16U) | 0xffffU);
}

constexpr auto first_cmd_sn = pdu::command_sn{1};

bool target_wants_no_more_connections(const failure& why) {
    return why.code == login_errc::too_many_connections || why.code == login_errc::cannot_include_in_session ||
           why.code == login_errc::other_portal_group;
}

}  // namespace

void session_core::begin_attempt(connection& which, time_point now) {
    which.redirects = 0;
    if (which.leads) change_state(established_ ? session_state::reconnecting : session_state::connecting);
    which.at(connection_timer::login) = now + options_.login_timeout;
    open(which, which.leads ? options_.portal : established_at_, now);
}

void session_core::open(connection& which, const portal& to, time_point now) {
    which.enter(connection_event::transport_requested);
    which.where = to;
    which.at(connection_timer::connect) = now + options_.connect_timeout;
    effects_.push_back(open_transport{to, which.number});
}

void session_core::on_transport_up(time_point now, connection_number number) {
    now_ = now;
    auto& which = *connections_[number];
    if (which.state != connection_state::xpt_wait) return;
    which.enter(connection_event::transport_up);
    which.at(connection_timer::connect).reset();
    which.queue = {};
    which.reader = pdu::pdu_reader(login_data_segment_length);
    if (which.leads) window_ = command_window(first_cmd_sn);
    if (which.predecessor == connection_state::free) which.exp_stat_sn = {};  // else RFC 7143 §11.12.9
    which.last_heard = now;
    const pdu::connection_id cid{number};
    which.login = which.leads ? login_dialogue(options_.login, pdu::tsih::fresh, cid, random_)
                              : login_dialogue(options_.login, *agreed_, cid, random_);
    take_login_step(which, which.login->start(), now);
}

void session_core::on_transport_lost(failure why, time_point now, connection_number number) {
    now_ = now;
    auto& which = *connections_[number];
    switch (which.state) {
        case connection_state::xpt_wait:
        case connection_state::in_login:
            attempt_failed(which, std::move(why), now);
            break;
        case connection_state::logged_in:
        case connection_state::in_logout:
        case connection_state::logout_requested:
            lose_connection(which, std::move(why), now);
            break;
        default:
            break;
    }
}

void session_core::take_login_step(connection& which, login_dialogue::step step, time_point now) {
    if (auto* request = std::get_if<login_dialogue::request>(&step)) {
        request->pdu.initiator_task_tag = login_tag_of(which);
        request->pdu.cmd_sn = window_.next();
        request->pdu.exp_stat_sn = which.exp_stat_sn;
        which.queue.push(pdu::frame(pdu::encode(request->pdu), std::move(request->data), pdu::digests{}),
                         login_tag_of(which));
    } else if (auto* agreed = std::get_if<negotiated>(&step)) {
        enter_full_feature(which, *agreed, now);
    } else if (auto* redirect = std::get_if<login_dialogue::redirect>(&step)) {
        if (++which.redirects > most_redirects) {
            attempt_failed(
                which, {login_errc::too_many_redirects, std::to_string(which.redirects) + " redirections"}, now);
            return;
        }
        const auto to = redirect->to;
        const auto until = which.at(connection_timer::login);
        close_transport_of(which, connection_event::transport_failed);
        which.at(connection_timer::login) = until;
        open(which, to, now);
    } else {
        attempt_failed(which, std::get<failure>(std::move(step)), now);
    }
}

failure session_core::on_login_pdu(connection& which, time_point now) {
    const auto opcode = pdu::opcode_of(which.reader.header());
    if (opcode != pdu::opcode::login_response) {
        return {protocol_errc::remote_unexpected_pdu,
                "opcode " + std::to_string(static_cast<unsigned>(opcode)) + " in the Login Phase"};
    }
    const auto response = pdu::decode<pdu::login_response>(which.reader.header());
    if (response.initiator_task_tag != login_tag_of(which)) {
        return {protocol_errc::remote_unknown_task_tag, "Login Response for another task"};
    }
    which.exp_stat_sn = response.stat_sn.next();
    window_.update(response.exp_cmd_sn, response.max_cmd_sn);
    take_login_step(which, which.login->on_response(response, which.reader.data()), now);
    return {};
}

void session_core::enter_full_feature(connection& which, const negotiated& agreed, time_point now) {
    if (which.leads) agreed_ = agreed;
    which.login.reset();
    which.reader.expect(agreed.max_recv_data_segment_length,
                        {.header = agreed.header_digest, .data = agreed.data_digest});
    which.ffp.emplace(agreed, which.number, window_, which.exp_stat_sn, tasks_, which.queue);
    which.enter(connection_event::logged_in);
    which.deadlines = {};
    which.logged_in_at = now;
    which.made_progress = false;
    which.ping_sent.reset();
    if (options_.login.type == session_type::normal) which.at(connection_timer::ping) = now + options_.ping_interval;
    ++counters_.connection_logins;
    if (which.leads) enter_operational(which, now);
    at(timer::give_up).reset();
    gave_up_ = false;
    if (std::exchange(login_asked_, false)) effects_.push_back(login_finished{});
    if (phase_ == phase::operational) change_state(session_state::logged_in);
    if (which.predecessor == connection_state::in_cleanup) {  // this login was its implicit logout
        which.clean_up(connection_event::cleanup_succeeded);
        ++counters_.connections_recovered;
        recover_tasks(which, true, now);
    }
    start_logout_when_drained(now);
}

void session_core::add_connections(time_point now) {
    const auto wanted = std::min(options_.login.wishes.max_connections, agreed_->max_connections);
    while (connections_.size() < wanted) {
        connections_.push_back(std::make_unique<connection>(static_cast<connection_number>(connections_.size())));
    }
    for (std::size_t i = 0; i < wanted; ++i) {
        auto& one = *connections_[i];
        if (one.state == connection_state::free) begin_attempt(one, now);
    }
}

void session_core::attempt_failed(connection& which, failure why, time_point now) {
    last_failure_ = about_login(std::move(why), which);
    close_transport_of(which, connection_event::transport_failed);
    if (which.leads) {
        if (established_ || keep_trying_) {
            pause(which, {}, now);
            return;
        }
        phase_ = phase::closed;
        which.leads = false;
        fail_unsent(last_failure_);
        login_asked_ = false;
        effects_.push_back(login_finished{last_failure_});
        change_state(session_state::failed);
        return;
    }
    if (which.predecessor == connection_state::in_cleanup) which.clean_up(connection_event::cleanup_failed);
    if (last_failure_.code == login_errc::session_does_not_exist) {
        lose_session(last_failure_, {}, now);
    } else if (which.predecessor == connection_state::free && target_wants_no_more_connections(last_failure_)) {
        which.retired = true;
    } else {
        pause(which, {}, now);
    }
}

void session_core::pause(connection& which, milliseconds at_least, time_point now) {
    which.at(connection_timer::reconnect) = now + std::max(at_least, backoff(which.attempts));
    ++which.attempts;
    if (which.leads) change_state(established_ ? session_state::reconnecting : session_state::connecting);
}

milliseconds session_core::backoff(std::uint32_t attempts) {
    if (attempts == 0) return milliseconds(0);
    const auto doublings = std::min<std::uint32_t>(attempts - 1, 20);
    const auto whole = std::min(options_.backoff_longest, options_.backoff_first * (std::int64_t{1} << doublings));
    std::array<std::byte, 1> chance{};
    random_(chance);  // from three quarters to all of it: a crowd of initiators spreads out
    return whole - whole * std::to_integer<int>(chance[0]) / 1024;
}

/// Whatever state it is in, by this event where the state knows it.
void session_core::close_transport_of(connection& which, connection_event event) {
    which.deadlines = {};
    which.ping_sent.reset();
    if (which.state == connection_state::free) return;
    effects_.push_back(close_transport{which.number});
    if (which.ffp) {
        which.exp_stat_sn = which.ffp->exp_stat_sn();
        counters_.snacks += which.ffp->snacks();
    }
    which.ffp.reset();
    which.negotiation.reset();
    which.login.reset();
    which.queue = {};
    which.enter(event);
    if (which.state == connection_state::cleanup_wait) {  // it is CSM-C now, and this object is that of its successor
        which.predecessor = std::exchange(which.state, connection_state::free);
    }
}

void session_core::check_ping(connection& which, time_point now) {
    if (!which.connected()) return;
    const auto quiet_until = which.last_heard + options_.ping_interval;
    auto& ping_sent = which.ping_sent;
    if (ping_sent && now >= std::max(which.last_heard, *ping_sent) + options_.ping_timeout) {
        const auto silence = std::chrono::duration_cast<milliseconds>(now - which.last_heard);
        lose_connection(
            which, {protocol_errc::remote_silent, "silent for " + std::to_string(silence.count()) + " ms"}, now);
        return;
    }
    if (!ping_sent && now >= quiet_until) {
        if (auto* ping = tasks_.insert(task_kind::ping, nullptr)) {
            which.ffp->send_ping(*ping);
            ping_sent = now;
        }
    }
    which.at(connection_timer::ping) = ping_sent ? std::max(which.last_heard, *ping_sent) + options_.ping_timeout
                                                 : std::max(quiet_until, now + milliseconds(1));
}

failure session_core::about_login(failure why, const connection& about) const {
    const auto& name = options_.login.target_name;
    why.detail = "login to " + (name.empty() ? std::string("the discovery service") : name) + " at " +
                 to_string(about.where) + ": " + (why.detail.empty() ? why.code.message() : why.detail);
    return why;
}

void session_core::on_connection_deadline(connection& which, time_point now) {
    const auto due = [&](connection_timer one) {
        auto& deadline = which.at(one);
        if (!deadline || now < *deadline) return false;
        deadline.reset();
        return true;
    };
    if (due(connection_timer::connect)) {
        attempt_failed(which,
                       {login_errc::timed_out,
                        std::string(options_.tls.enabled ? "no TLS" : "no TCP") + " connection after " +
                            std::to_string(options_.connect_timeout.count()) + " ms"},
                       now);
    }
    if (due(connection_timer::login)) {
        attempt_failed(
            which,
            {login_errc::timed_out, "not finished after " + std::to_string(options_.login_timeout.count()) + " ms"},
            now);
    }
    if (due(connection_timer::logout)) log_out_connection(which, now);
    if (due(connection_timer::reassign)) take_up_again(which, now);
    if (due(connection_timer::reconnect)) reconnect(which, now);
    if (due(connection_timer::ping)) check_ping(which, now);
}

}  // namespace persiscsi
