// SPDX-License-Identifier: Apache-2.0
#include "daemon/boot_preview.hpp"

#include "daemon/connect_jobs.hpp"
#include "daemon/handlers.hpp"
#include "daemon/names.hpp"
#include "daemon/replies.hpp"

#include <set>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

constexpr std::string_view of_registration = "registration";
constexpr std::string_view of_session = "session";

boot_outcome outcome_of(const foreseen_session& foreseen, std::optional<persistence::session_id> session) {
    const auto& [registration, planned] = foreseen;
    boot_outcome outcome{.id = to_string(registration.id), .kind = of_registration, .reason = "registered"};
    outcome.target = planned.login.target;
    outcome.portal = to_string(portal_of(planned.login));
    outcome.will_log_in = planned.broken.empty();
    outcome.message = planned.broken;
    outcome.session = session;
    if (!outcome.will_log_in)
        outcome.reason = "cannot_log_in";
    else if (!registration.disconnected_in.empty() && !outcome.session)
        outcome.reason = "disconnected_by_hand";
    return outcome;
}

boot_outcome outcome_of(const persistence::damaged_row& row, std::string_view kind) {
    return {.id = row.id, .kind = kind, .reason = "damaged_row", .message = row.reason};
}

boot_outcome left_behind(const persistence::live_session& session) {
    boot_outcome outcome{.id = to_string(session.id), .kind = of_session, .reason = "not_registered"};
    outcome.target = session.login.target;
    outcome.portal = to_string(portal_of(session.login));
    outcome.session = session.id;
    if (!session.registration) return outcome;
    outcome.reason = "damaged_row";
    outcome.message = "its registration " + to_string(*session.registration) + " is damaged";
    return outcome;
}

json::object outcome_json(const boot_outcome& outcome) {
    return {{"id", outcome.id},
            {"kind", outcome.kind},
            {"target", text_or_null(outcome.target)},
            {"portal", text_or_null(outcome.portal)},
            {"session_id", outcome.session ? json::value(to_string(*outcome.session)) : json::value()},
            {"will_log_in", outcome.will_log_in},
            {"reason", outcome.reason},
            {"message", text_or_null(outcome.message)}};
}

}  // namespace

std::vector<boot_outcome> preview_boot(const persistence::session_table& table) {
    const auto damaged = table.damaged_rows();
    const auto foreseen = foresee_boot(table);
    std::vector<boot_outcome> all;
    for (const auto& one : foreseen) all.push_back(outcome_of(one, table.session_of(one.registration.id)));
    for (const auto& row : damaged)
        if (row.table == "registrations") all.push_back(outcome_of(row, of_registration));
    std::set<persistence::registration_id> returning;
    for (const auto& one : foreseen) returning.insert(one.registration.id);
    for (const auto& session : table.live_sessions())
        if (!session.registration || !returning.contains(*session.registration)) all.push_back(left_behind(session));
    for (const auto& row : damaged)
        if (row.table == "live_sessions") all.push_back(outcome_of(row, of_session));
    return all;
}

awaitable<api_reply> get_boot_preview(service& in, api_request&) {
    const auto outcomes = co_await in.table.run(preview_boot);
    json::array all;
    for (const auto& outcome : outcomes) all.push_back(outcome_json(outcome));
    api_reply reply;
    reply.body = json::object{{"boot", std::move(all)}};
    co_return reply;
}

}  // namespace persiscsi::daemon
