// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervisor.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/names.hpp"
#include "initiator/errors.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace persiscsi::daemon {
namespace asio = boost::asio;
namespace {

// An entry of a list for as long as a scope lasts.
template <class Item>
class listed {
  public:
    listed(std::list<Item*>& list, Item& item) : list_(list), place_(list.insert(list.end(), &item)) {}
    listed(const listed&) = delete;
    listed& operator=(const listed&) = delete;
    ~listed() { list_.erase(place_); }

  private:
    std::list<Item*>& list_;
    typename std::list<Item*>::iterator place_;
};

std::string place_text(const persistence::login_record& login) {
    return login.target + " at " + to_string(portal_of(login));
}

// "login to … at …", "discovery at …": what went wrong.
std::string act_text(const persistence::login_record& login) {
    return login.target.empty() ? "discovery at " + to_string(portal_of(login)) : "login to " + place_text(login);
}

api_failure login_failure(const persistence::login_record& login, const error_code& code, const diagnostics& story) {
    const bool no_way_there = code == login_errc::connect_failed || code == login_errc::host_not_found;
    const auto kind = code == login_errc::timed_out    ? api_errc::timed_out
                      : code == login_errc::bad_option ? api_errc::bad_request
                      : no_way_there                   ? api_errc::unreachable
                                                       : api_errc::login_failed;
    return {kind, story.empty() ? act_text(login) + ": " + code.message() : story};
}

// What ended a login or a discovery; nothing where it went well.
void throw_if_failed(const persistence::login_record& login,
                     const error_code& code,
                     const diagnostics& story,
                     const time_limit& limit,
                     const cancellation* cancel) {
    if (code && cancel != nullptr && cancel->asked())
        throw api_failure(api_errc::cancelled, act_text(login) + ": cancelled");
    if (code && limit.passed())
        throw api_failure(api_errc::timed_out, act_text(login) + ": not done in the time given");
    if (code) throw login_failure(login, code, story);
}

}  // namespace

session_state kept_session::state() const {
    if (!wire) return session_state::failed;
    const auto now = wire->state();
    return now == session_state::idle ? session_state::connecting : now;
}

std::string kept_session::last_error() const {
    if (!wire) return broken;
    const auto& failed = wire->last_failure();
    if (!failed) return {};
    return failed.detail.empty() ? failed.code.message() : failed.detail;
}

kept supervisor::build(persistence::session_id id, persistence::login_record login, const login_secrets& secrets) {
    auto built = std::make_shared<kept_session>();
    built->id = id;
    built->login = std::move(login);
    built->created_at = persistence::time_now();
    wire_up(*built, secrets);
    return built;
}

void supervisor::wire_up(kept_session& one, const login_secrets& secrets) {
    one.wire = std::make_shared<session>(executor_, options_of(one.login, secrets));
    one.broken.clear();
    watch(one);
}

void supervisor::watch(kept_session& watched) {
    watched.wire->on_state_change([this, one = &watched](session_state now) {
        spdlog::info("session={} state={} target={} portal={} isid={}",
                     to_string(one->id),
                     to_string(now),
                     one->login.target,
                     to_string(portal_of(one->login)),
                     isid_text(one->login.isid));
        if (const auto& failed = one->wire->last_failure(); failed && now != session_state::logged_in)
            spdlog::warn("session={} last_error=\"{}\"", to_string(one->id), one->last_error());
        changed();
    });
}

void supervisor::changed() {
    for (auto* timer : waiting_) timer->cancel();
}

void supervisor::keep_logged_in(planned_session planned) {
    kept session;
    if (planned.broken.empty()) {
        session = build(planned.id, std::move(planned.login), planned.secrets);
    } else {
        spdlog::error("session={} cannot_log_in=\"{}\"", to_string(planned.id), planned.broken);
        session = std::make_shared<kept_session>();
        session->id = planned.id;
        session->login = std::move(planned.login);
        session->broken = std::move(planned.broken);
    }
    session->created_at = planned.created_at;
    session->resumed = planned.resumed;
    adopt(session);
    if (session->wire) session->wire->keep_logged_in();
}

asio::awaitable<kept> supervisor::log_in(persistence::session_id id,
                                         persistence::login_record login,
                                         const login_secrets& secrets,
                                         deadline until,
                                         cancellation* cancel) {
    if (stopping_) throw api_failure(api_errc::busy, act_text(login) + ": the daemon is stopping");
    auto session = build(id, std::move(login), secrets);
    time_limit limit(executor_, until);
    const listed<time_limit> under_way(logins_, limit);
    const cancellation::watch watched(cancel, limit);
    diagnostics story;
    error_code code;
    co_await session->wire->async_login(
        story, asio::bind_cancellation_slot(limit.slot(), asio::redirect_error(asio::use_awaitable, code)));
    throw_if_failed(session->login, code, story, limit, cancel);
    co_return session;
}

