// SPDX-License-Identifier: Apache-2.0
// session list, show, wait, register, unregister; registration list, show, remove; connection list.
#include "cli/command_error.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/invocation.hpp"
#include "cli/job_start.hpp"
#include "cli/pass_thru.hpp"
#include "cli/piped_ids.hpp"
#include "cli/results.hpp"
#include "cli/session_block.hpp"
#include "cli/text_table.hpp"
#include "daemon/control/target.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <initializer_list>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

using query_pairs = std::vector<std::pair<std::string, std::string>>;

/// The options that are filters, each under its name without the dashes.
query_pairs filters_of(const invocation& line, std::initializer_list<std::string_view> options) {
    query_pairs query;
    for (const auto option : options)
        for (const auto& value : line.all(option)) query.emplace_back(option.substr(2), value);
    return query;
}

/// Nothing where ids were to come from standard input and none did: that must not become "all".
std::optional<std::string> filtered(std::string_view path, invocation& line, id_kind kind) {
    auto query = filters_of(line, {"--target", "--portal", "--connection", "--isid", "--tsih", "--connections"});
    const auto ids = ids_of(line, kind);
    if (!line.operands.empty() && ids.empty()) return std::nullopt;
    for (const auto& id : ids) query.emplace_back("id", id);
    return control::with_query(path, query);
}

/// The list of that name; the path is what `filtered` made.
json::object listed(const char* name, const std::optional<std::string>& path, const invocation& line, console& out) {
    if (!path) return {{name, json::array()}};
    return daemon_link(line, out).get(*path);
}

text_table table_of_sessions(const json::array& sessions) {
    text_table table({"ID", "TARGET", "PORTAL", "STATE", "REGISTRATION"});
    for (const auto& item : sessions) {
        const auto& session = item.as_object();
        table.add({cell_of(session, "id"),
                   cell_of(session, "target"),
                   cell_of(session, "portal"),
                   cell_of(session, "state"),
                   cell_of(session, "registration_id")});
    }
    return table;
}

text_table table_of_registrations(const json::array& registrations) {
    text_table table({"ID", "TARGET", "PORTAL", "SESSION", "STATE"});
    for (const auto& item : registrations) {
        const auto& registration = item.as_object();
        table.add({cell_of(registration, "id"),
                   cell_of(registration, "target"),
                   cell_of(registration, "portal"),
                   cell_of(registration, "session_id"),
                   cell_of(registration, "state")});
    }
    return table;
}

exit_code show_one(const std::string& path, invocation& line, console& out) {
    const auto& id = line.operands.front();
    if (id.empty()) throw usage_error("the id is empty");
    const auto answer = daemon_link(line, out).get(path + control::percent_encoded(id));
    out.show(answer, name_value_lines(answer));
    return exit_code::ok;
}

/// Which sessions or registrations a change is about, from ids and --all, --target, --portal, --orphans.
struct scope {
    json::object body;
    bool all = false;
};

scope scope_of(invocation& line, id_kind kind) {
    scope result;
    const auto ids = ids_of(line, kind);
    result.all = line.given("--all");
    const bool filter = line.given("--target") || line.given("--portal") || line.given("--orphans");
    if (result.all && !line.operands.empty()) throw usage_error("either ids or --all, not both");
    if (!result.all && !filter && line.operands.empty())
        throw usage_error("nothing is named: give ids, -, --target, --portal, --orphans or --all");
    if (filter && !line.operands.empty()) throw usage_error("either ids or --target, --portal and --orphans, not both");
    if (!line.operands.empty() && ids.empty())
        throw command_error(exit_code::nothing_matched, "standard input names nothing");
    result.body = {{"ids", array_of(ids)},
                   {"all", result.all},
                   {"orphans", line.given("--orphans")},
                   {"strict", line.given("--strict")},
                   {"atomic", line.given("--atomic")},
                   {"pass_thru", line.given("--pass-thru")},
                   {"dry_run", line.given("--dry-run")}};
    if (const auto target = line.text("--target")) result.body["target"] = *target;
    if (const auto portal = line.text("--portal")) result.body["portal"] = *portal;
    return result;
}

std::string stays_connected(const json::object& item) {
    const auto* connected = item.if_contains("session_still_connected");
    return connected != nullptr && connected->is_bool() && connected->get_bool() ? "still connected" : "-";
}

