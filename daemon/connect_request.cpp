// SPDX-License-Identifier: Apache-2.0
// POST /v1/sessions: all sessions of the request are logged in and recorded, or none.
#include "daemon/api_failure.hpp"
#include "daemon/discovery_rounds.hpp"
#include "daemon/handlers.hpp"
#include "daemon/replies.hpp"
#include "daemon/table_view.hpp"

#include <spdlog/spdlog.h>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

// Sessions at the same place that are of no more use: the new one takes their place. Busy where one is in use.
std::vector<persistence::session_id> replaceable(const service& in, const connect_request& wanted) {
    const bool more = wanted.another || wanted.sessions > 1;
    const auto what = "connect " + wanted.login.target + " at " + to_string(portal_of(wanted.login)) + ": ";
    if (!more && in.sessions.is_claimed(wanted.login))
        throw api_failure(api_errc::busy, what + "another request is connecting it just now");
    std::vector<persistence::session_id> dead;
    for (const auto& [id, session] : in.sessions.all()) {
        const auto state = session->state();
        if (!same_place(session->login, wanted.login) || state == session_state::logging_out) continue;
        if (state == session_state::failed)
            dead.push_back(id);
        else if (!more)
            throw api_failure(
                api_errc::busy,
                what + "already connected as session " + to_string(id) + " (" + std::string(to_string(state)) + ")");
    }
    return dead;
}

// The logins of one request, with the registrations they will fulfil.
struct attempt {
    std::vector<kept> up;
    std::vector<new_session> records;
};

std::uint64_t unused_isid(const service& in) {
    while (true) {
        const auto isid = random_isid();
        bool used = false;
        for (const auto& [id, session] : in.sessions.all()) used = used || session->login.isid == isid;
        if (!used) return isid;
    }
}

awaitable<void> log_in_all(service& in,
                           const connect_request& wanted,
                           prepared_connect& prepared,
                           supervisor::claim& claim,
                           const api_request& request,
                           attempt& into) {
    for (std::int64_t n = 0; n < wanted.sessions; ++n) {
        request.go_on_with("connect " + wanted.login.target);
        auto login = wanted.login;
        std::optional<persistence::registration_id> fulfils;
        for (const auto& orphan : prepared.orphans) {
            if (in.sessions.is_claimed(orphan.id)) continue;
            fulfils = orphan.id;
            login = orphan.login;
            claim.registrations.insert(orphan.id);
            break;
        }
        if (!fulfils) login.isid = unused_isid(in);
        const auto id = random_session_id();
        into.up.push_back(co_await in.sessions.log_in(id, login, prepared.secrets, request.until, request.cancel));
        into.records.push_back({id, std::move(login), fulfils});
    }
}

awaitable<void> undo(service& in, attempt& made) {
    for (auto& session : made.up) {
        const auto unconfirmed = co_await in.sessions.log_out(session);
        if (!unconfirmed.empty()) spdlog::warn("session={} undone=\"{}\"", to_string(session->id), unconfirmed);
    }
    made.up.clear();
}

// Logs in and records; after an exception nothing of it is left.
awaitable<attempt> connect_all(service& in, connect_request& wanted, const api_request& request) {
    co_await settle_place(in, wanted.login);
    check_login(with_unnamed_secrets(wanted));
    const auto replaced = replaceable(in, wanted);
    const auto claim = in.sessions.make_claim(wanted.login);
    auto prepared = co_await in.table.run([&](auto& table) {
        check_tls_files(wanted.login);  // here, because no session waits for this thread
        return prepare_connect(table, wanted, replaced);
    });
    attempt made;
    std::exception_ptr failed;
    if (wanted.dry_run) co_return made;
    try {
        co_await log_in_all(in, wanted, prepared, *claim, request, made);
        request.go_on_with("connect " + wanted.login.target);
        co_await in.table.run(
            [&](auto& table) { return record_sessions(table, wanted, made.records, replaced), true; });
    } catch (...) {
        failed = std::current_exception();
    }
    if (failed) {
        co_await undo(in, made);
        std::rethrow_exception(failed);
    }
    for (std::size_t n = 0; n < made.up.size(); ++n) {
        made.up[n]->login = made.records[n].login;
        in.sessions.adopt(made.up[n]);
    }
    for (const auto id : replaced) in.sessions.drop(id);
    co_return made;
}

json::object connected_json(const service& in, const attempt& made, const table_view& view) {
    json::array sessions;
    json::array registrations;
    for (const auto& session : made.up) {
        const auto registered = view.registration_of(session->id);
        sessions.push_back(session_json(*session, view));
        for (const auto& registration : view.registrations)
            if (registered == registration.id)
                registrations.push_back(
                    registration_json(registration, session->id, in.sessions.find(session->id).get(), in.boot_id));
    }
    return {{"sessions", std::move(sessions)}, {"registrations", std::move(registrations)}};
}

}  // namespace

awaitable<api_reply> connect_sessions(service& in, api_request& request) {
    auto wanted = parse_connect(request.body, in.initiator_name);
    const auto made = co_await connect_all(in, wanted, request);
    const auto view = co_await in.table.run(view_with_discovered);
    for (const auto& session : made.up) {
        const auto registration = view.registration_of(session->id);
        spdlog::info("request=connect session={} target={} registration={}",
                     to_string(session->id),
                     session->login.target,
                     registration ? to_string(*registration) : "-");
    }
    api_reply reply;
    reply.body = connected_json(in, made, view);
    co_return reply;
}

}  // namespace persiscsi::daemon