asio::awaitable<std::vector<discovered_target>> supervisor::discover(persistence::login_record login,
                                                                     const login_secrets& secrets,
                                                                     deadline until,
                                                                     cancellation* cancel) {
    if (stopping_) throw api_failure(api_errc::busy, act_text(login) + ": the daemon is stopping");
    login.isid = random_isid();
    time_limit limit(executor_, until);
    const listed<time_limit> under_way(logins_, limit);
    const cancellation::watch watched(cancel, limit);
    diagnostics story;
    error_code code;
    auto found = co_await async_discover(
        executor_,
        options_of(login, secrets),
        story,
        asio::bind_cancellation_slot(limit.slot(), asio::redirect_error(asio::use_awaitable, code)));
    throw_if_failed(login, code, story, limit, cancel);
    co_return found;
}

void supervisor::renew(const kept& session, const login_secrets& secrets) {
    const auto state = session->state();
    const bool waiting = state == session_state::connecting && session->wire->logins() == 0;
    if (stopping_ || (state != session_state::failed && !waiting)) return;
    spdlog::info("session={} renewed target={}", to_string(session->id), session->login.target);
    wire_up(*session, secrets);
    session->wire->keep_logged_in();
    changed();
}

void supervisor::adopt(kept session) {
    const auto id = session->id;
    kept_[id] = std::move(session);
    changed();
}

asio::awaitable<std::string> supervisor::log_out(kept session) {
    diagnostics story;
    error_code code;
    const bool up = session->state() == session_state::logged_in;
    if (session->wire) co_await session->wire->async_logout(story, asio::redirect_error(asio::use_awaitable, code));
    if (const auto found = kept_.find(session->id); found != kept_.end() && found->second == session)
        kept_.erase(found);
    changed();
    spdlog::info("session={} closed confirmed={}", to_string(session->id), !code && up);
    if (!code || !up) co_return std::string();
    co_return "closed, but the target did not confirm the logout: " + (story.empty() ? code.message() : story);
}

asio::awaitable<void> supervisor::log_out_all(deadline until) {
    stopping_ = true;
    end_logins();
    std::vector<kept> all;
    for (const auto& [id, session] : kept_) all.push_back(session);
    for (const auto& session : all) asio::co_spawn(executor_, log_out(session), asio::detached);
    all.clear();
    while (!kept_.empty()) {
        const bool in_time = co_await next_change(until);
        if (!in_time) break;
    }
}

void supervisor::let_go() {
    stopping_ = true;
    end_logins();
    kept_.clear();
    changed();
}

void supervisor::end_logins() {
    for (auto* login : std::vector(logins_.begin(), logins_.end())) login->stop();
}

void supervisor::drop(persistence::session_id id) {
    const auto session = find(id);
    if (!session) return;
    if (session->state() == session_state::logged_in) {  // it came up in the very moment
        asio::co_spawn(executor_, log_out(session), asio::detached);
        return;
    }
    spdlog::info("session={} dropped target={}", to_string(id), session->login.target);
    kept_.erase(id);
    changed();
}

kept supervisor::find(persistence::session_id id) const {
    const auto found = kept_.find(id);
    return found == kept_.end() ? nullptr : found->second;
}

std::set<persistence::session_id> supervisor::never_up() const {
    std::set<persistence::session_id> ids;
    for (const auto& [id, session] : kept_)
        if (session->never_up()) ids.insert(id);
    return ids;
}

asio::awaitable<bool> supervisor::next_change(deadline until) {
    asio::steady_timer timer(executor_, until);
    const listed<asio::steady_timer> entry(waiting_, timer);
    error_code code;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, code));
    co_return code == asio::error::operation_aborted;
}

supervisor::claim_ticket supervisor::make_claim(const persistence::login_record& place) {
    std::erase_if(claims_, [](const auto& one) { return one.expired(); });
    auto made = std::make_shared<claim>(claim{place, {}});
    claims_.push_back(made);
    return made;
}

bool supervisor::is_claimed(const persistence::login_record& place) const {
    return std::ranges::any_of(claims_, [&](const auto& one) {
        const auto held = one.lock();
        return held && same_place(held->place, place);
    });
}

bool supervisor::is_claimed(persistence::registration_id registration) const {
    return std::ranges::any_of(claims_, [&](const auto& one) {
        const auto held = one.lock();
        return held && held->registrations.contains(registration);
    });
}

}  // namespace persiscsi::daemon
