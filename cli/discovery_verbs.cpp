// SPDX-License-Identifier: Apache-2.0
// portal add, list, refresh, remove; target list, refresh.
#include "cli/command_error.hpp"
#include "cli/commands.hpp"
#include "cli/confirmation.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/invocation.hpp"
#include "cli/job_start.hpp"
#include "cli/login_choice.hpp"
#include "cli/piped_ids.hpp"
#include "cli/results.hpp"
#include "cli/stored_secrets.hpp"
#include "cli/text_table.hpp"
#include "daemon/control/target.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

std::string addresses_of(const json::object& target) {
    std::string addresses;
    for (const auto& portal : list_in(target, "portals"))
        addresses += (addresses.empty() ? "" : " ") + cell_of(portal.as_object(), "address");
    return addresses;
}

/// What a portal answered to SendTargets.
text_table table_of_told(const json::array& targets) {
    text_table table({"TARGET", "PORTALS"});
    for (const auto& value : targets)
        table.add({cell_of(value.as_object(), "target"), addresses_of(value.as_object())});
    return table;
}

text_table table_of_targets(const json::array& targets) {
    text_table table({"TARGET", "PORTALS", "LAST SEEN", "STALE", "SESSIONS"});
    for (const auto& value : targets) {
        const auto& target = value.as_object();
        table.add({cell_of(target, "target"),
                   addresses_of(target),
                   cell_of(target, "last_seen"),
                   cell_of(target, "stale"),
                   cell_of(target, "sessions")});
    }
    return table;
}

/// {"portals": […]} or {"all": true} of a line that names either.
json::object scope_of(invocation& line, id_kind kind, const char* member) {
    const bool all = line.given("--all");
    if (all == !line.operands.empty())
        throw usage_error(all ? "either names or --all, not both" : "nothing is named: give names, - or --all");
    auto names = array_of(ids_of(line, kind));
    if (!all && names.empty()) throw command_error(exit_code::nothing_matched, "standard input names nothing");
    return {{member, std::move(names)}, {"all", all}, {"dry_run", line.given("--dry-run")}};
}

exit_code refresh(const std::string& route, const json::object& request, invocation& line, console& out) {
    const auto answer = answer_or_job(line, out, "POST", route, request);
    if (!answer) return exit_code::ok;
    const auto& results = list_in(*answer, "results");
    const auto table = table_of(
        results,
        {{"PORTAL", "portal"}, {"RESULT", "result"}, {"PLACES", "places"}, {"APPEARED", "appeared"}, {"GONE", "gone"}});
    out.report(*answer, table);
    complain_about(out, line.command->name(), results, false);
    return exit_code_of(results, false, line.given("--all"));
}

}  // namespace

exit_code portal_add(invocation& line, console& out) {
    json::object request;
    add_stored_secrets(line, "", request);
    for (auto& member : connect_request_of(login_choice_of(line, ""))) request[member.key()] = member.value();
    request["portal"] = line.operands.front();
    request["ask"] = !line.given("--no-discovery");
    request["owner"] = line.text_or("--owner", "");
    request["labels"] = labels_of(line);
    request["dry_run"] = line.given("--dry-run");
    const auto answer = answer_or_job(line, out, "POST", "/v1/portals", request);
    if (!answer) return exit_code::ok;
    const auto* told = answer->if_contains("targets");
    const bool asked = told != nullptr && told->is_array();
    const auto head = "portal " + cell_of(*answer, "portal") + " " + cell_of(*answer, "result") + "\n";
    out.report(*answer, head + (asked ? table_of_told(list_in(*answer, "targets")).to_string() : std::string()));
    return exit_code::ok;
}

exit_code portal_list(invocation& line, console& out) {
    const auto answer = daemon_link(line, out).get("/v1/portals");
    const auto table = table_of(
        list_in(answer, "portals"),
        {{"PORTAL", "portal"}, {"PLACES", "places"}, {"ANSWERED", "answered_at"}, {"LAST ERROR", "last_error"}});
    out.show(answer, table);
    return exit_code::ok;
}

exit_code portal_refresh(invocation& line, console& out) {
    return refresh("/v1/portals/refresh", scope_of(line, id_kind::portal, "portals"), line, out);
}

exit_code portal_remove(invocation& line, console& out) {
    const auto request = scope_of(line, id_kind::portal, "portals");
    const bool all = line.given("--all");
    confirm(line,
            all ? "remove all portals"
                : "remove " + std::to_string(request.at("portals").as_array().size()) + " portal(s)");
    const auto answer = answer_or_job(line, out, "DELETE", "/v1/portals", request);
    if (!answer) return exit_code::ok;
    const auto& results = list_in(*answer, "results");
    const auto table = table_of(
        results,
        {{"PORTAL", "portal"}, {"RESULT", "result"}, {"SESSIONS", "sessions"}, {"REGISTRATIONS", "registrations"}});
    out.report(*answer, table);
    complain_about(out, line.command->name(), results, false);
    return exit_code_of(results, false, all);
}

exit_code target_list(invocation& line, console& out) {
    std::vector<std::pair<std::string, std::string>> query;
    for (const auto& name : ids_of(line, id_kind::target)) query.emplace_back("target", name);
    if (!line.operands.empty() && query.empty()) {
        out.show(json::object{{"targets", json::array{}}}, table_of_targets({}));
        return exit_code::ok;
    }
    const auto answer = daemon_link(line, out).get(control::with_query("/v1/targets", query));
    out.show(answer, table_of_targets(list_in(answer, "targets")));
    return exit_code::ok;
}

exit_code target_refresh(invocation& line, console& out) {
    return refresh("/v1/targets/refresh", scope_of(line, id_kind::target, "targets"), line, out);
}

}  // namespace persiscsi::cli
