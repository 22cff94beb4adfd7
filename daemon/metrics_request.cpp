// SPDX-License-Identifier: Apache-2.0
// GET /metrics: what a monitoring system wants to know, in Prometheus' text format.
#include "daemon/handlers.hpp"
#include "daemon/metrics.hpp"
#include "daemon/table_view.hpp"

#include <chrono>
#include <functional>
#include <map>

namespace persiscsi::daemon {
namespace {

using enum metric_kind;

struct session_metric {
    std::string_view name;
    metric_kind kind;
    std::string_view help;
    std::function<std::uint64_t(const kept_session&)> value;
};

template <std::uint64_t session_counters::*Counter>
std::uint64_t counted(const kept_session& session) {
    return session.wire ? session.wire->counters().*Counter : 0;
}

std::uint64_t connections_up(const kept_session& session) {
    std::uint64_t up = 0;
    if (!session.wire) return up;
    for (const auto& connection : session.wire->connections()) up += connection.logged_in ? 1 : 0;
    return up;
}

using c = session_counters;

const session_metric session_metrics[] = {
    {"persiscsi_session_up",
     gauge,
     "1 while the session is in Full Feature Phase",
     [](const kept_session& one) { return one.state() == session_state::logged_in ? 1U : 0U; }},
    {"persiscsi_session_connections", gauge, "connections that are logged in", connections_up},
    {"persiscsi_session_logins_total", counter, "logins, reinstatements included", counted<&c::logins>},
    {"persiscsi_session_connection_logins_total", counter, "logins of connections", counted<&c::connection_logins>},
    {"persiscsi_session_connections_recovered_total",
     counter,
     "lost connections recovered within the session",
     counted<&c::connections_recovered>},
    {"persiscsi_session_tasks_reassigned_total", counter, "tasks reassigned", counted<&c::tasks_reassigned>},
    {"persiscsi_session_commands_retried_total",
     counter,
     "commands sent again with their CmdSN",
     counted<&c::commands_retried>},
    {"persiscsi_session_snacks_total", counter, "requests for lost PDUs", counted<&c::snacks>},
};

void tell_sessions(metrics_text& text, const supervisor& sessions) {
    std::map<session_state, std::uint64_t> states;
    for (const auto state : {session_state::connecting,
                             session_state::logged_in,
                             session_state::reconnecting,
                             session_state::logging_out,
                             session_state::failed})
        states[state] = 0;
    for (const auto& [id, session] : sessions.all()) ++states[session->state()];
    text.begin("persiscsi_sessions", gauge, "sessions by state");
    for (const auto& [state, count] : states) text.add({{"state", std::string(to_string(state))}}, count);
    for (const auto& metric : session_metrics) {
        text.begin(metric.name, metric.kind, metric.help);
        for (const auto& [id, session] : sessions.all())
            text.add({{"session", to_string(id)},
                      {"target", session->login.target},
                      {"portal", to_string(portal_of(session->login))}},
                     metric.value(*session));
    }
}

void tell_table(metrics_text& text, const table_view& view) {
    const auto one = [&text](std::string_view name, std::string_view help, std::size_t value) {
        text.begin(name, gauge, help);
        text.add({}, value);
    };
    one("persiscsi_registrations", "persistent sessions", view.registrations.size());
    one("persiscsi_orphan_registrations", "registrations without a session", view.orphans());
    one("persiscsi_unregistered_sessions", "sessions without a registration", view.unregistered());
    one("persiscsi_secrets", "stored secrets", view.secrets);
    one("persiscsi_discovered_targets", "targets that discovery portals told of", view.discovered.size());
    one("persiscsi_damaged_rows", "rows of the table that are set aside", view.damaged.size());
}

std::uint64_t seconds_of(persistence::timestamp when) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count());
}

}  // namespace

awaitable<api_reply> get_metrics(service& in, api_request&) {
    const auto view = co_await in.table.run(view_with_damage);
    metrics_text text;
    text.begin("persiscsi_build_info", gauge, "always 1");
    text.add({{"version", PERSISCSI_VERSION}}, 1);
    text.begin("persiscsi_start_time_seconds", gauge, "when the daemon was started, since 1970-01-01 UTC");
    text.add({}, seconds_of(in.started_at));
    tell_table(text, view);
    tell_sessions(text, in.sessions);
    const auto all = text.take();
    const auto* bytes = reinterpret_cast<const std::byte*>(all.data());
    api_reply reply;
    reply.is_octets = true;
    reply.octet_type = "text/plain; version=0.0.4; charset=utf-8";
    reply.octets.assign(bytes, bytes + all.size());
    co_return reply;
}

}  // namespace persiscsi::daemon
