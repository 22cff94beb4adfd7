// SPDX-License-Identifier: Apache-2.0
// target connect, target disconnect.
#include "cli/command_error.hpp"
#include "cli/commands.hpp"
#include "cli/confirmation.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/invocation.hpp"
#include "cli/job_start.hpp"
#include "cli/login_choice.hpp"
#include "cli/pass_thru.hpp"
#include "cli/piped_ids.hpp"
#include "cli/printable.hpp"
#include "cli/results.hpp"
#include "cli/stored_secrets.hpp"
#include "cli/text_table.hpp"
#include "cli/url.hpp"
#include "initiator/login/iscsi_name.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

text_table table_of_connected(const json::object& answer) {
    return table_of(list_in(answer, "sessions"),
                    {{"ID", "id"},
                     {"TARGET", "target"},
                     {"PORTAL", "portal"},
                     {"STATE", "state"},
                     {"REGISTRATION", "registration_id"}});
}

json::object disconnect_request(invocation& line) {
    const auto ids = ids_of(line, id_kind::session);
    const bool all = line.given("--all");
    const auto target = line.text("--target");
    if (!line.operands.empty() && (all || target)) throw usage_error("either ids or --all and --target, not both");
    if (line.operands.empty() && !all && !target) throw usage_error("nothing is named: give ids, -, --target or --all");
    if (!line.operands.empty() && ids.empty())
        throw command_error(exit_code::nothing_matched, "standard input names nothing");
    json::object request{{"ids", array_of(ids)},
                         {"all", all},
                         {"unregister", line.given("--unregister")},
                         {"pass_thru", line.given("--pass-thru")},
                         {"dry_run", line.given("--dry-run")}};
    if (target) request["target"] = *target;
    const auto what = target ? "the sessions of " + *target
                      : all  ? "all sessions"
                             : std::to_string(ids.size()) + " session(s)";
    confirm(line, "log out " + what);
    return request;
}

}  // namespace

exit_code target_connect(invocation& line, console& out) {
    const auto& operand = line.operands.front();
    const bool discovered = operand.find("://") == operand.npos;  // the daemon knows where it is
    if (const auto fault = iscsi_name_fault(operand); discovered && !fault.empty())
        throw usage_error(in_quotes(operand) + " is neither a URL (iscsi://…) nor the name of a target: it " + fault);
    const auto url = discovered ? target_url{} : parse_target_url(operand);
    if (url.lun)
        throw usage_error("a target is connected with all its logical units: no /" + std::to_string(*url.lun) +
                          " after its name");
    json::object request;
    add_stored_secrets(line, url.user, request);
    const auto choice = login_choice_of(line, url.user);
    warn_of(choice, out);
    for (auto& member : connect_request_of(choice)) request[member.key()] = member.value();
    request["target"] = discovered ? operand : url.target;
    if (!discovered) request["portal"] = persiscsi::to_string(url.portal);
    request["register"] = line.given("--register");
    request["another"] = line.given("--another");
    request["owner"] = line.text_or("--owner", "");
    request["labels"] = labels_of(line);
    request["dry_run"] = line.given("--dry-run");
    try {
        const auto answer = answer_or_job(line, out, "POST", "/v1/sessions", request);
        if (answer) out.report(*answer, table_of_connected(*answer));
    } catch (const command_error& error) {
        throw command_error(error.code(), discovered ? operand : to_string(url), error.what());
    }
    return exit_code::ok;
}

exit_code target_disconnect(invocation& line, console& out) {
    const auto answer = answer_or_job(line, out, "DELETE", "/v1/sessions", disconnect_request(line));
    if (!answer) return exit_code::ok;
    const auto& results = list_in(*answer, "results");
    const auto table = table_of(results,
                                {{"ID", "id"},
                                 {"RESULT", "result"},
                                 {"TARGET", "target"},
                                 {"UNREGISTERED", "unregistered"},
                                 {"RETURNS BECAUSE", "returns_because"}});
    const bool all = line.given("--all");
    if (results.empty())
        out.report(*answer, std::string(all ? "no session is connected\n" : ""));
    else
        out.report(*answer, table.to_string() + before_and_after(results));
    if (results.empty() && !all) throw command_error(exit_code::nothing_matched, "no session matches");
    complain_about(out, line.command->name(), results, false);
    return exit_code_of(results, false, all);
}

}  // namespace persiscsi::cli
