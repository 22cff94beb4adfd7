// SPDX-License-Identifier: Apache-2.0
#include "daemon/routes.hpp"

#include "daemon/handlers.hpp"

namespace persiscsi::daemon {
namespace {

constexpr auto none = body_kind::none;
constexpr auto json = body_kind::json;
constexpr auto octets = body_kind::octets;

constexpr route table[] = {
    {"GET", "/v1/version", none, get_version, "version of the daemon and of the API"},
    {"GET", "/metrics", none, get_metrics, "for Prometheus: sessions, their counters, the table"},
    {"GET", "/v1/status", none, get_status, "the daemon at a glance, damaged rows included"},
    {"GET",
     "/v1/sessions",
     none,
     list_sessions,
     "live sessions; ?id= &target= &portal= &connection= &isid= &tsih= &connections="},
    {"POST", "/v1/sessions", json, connect_sessions, "log in one or more sessions, all or none"},
    {"DELETE", "/v1/sessions", json, disconnect_sessions, "log sessions out"},
    {"POST", "/v1/sessions/register", json, post_register, "make live sessions persistent"},
    {"POST", "/v1/sessions/unregister", json, post_unregister, "end persistence; live sessions stay as they are"},
    {"POST", "/v1/sessions/wait", json, wait_for_sessions, "answer when all of them are logged in"},
    {"GET", "/v1/sessions/{id}", none, show_session, "one live session"},
    {"GET",
     "/v1/registrations",
     none,
     list_registrations,
     "persistent sessions; ?id= &target= &portal= &isid= &connections="},
    {"DELETE", "/v1/registrations", json, post_unregister, "as /v1/sessions/unregister"},
    {"GET", "/v1/registrations/{id}", none, show_registration, "one persistent session"},
    {"GET", "/v1/connections", none, list_connections, "TCP connections; ?session= &target= &address="},
    {"GET", "/v1/portals", none, list_portals, "discovery portals"},
    {"POST", "/v1/portals", json, add_portal, "add a discovery portal and ask it for targets"},
    {"POST", "/v1/portals/refresh", json, refresh_portals, "ask discovery portals again"},
    {"DELETE", "/v1/portals", json, remove_portals, "remove discovery portals; sessions stay as they are"},
    {"GET", "/v1/targets", none, list_targets, "targets that were discovered or are in use; ?target="},
    {"POST", "/v1/targets/refresh", json, refresh_targets, "ask the portals that told of targets again"},
    {"GET", "/v1/secrets", none, get_secrets, "names and users of the stored secrets, never a secret"},
    {"PUT", "/v1/secrets/{name}", json, put_one_secret, "store or replace a secret"},
    {"DELETE", "/v1/secrets", json, delete_secrets, "remove secrets nobody uses"},
    {"GET", "/v1/sessions/{id}/luns", none, list_units, "logical units of a session"},
    {"GET", "/v1/sessions/{id}/luns/{lun}/inquiry", none, get_inquiry, "who the logical unit says it is"},
    {"GET", "/v1/sessions/{id}/luns/{lun}/capacity", none, get_capacity, "number and size of its blocks"},
    {"GET", "/v1/sessions/{id}/luns/{lun}/ready", none, get_ready, "whether it is ready"},
    {"GET", "/v1/sessions/{id}/luns/{lun}/blocks", none, read_blocks, "read blocks; ?lba=N&blocks=N"},
    {"PUT", "/v1/sessions/{id}/luns/{lun}/blocks", octets, write_blocks, "write whole blocks; ?lba=N"},
    {"POST", "/v1/sessions/{id}/luns/{lun}/flush", none, flush_unit, "write the target's cache to its medium"},
};

// Fills `arguments` with the segments that stand at the pattern's {…}.
bool matches(std::string_view pattern, const std::vector<std::string>& segments, std::vector<std::string>& arguments) {
    std::size_t next = 0;
    while (!pattern.empty()) {
        pattern.remove_prefix(1);
        const auto part = pattern.substr(0, pattern.find('/'));
        pattern.remove_prefix(part.size());
        if (next == segments.size()) return false;
        const auto& segment = segments[next++];
        if (part.starts_with('{'))
            arguments.push_back(segment);
        else if (part != segment)
            return false;
    }
    return next == segments.size();
}

}  // namespace

std::span<const route> routes() {
    return table;
}

found_route find_route(std::string_view verb, const std::vector<std::string>& segments) {
    found_route answer;
    for (const auto& row : table) {
        std::vector<std::string> arguments;
        if (!matches(row.pattern, segments, arguments)) continue;
        if (row.verb == verb) return {&row, std::move(arguments), {}};
        answer.allowed += (answer.allowed.empty() ? "" : ", ") + std::string(row.verb);
    }
    return answer;
}

std::string api_request::query(std::string_view name) const {
    for (const auto& [key, value] : target.query)
        if (key == name) return value;
    return {};
}

}  // namespace persiscsi::daemon
