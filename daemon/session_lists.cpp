// SPDX-License-Identifier: Apache-2.0
// The requests that only look: version, status, lists of sessions, connections and registrations.
#include "daemon/api_failure.hpp"
#include "daemon/handlers.hpp"
#include "daemon/item_results.hpp"
#include "daemon/list_filter.hpp"
#include "daemon/replies.hpp"
#include "daemon/table_view.hpp"
#include "persistence/errors.hpp"

#include <algorithm>
#include <unistd.h>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

json::object counted(const supervisor& sessions) {
    std::int64_t logged_in = 0;
    std::int64_t reconnecting = 0;
    std::int64_t failed = 0;
    for (const auto& [id, session] : sessions.all()) {
        const auto state = session->state();
        logged_in += state == session_state::logged_in ? 1 : 0;
        reconnecting += state == session_state::reconnecting || state == session_state::connecting ? 1 : 0;
        failed += state == session_state::failed ? 1 : 0;
    }
    return {
        {"total", sessions.all().size()}, {"logged_in", logged_in}, {"reconnecting", reconnecting}, {"failed", failed}};
}

// In order of creation.
std::vector<kept> in_order(const supervisor& sessions) {
    std::vector<kept> all;
    for (const auto& [id, session] : sessions.all()) all.push_back(session);
    std::ranges::sort(all, {}, [](const kept& one) { return std::pair(one->created_at, one->id); });
    return all;
}

list_item item_of(const kept_session& session) {
    list_item item{.id = to_string(session.id), .login = session.login};
    if (!session.wire) return item;
    if (const auto& agreed = session.wire->agreed()) item.tsih = static_cast<std::uint16_t>(agreed->tsih);
    for (const auto& one : session.wire->connections()) {
        if (one.ends) item.connections.push_back(item.id + ":" + std::to_string(one.cid));
        item.connection_count += one.logged_in ? 1U : 0U;
    }
    return item;
}

list_item item_of(const persistence::registration& registration) {
    return {.id = to_string(registration.id),
            .login = registration.login,
            .connection_count = registration.login.connections};
}

}  // namespace

awaitable<api_reply> get_version(service&, api_request&) {
    api_reply reply;
    reply.body = json::object{{"version", PERSISCSI_VERSION}, {"api", 1}};
    co_return reply;
}

awaitable<api_reply> get_status(service& in, api_request&) {
    const auto view = co_await in.table.run(view_with_damage);
    json::array damaged;
    for (const auto& row : view.damaged) damaged.push_back(damaged_json(row));
    api_reply reply;
    reply.body = json::object{{"version", PERSISCSI_VERSION},
                              {"pid", ::getpid()},
                              {"boot_id", in.boot_id},
                              {"started_at", time_text(in.started_at)},
                              {"state_dir", in.state_dir.native()},
                              {"initiator_name", in.initiator_name},
                              {"sessions", counted(in.sessions)},
                              {"registrations", view.registrations.size()},
                              {"orphan_registrations", view.orphans()},
                              {"unregistered_sessions", view.unregistered()},
                              {"secrets", view.secrets},
                              {"damaged_rows", std::move(damaged)}};
    co_return reply;
}

awaitable<api_reply> list_sessions(service& in, api_request& request) {
    const auto filter = parse_filter(request.target.query);
    const auto view = co_await in.table.run(view_with_discovered);
    json::array all;
    for (const auto& session : in_order(in.sessions))
        if (filter.lets_pass(item_of(*session))) all.push_back(session_json(*session, view));
    api_reply reply;
    reply.body = json::object{{"sessions", std::move(all)}};
    co_return reply;
}

awaitable<api_reply> show_session(service& in, api_request& request) {
    const auto view = co_await in.table.run(view_with_discovered);
    const auto session = session_named(in, request.arguments.at(0));
    api_reply reply;
    reply.body = session_json(*session, view);
    co_return reply;
}

awaitable<api_reply> list_connections(service& in, api_request& request) {
    const auto filter = parse_connection_filter(request.target.query);
    json::array all;
    for (const auto& session : in_order(in.sessions))
        for (auto& connection : connections_json(*session))
            if (filter.lets_pass(
                    to_string(session->id), session->login.target, connection.at("remote_address").as_string()))
                all.push_back(std::move(connection));
    api_reply reply;
    reply.body = json::object{{"connections", std::move(all)}};
    co_return reply;
}

awaitable<api_reply> list_registrations(service& in, api_request& request) {
    const auto filter = parse_filter(request.target.query);
    const auto view = co_await in.table.run(view_table);
    json::array all;
    for (const auto& registration : view.registrations) {
        if (!filter.lets_pass(item_of(registration))) continue;
        const auto session = view.session_of(registration.id);
        const auto live = session ? in.sessions.find(*session) : nullptr;
        all.push_back(registration_json(registration, session, live.get(), in.boot_id));
    }
    api_reply reply;
    reply.body = json::object{{"registrations", std::move(all)}};
    co_return reply;
}

awaitable<api_reply> show_registration(service& in, api_request& request) {
    const auto view = co_await in.table.run(view_table);
    const auto& name = request.arguments.at(0);
    const auto wanted = persistence::parse_registration_id(name);
    for (const auto& registration : view.registrations) {
        if (!wanted || registration.id != *wanted) continue;
        const auto session = view.session_of(registration.id);
        const auto live = session ? in.sessions.find(*session) : nullptr;
        api_reply reply;
        reply.body = registration_json(registration, session, live.get(), in.boot_id);
        co_return reply;
    }
    throw api_failure(api_errc::not_found,
                      "show registration " + persistence::in_quotes(echoed(name)) + ": no such registration");
}

}  // namespace persiscsi::daemon
