// SPDX-License-Identifier: Apache-2.0
#include "cli/job_start.hpp"

#include "cli/command_error.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/invocation.hpp"
#include "cli/printable.hpp"
#include "daemon/control/target.hpp"

namespace persiscsi::cli {
namespace {

// What the daemon gives a job that brings no deadline; ours always does.
constexpr std::chrono::minutes job_patience{10};

}  // namespace

std::optional<boost::json::object> answer_or_job(const invocation& line,
                                                 console& out,
                                                 const std::string& method,
                                                 const std::string& target,
                                                 const boost::json::value& body) {
    if (!line.given("--job")) return daemon_link(line, out).send(method, target, body);
    const auto path = control::with_query(target, {{"job", "1"}});
    const auto answer = daemon_link(line, out, job_patience).send(method, path, body);
    const auto id = text_in(answer, "job_id");
    if (id.empty())
        throw command_error(exit_code::internal,
                            "the daemon's answer names no job: an older daemon did it at once, and without --job");
    out.show(answer, printable(id) + "\n");
    return std::nullopt;
}

}  // namespace persiscsi::cli