exit_code remove_registrations(const char* method, const char* path, invocation& line, console& out, id_kind kind) {
    const auto wanted = scope_of(line, kind);
    const auto answer = answer_or_job(line, out, method, path, wanted.body);
    if (!answer) return exit_code::ok;
    const auto& results = list_in(*answer, "results");
    text_table table({"ID", "RESULT", "BEFORE", "AFTER", "SESSION", "RETURNS BECAUSE"});
    for (const auto& value : results) {
        const auto& item = value.as_object();
        table.add({cell_of(item, "id"),
                   cell_of(item, "result"),
                   cell_of(item, "before"),
                   cell_of(item, "after"),
                   stays_connected(item),
                   cell_of(item, "returns_because")});
    }
    if (results.empty())
        out.report(*answer, std::string(wanted.all ? "nothing is registered\n" : ""));
    else
        out.report(*answer, table.to_string() + before_and_after(results));
    if (results.empty() && !wanted.all) throw command_error(exit_code::nothing_matched, "nothing registered matches");
    complain_about(out, line.command->name(), results, line.given("--strict"));
    return exit_code_of(results, line.given("--strict"), wanted.all);
}

}  // namespace

exit_code session_list(invocation& line, console& out) {
    const auto answer = listed("sessions", filtered("/v1/sessions", line, id_kind::session), line, out);
    const auto& sessions = list_in(answer, "sessions");
    if (line.given("--long") && !out.quiet())
        out.show(answer, session_blocks(sessions));
    else
        out.show(answer, table_of_sessions(sessions));
    return exit_code::ok;
}

exit_code session_show(invocation& line, console& out) {
    return show_one("/v1/sessions/", line, out);
}

exit_code session_wait(invocation& line, console& out) {
    const auto ids = ids_of(line, id_kind::session);
    if (!line.operands.empty() && ids.empty())
        throw command_error(exit_code::nothing_matched, "standard input names nothing");
    const auto answer =
        daemon_link(line, out, for_ever)
            .send("POST", "/v1/sessions/wait", json::object{{"ids", array_of(ids)}, {"state", "logged_in"}});
    out.show(answer, table_of_sessions(list_in(answer, "sessions")));
    return exit_code::ok;
}

exit_code session_register(invocation& line, console& out) {
    const auto ids = ids_of(line, id_kind::session);
    if (line.operands.empty()) throw usage_error("ID is missing");
    if (ids.empty()) throw command_error(exit_code::nothing_matched, "standard input names nothing");
    json::object body{{"ids", array_of(ids)},
                      {"atomic", line.given("--atomic")},
                      {"pass_thru", line.given("--pass-thru")},
                      {"dry_run", line.given("--dry-run")}};
    if (const auto sessions = line.number("--sessions", 1, 64)) body["sessions"] = *sessions;
    const auto answer = answer_or_job(line, out, "POST", "/v1/sessions/register", body);
    if (!answer) return exit_code::ok;
    const auto& results = list_in(*answer, "results");
    const auto table = table_of(results, {{"ID", "id"}, {"RESULT", "result"}, {"REGISTRATION", "registration_id"}});
    out.report(*answer, table.to_string() + before_and_after(results));
    complain_about(out, line.command->name(), results, false);
    return exit_code_of(results, false, false);
}

exit_code session_unregister(invocation& line, console& out) {
    return remove_registrations("POST", "/v1/sessions/unregister", line, out, id_kind::either);
}

exit_code registration_list(invocation& line, console& out) {
    const auto path = filtered("/v1/registrations", line, id_kind::registration);
    const auto answer = listed("registrations", path, line, out);
    out.show(answer, table_of_registrations(list_in(answer, "registrations")));
    return exit_code::ok;
}

exit_code registration_show(invocation& line, console& out) {
    return show_one("/v1/registrations/", line, out);
}

exit_code registration_remove(invocation& line, console& out) {
    return remove_registrations("DELETE", "/v1/registrations", line, out, id_kind::registration);
}

exit_code connection_list(invocation& line, console& out) {
    const auto query = filters_of(line, {"--session", "--target", "--address"});
    const auto answer = daemon_link(line, out).get(control::with_query("/v1/connections", query));
    const auto table = table_of(list_in(answer, "connections"),
                                {{"ID", "id"},
                                 {"SESSION", "session_id"},
                                 {"CID", "cid"},
                                 {"LOCAL", "local_address"},
                                 {"REMOTE", "remote_address"},
                                 {"STATE", "state"}});
    out.show(answer, table);
    return exit_code::ok;
}

}  // namespace persiscsi::cli
