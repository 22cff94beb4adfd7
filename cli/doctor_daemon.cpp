// SPDX-License-Identifier: Apache-2.0
#include "cli/daemon_link.hpp"
#include "cli/doctor.hpp"
#include "cli/stored_secrets.hpp"
#include "cli/text_table.hpp"

#include <algorithm>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

void add(checks& to, const char* name, health result, const std::string& message) {
    to.push_back({name, result, message});
}

std::string counted(std::size_t many, const std::string& what) {
    return std::to_string(many) + " " + what + (many == 1 ? "" : "s");
}

const json::array* list_member(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value != nullptr ? value->if_array() : nullptr;
}

/// What brings such a row back to health.
std::string cure_of(const std::string& table, const std::string& id) {
    if (table == "registrations")
        return "nobody logs it in: remove it (persiscsi registration remove " + id + ") and connect with --register";
    if (table == "secrets") return "set it again (persiscsi secret set NAME), or remove it";
    if (table == "live_sessions") return "it is not resumed by the next start, and forgotten at the next reboot";
    return "restart persiscsid; if it stays, keep a copy of the state directory";
}

std::string place_of(const json::object& registration) {
    return text_in(registration, "id") + " (" + text_in(registration, "target") + " at " +
           text_in(registration, "portal") + ")";
}

const json::object* session_named(const json::array& sessions, const std::string& id) {
    const auto* found =
        std::ranges::find_if(sessions, [&](const json::value& one) { return text_in(one.as_object(), "id") == id; });
    return found != sessions.end() ? &found->as_object() : nullptr;
}

check check_registration(const json::object& registration, const json::array& sessions) {
    const auto id = text_in(registration, "session_id");
    const auto place = place_of(registration);
    if (id.empty())
        return {"registration",
                health::warning,
                place + " has no session: it is logged in after the next reboot, or now by persiscsi target connect"};
    const auto* session = session_named(sessions, id);
    const auto state = session != nullptr ? text_in(*session, "state") : "not kept by the daemon";
    if (state == "logged_in") return {"registration", health::ok, place + " is logged in"};
    const auto error = session != nullptr ? text_in(*session, "last_error") : std::string();
    return {"registration",
            state == "failed" ? health::problem : health::warning,
            place + " is " + state + (error.empty() ? "" : ": " + error)};
}

bool is_stored(const json::array& secrets, const std::string& name) {
    return std::ranges::any_of(secrets,
                               [&](const json::value& one) { return text_in(one.as_object(), "name") == name; });
}

}  // namespace

std::string_view to_string(health result) {
    if (result == health::ok) return "ok";
    return result == health::warning ? "warning" : "problem";
}

checks check_versions(const json::object& status) {
    const auto daemon = text_in(status, "version");
    if (daemon == PERSISCSI_VERSION) return {{"version", health::ok, "persiscsi and persiscsid are " + daemon}};
    return {{"version",
             health::warning,
             "persiscsi is " PERSISCSI_VERSION ", persiscsid " + daemon +
                 ": start the new one after persiscsid --handover, which keeps the sessions"}};
}

checks check_table(const json::object& status) {
    checks found;
    const auto* damaged = list_member(status, "damaged_rows");
    if (damaged == nullptr) return {{"table", health::warning, "the daemon does not say whether rows are damaged"}};
    for (const auto& row : *damaged) {
        if (!row.is_object()) continue;
        const auto table = text_in(row.as_object(), "table");
        const auto id = text_in(row.as_object(), "id");
        add(found,
            "table",
            health::problem,
            id + " of " + table + " is damaged (" + text_in(row.as_object(), "reason") + "): " + cure_of(table, id));
    }
    if (found.empty()) add(found, "table", health::ok, "no damaged rows");
    return found;
}

checks check_registrations(const json::array& registrations, const json::array& sessions) {
    checks found;
    for (const auto& one : registrations)
        if (auto result = check_registration(one.as_object(), sessions); result.result != health::ok)
            found.push_back(std::move(result));
    if (found.empty())
        add(found,
            "registration",
            health::ok,
            registrations.empty() ? "none" : "all logged in: " + std::to_string(registrations.size()));
    return found;
}

checks check_secrets(const json::array& secrets, const json::array& registrations) {
    checks found;
    for (const auto& value : registrations)
        for (const auto* member : {"chap_secret", "mutual_secret"}) {
            const auto name = text_in(value.as_object(), member);
            if (!name.empty() && !is_stored(secrets, name))
                add(found,
                    "secret",
                    health::problem,
                    name + " is missing, and " + place_of(value.as_object()) +
                        " logs in with it: persiscsi secret set " + name);
        }
    for (const auto& value : secrets) {
        const auto* users = list_member(value.as_object(), "used_by");
        const auto name = text_in(value.as_object(), "name");
        if (users != nullptr && users->empty() && name != host_mutual_secret)
            add(found, "secret", health::warning, name + " is used by nothing: persiscsi secret remove " + name);
    }
    if (found.empty())
        add(found,
            "secret",
            health::ok,
            secrets.empty() ? "none" : "each is used: " + counted(secrets.size(), "secret"));
    return found;
}

checks check_clock(const std::string& now, const std::string& started_at) {
    constexpr std::string_view before_us = "2024-01-01T00:00:00Z";
    if (now < before_us)
        return {{"clock", health::problem, "it is " + now + " here: set the clock; certificates are judged by it"}};
    if (!started_at.empty() && now < started_at)
        return {{"clock",
                 health::warning,
                 "it is " + now + ", and the daemon was started later, at " + started_at + ": the clock went back"}};
    return {{"clock", health::ok, "it is " + now}};
}

}  // namespace persiscsi::cli
