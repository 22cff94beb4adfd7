// SPDX-License-Identifier: Apache-2.0
#include "cli/job_outcome.hpp"

#include "cli/command_error.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/results.hpp"
#include "daemon/control/control_client.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

control::response answer_of(const json::object& job) {
    control::response answer;
    if (const auto* status = job.if_contains("status"); status != nullptr && status->is_int64())
        answer.status = static_cast<unsigned>(status->get_int64());
    if (const auto* body = job.if_contains("answer")) answer.body = *body;
    return answer;
}

bool has_flag(const json::object& job, std::string_view flag) {
    const auto* member = job.if_contains("flags");
    const auto* flags = member != nullptr ? member->if_array() : nullptr;
    return flags != nullptr && std::ranges::find(*flags, json::value(flag)) != flags->end();
}

bool has_results(const control::response& answer) {
    const auto* body = answer.body.if_object();
    return body != nullptr && body->contains("results");
}

}  // namespace

exit_code exit_code_of_job(const json::object& job) {
    const auto answer = answer_of(job);
    if (!answer.ok()) return exit_code_of_number(control::error_of(answer).exit);
    if (!has_results(answer)) return exit_code::ok;
    return exit_code_of(list_in(answer.body.get_object(), "results"), has_flag(job, "strict"), has_flag(job, "all"));
}

void complain_about_job(console& out, const json::object& job) {
    const auto answer = answer_of(job);
    const auto id = text_in(job, "id");
    if (!answer.ok()) {
        out.complain(id + ": " + control::error_of(answer).message);
        return;
    }
    if (!has_results(answer)) return;
    const auto& results = list_in(answer.body.get_object(), "results");
    complain_about(out, id, results, has_flag(job, "strict"));
    if (results.empty() && !has_flag(job, "all")) out.complain(id + ": nothing matched");
}

}  // namespace persiscsi::cli
