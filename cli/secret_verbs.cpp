// SPDX-License-Identifier: Apache-2.0
// secret set, list, remove; chap set; status; version.
#include "cli/command_error.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/invocation.hpp"
#include "cli/job_start.hpp"
#include "cli/piped_ids.hpp"
#include "cli/printable.hpp"
#include "cli/results.hpp"
#include "cli/secret_source.hpp"
#include "cli/stored_secrets.hpp"
#include "cli/text_table.hpp"
#include "daemon/control/target.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

secret secret_to_store(invocation& line, const std::string& name) {
    const auto path = line.text("--secret-file");
    if (!path) return ask_secret("secret of " + printable(name, 80));
    if (*path == "-") line.claim_standard_input("--secret-file");
    return read_secret(*path, "--secret-file");
}

/// What `secret set` would do, without doing it.
std::string would_be(daemon_link& daemon, const std::string& name) {
    const auto answer = daemon.get("/v1/secrets");
    for (const auto& item : list_in(answer, "secrets"))
        if (text_in(item.as_object(), "name") == name) return "replaced";
    return "created";
}

exit_code set_secret(const std::string& name, invocation& line, console& out) {
    const auto user = line.text_or("--user", "");
    if (user.empty()) throw usage_error("--user: the CHAP name is empty");
    const auto value = secret_to_store(line, name);
    std::optional<json::object> answer;
    if (line.given("--dry-run")) {
        daemon_link daemon(line, out);
        answer = json::object{{"name", name}, {"result", would_be(daemon, name)}};
    } else {
        const auto clear = value.reveal();
        answer =
            answer_or_job(line,
                          out,
                          "PUT",
                          "/v1/secrets/" + control::percent_encoded(name),
                          json::object{{"chap_name", user}, {"secret", json::string_view(clear.data(), clear.size())}});
    }
    if (answer) out.report(*answer, "secret " + cell_of(*answer, "name") + " " + cell_of(*answer, "result") + "\n");
    return exit_code::ok;
}

}  // namespace

exit_code secret_set(invocation& line, console& out) {
    const auto& name = line.operands.front();
    if (name.empty()) throw usage_error("the secret's name is empty");
    return set_secret(name, line, out);
}

exit_code chap_set(invocation& line, console& out) {
    return set_secret(host_mutual_secret, line, out);
}

exit_code secret_list(invocation& line, console& out) {
    const auto answer = daemon_link(line, out).get("/v1/secrets");
    const auto table =
        table_of(list_in(answer, "secrets"),
                 {{"NAME", "name"}, {"CHAP NAME", "chap_name"}, {"USED BY", "used_by"}, {"CREATED", "created_at"}});
    out.show(answer, table);
    return exit_code::ok;
}

exit_code secret_remove(invocation& line, console& out) {
    const auto answer =
        answer_or_job(line,
                      out,
                      "DELETE",
                      "/v1/secrets",
                      json::object{{"names", array_of(line.operands)}, {"dry_run", line.given("--dry-run")}});
    if (!answer) return exit_code::ok;
    const auto& results = list_in(*answer, "results");
    const auto table = table_of(results, {{"NAME", "name"}, {"RESULT", "result"}});
    out.report(*answer, table);
    complain_about(out, line.command->name(), results, false);
    return exit_code_of(results, false, false);
}

exit_code status(invocation& line, console& out) {
    const auto answer = daemon_link(line, out).get("/v1/status");
    out.show(answer, name_value_lines(answer));
    return exit_code::ok;
}

exit_code version(invocation& line, console& out) {
    json::object document{{"version", PERSISCSI_VERSION}, {"api", 1}, {"daemon", nullptr}};
    std::string reason;
    try {
        document["daemon"] = daemon_link(line, out, std::chrono::seconds(5)).get("/v1/version");
    } catch (const command_error& error) {
        reason = error.what();
        out.verbose(reason);
    }
    const auto* daemon = document["daemon"].if_object();
    out.show(document,
             "persiscsi " PERSISCSI_VERSION "\npersiscsid " +
                 (daemon != nullptr ? printable(cell_of(*daemon, "version")) : "not reachable") + "\n");
    return exit_code::ok;
}

}  // namespace persiscsi::cli
