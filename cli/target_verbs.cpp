// SPDX-License-Identifier: Apache-2.0
// target connect, target disconnect.
#include "cli/command_error.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/invocation.hpp"
#include "cli/login_choice.hpp"
#include "cli/pass_thru.hpp"
#include "cli/piped_ids.hpp"
#include "cli/results.hpp"
#include "cli/text_table.hpp"
#include "cli/url.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <iostream>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

void add_stored_secrets(const invocation& line, const target_url& url, json::object& request) {
    const auto chap = line.text("--chap-secret");
    const auto mutual = line.text("--mutual-secret");
    if (!chap && mutual && !line.given("--chap-user")) throw usage_error("--mutual-secret needs --chap-secret");
    if (chap && (line.given("--chap-secret-file") || line.given("--chap-user") || !url.user.empty()))
        throw usage_error(
            "--chap-secret says both name and secret: no --chap-user, --chap-secret-file or user@ beside it");
    if ((chap || mutual) && (line.given("--mutual-secret-file") || line.given("--mutual-user")))
        throw usage_error("--mutual-user and --mutual-secret-file do not go with stored secrets: use --mutual-secret");
    request["chap_secret"] = chap ? json::value(*chap) : json::value();
    request["mutual_secret"] = mutual ? json::value(*mutual) : json::value();
}

json::object labels_of(const invocation& line) {
    json::object labels;
    for (const auto& [key, value] : line.pairs("--label")) labels[key] = value;
    return labels;
}

/// On a terminal nobody loses a session by a slip; scripts are not asked.
void confirm(const invocation& line, const std::string& what) {
    if (line.given("--yes") || line.given("--dry-run") || ::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0)
        return;
    std::cerr << what << "? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "y" && answer != "yes") throw command_error(exit_code::refused, "not confirmed");
}

text_table table_of_connected(const json::object& answer) {
    text_table table({"ID", "TARGET", "PORTAL", "STATE", "REGISTRATION"});
    for (const auto& value : list_in(answer, "sessions")) {
        const auto& session = value.as_object();
        table.add({cell_of(session, "id"),
                   cell_of(session, "target"),
                   cell_of(session, "portal"),
                   cell_of(session, "state"),
                   cell_of(session, "registration_id")});
    }
    return table;
}

json::object disconnect_request(invocation& line) {
    const auto ids = ids_of(line, id_kind::session);
    const bool all = line.given("--all");
    const auto target = line.text("--target");
    if (!line.operands.empty() && (all || target)) throw usage_error("either ids or --all and --target, not both");
    if (line.operands.empty() && !all && !target) throw usage_error("nothing is named: give ids, -, --target or --all");
    if (!line.operands.empty() && ids.empty())
        throw command_error(exit_code::nothing_matched, "standard input names nothing");
    json::array list;
    for (const auto& id : ids) list.emplace_back(id);
    json::object request{{"ids", std::move(list)},
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
    const auto url = parse_target_url(line.operands.front());
    if (url.lun)
        throw usage_error("a target is connected with all its logical units: no /" + std::to_string(*url.lun) +
                          " after its name");
    json::object request;
    add_stored_secrets(line, url, request);
    const auto choice = login_choice_of(line, url.user);
    warn_of(choice, out);
    for (auto& member : connect_request_of(choice)) request[member.key()] = member.value();
    request["target"] = url.target;
    request["portal"] = persiscsi::to_string(url.portal);
    request["register"] = line.given("--register");
    request["another"] = line.given("--another");
    request["owner"] = line.text_or("--owner", "");
    request["labels"] = labels_of(line);
    request["dry_run"] = line.given("--dry-run");
    try {
        const auto answer = daemon_link(line, out).send("POST", "/v1/sessions", request);
        out.report(answer, table_of_connected(answer));
    } catch (const command_error& error) {
        throw command_error(error.code(), to_string(url), error.what());
    }
    return exit_code::ok;
}

exit_code target_disconnect(invocation& line, console& out) {
    const auto answer = daemon_link(line, out).send("DELETE", "/v1/sessions", disconnect_request(line));
    const auto& results = list_in(answer, "results");
    text_table table({"ID", "RESULT", "TARGET", "UNREGISTERED", "RETURNS BECAUSE"});
    for (const auto& value : results) {
        const auto& item = value.as_object();
        table.add({cell_of(item, "id"),
                   cell_of(item, "result"),
                   cell_of(item, "target"),
                   cell_of(item, "unregistered"),
                   cell_of(item, "returns_because")});
    }
    const bool all = line.given("--all");
    if (results.empty())
        out.report(answer, std::string(all ? "no session is connected\n" : ""));
    else
        out.report(answer, table.to_string() + before_and_after(results));
    if (results.empty() && !all) throw command_error(exit_code::nothing_matched, "no session matches");
    complain_about(out, line.command->name(), results, false);
    return exit_code_of(results, false, all);
}

}  // namespace persiscsi::cli
