// SPDX-License-Identifier: Apache-2.0
// job list, show, wait, cancel.
#include "cli/command_error.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/invocation.hpp"
#include "cli/job_outcome.hpp"
#include "cli/piped_ids.hpp"
#include "cli/results.hpp"
#include "cli/text_table.hpp"
#include "daemon/control/target.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

std::string path_of(const std::string& id, const char* act) {
    if (id.empty()) throw usage_error("the id is empty");
    return "/v1/jobs/" + control::percent_encoded(id) + act;
}

std::vector<std::string> named_jobs(invocation& line) {
    auto ids = ids_of(line, id_kind::job);
    if (ids.empty()) throw command_error(exit_code::nothing_matched, "standard input names nothing");
    return ids;
}

text_table table_of_jobs(const json::array& jobs) {
    return table_of(jobs,
                    {{"ID", "id"},
                     {"STATE", "state"},
                     {"REQUEST", "request"},
                     {"UID", "uid"},
                     {"STARTED", "started_at"},
                     {"ENDED", "ended_at"}});
}

/// That of all where they agree.
exit_code together(exit_code so_far, exit_code next, bool first) {
    return first || so_far == next ? next : exit_code::some_failed;
}

json::object cancelled_one(daemon_link& daemon, const std::string& id) {
    try {
        auto answer = daemon.send("POST", path_of(id, "/cancel"), nullptr);
        answer["message"] = nullptr;
        return answer;
    } catch (const command_error& error) {
        if (error.code() != exit_code::nothing_matched) throw;
        return {{"id", id}, {"result", "not_found"}, {"state", nullptr}, {"message", "no such job"}};
    }
}

}  // namespace

exit_code job_list(invocation& line, console& out) {
    const auto answer = daemon_link(line, out).get("/v1/jobs");
    out.show(answer, table_of_jobs(list_in(answer, "jobs")));
    return exit_code::ok;
}

exit_code job_show(invocation& line, console& out) {
    const auto answer = daemon_link(line, out).get(path_of(line.operands.front(), ""));
    out.show(answer, name_value_lines(answer));
    return exit_code::ok;
}

exit_code job_wait(invocation& line, console& out) {
    daemon_link daemon(line, out, for_ever);
    json::array jobs;
    auto code = exit_code::ok;
    for (const auto& id : named_jobs(line)) {
        auto job = daemon.send("POST", path_of(id, "/wait"), nullptr);
        code = together(code, exit_code_of_job(job), jobs.empty());
        jobs.emplace_back(std::move(job));
    }
    const json::object document{{"jobs", jobs}};
    out.report(document, table_of_jobs(jobs));
    for (const auto& job : jobs) complain_about_job(out, job.get_object());
    return code;
}

exit_code job_cancel(invocation& line, console& out) {
    daemon_link daemon(line, out);
    json::array results;
    for (const auto& id : named_jobs(line)) results.emplace_back(cancelled_one(daemon, id));
    const json::object document{{"results", results}};
    out.report(document, table_of(results, {{"ID", "id"}, {"RESULT", "result"}, {"STATE", "state"}}));
    complain_about(out, line.command->name(), results, false);
    return exit_code_of(results, false, false);
}

}  // namespace persiscsi::cli
