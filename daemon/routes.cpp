// SPDX-License-Identifier: Apache-2.0
#include "daemon/routes.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/handlers.hpp"

namespace persiscsi::daemon {
namespace {

constexpr auto none = body_kind::none;
constexpr auto json = body_kind::json;
constexpr auto octets = body_kind::octets;
constexpr auto text = body_kind::text;
constexpr auto see = access::see;
constexpr auto operate = access::operate;

constexpr route table[] = {
    {"GET", "/v1/version", none, see, get_version, "version of the daemon and of the API"},
    {"GET", "/v1/openapi.json", none, see, get_openapi, "this description, in OpenAPI 3.0"},
    {"GET", "/metrics", none, see, get_metrics, "for Prometheus: sessions, their counters, the table", "", text},
    {"GET", "/v1/status", none, see, get_status, "the daemon at a glance, damaged rows included"},
    {"GET",
     "/v1/boot/preview",
     none,
     see,
     get_boot_preview,
     "who will log in after the next reboot, who will not, and why"},
    {"GET",
     "/v1/sessions",
     none,
     see,
     list_sessions,
     "live sessions",
     "id target portal connection isid tsih connections"},
    {"POST", "/v1/sessions", json, operate, connect_sessions, "log in one or more sessions, all or none"},
    {"DELETE", "/v1/sessions", json, operate, disconnect_sessions, "log sessions out"},
    {"POST", "/v1/sessions/register", json, operate, post_register, "make live sessions persistent"},
    {"POST",
     "/v1/sessions/unregister",
     json,
     operate,
     post_unregister,
     "end persistence; live sessions stay as they are"},
    {"POST", "/v1/sessions/wait", json, see, wait_for_sessions, "answer when all of them are logged in"},
    {"GET", "/v1/sessions/{id}", none, see, show_session, "one live session"},
    {"GET",
     "/v1/registrations",
     none,
     see,
     list_registrations,
     "persistent sessions",
     "id target portal isid connections"},
    {"DELETE", "/v1/registrations", json, operate, post_unregister, "as /v1/sessions/unregister"},
    {"GET", "/v1/registrations/{id}", none, see, show_registration, "one persistent session"},
    {"GET", "/v1/connections", none, see, list_connections, "TCP connections", "session target address"},
    {"GET", "/v1/portals", none, see, list_portals, "discovery portals"},
    {"POST", "/v1/portals", json, operate, add_portal, "add a discovery portal and ask it for targets"},
    {"POST", "/v1/portals/refresh", json, operate, refresh_portals, "ask discovery portals again"},
    {"DELETE", "/v1/portals", json, operate, remove_portals, "remove discovery portals; sessions stay as they are"},
    {"GET", "/v1/targets", none, see, list_targets, "targets that were discovered or are in use", "target"},
    {"POST", "/v1/targets/refresh", json, operate, refresh_targets, "ask the portals that told of targets again"},
    {"GET", "/v1/secrets", none, see, get_secrets, "names and users of the stored secrets, never a secret"},
    {"PUT", "/v1/secrets/{name}", json, operate, put_one_secret, "store or replace a secret"},
    {"DELETE", "/v1/secrets", json, operate, delete_secrets, "remove secrets nobody uses"},
    {"GET", "/v1/table", none, operate, get_table, "backup of registrations, portals and secrets, these sealed"},
    {"POST", "/v1/table", body_kind::table, operate, import_into_table, "add what a backup has and the table lacks"},
    {"POST", "/v1/table/rekey", json, operate, renew_key, "make a new key and seal every secret with it"},
    {"GET", "/v1/jobs", none, see, list_jobs, "requests in the background: any of a JSON body with ?job=1"},
    {"GET", "/v1/jobs/{id}", none, see, show_job, "one job, with the answer of its request"},
    {"POST", "/v1/jobs/{id}/wait", none, see, wait_for_job, "answer when it has ended"},
    {"POST", "/v1/jobs/{id}/cancel", none, operate, cancel_job, "what it has not begun is left undone"},
    {"GET", "/v1/sessions/{id}/luns", none, see, list_units, "logical units of a session"},
    {"GET", "/v1/sessions/{id}/luns/{lun}/inquiry", none, see, get_inquiry, "who the logical unit says it is"},
    {"GET", "/v1/sessions/{id}/luns/{lun}/capacity", none, see, get_capacity, "number and size of its blocks"},
    {"GET", "/v1/sessions/{id}/luns/{lun}/ready", none, see, get_ready, "whether it is ready"},
    {"GET", "/v1/sessions/{id}/luns/{lun}/blocks", none, operate, read_blocks, "read blocks", "lba blocks", octets},
    {"PUT", "/v1/sessions/{id}/luns/{lun}/blocks", octets, operate, write_blocks, "write whole blocks", "lba"},
    {"POST", "/v1/sessions/{id}/luns/{lun}/flush", none, operate, flush_unit, "write the target's cache to its medium"},
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

void api_request::go_on_with(std::string_view what) const {
    if (cancel != nullptr && cancel->asked())
        throw api_failure(api_errc::cancelled, std::string(what) + ": cancelled, and nothing of it was done");
}

}  // namespace persiscsi::daemon
