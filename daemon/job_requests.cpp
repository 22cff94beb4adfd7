// SPDX-License-Identifier: Apache-2.0
// Jobs: list, show, wait, cancel.
#include "daemon/api_failure.hpp"
#include "daemon/handlers.hpp"
#include "daemon/item_results.hpp"
#include "daemon/jobs.hpp"
#include "daemon/list_filter.hpp"
#include "persistence/errors.hpp"

#include <spdlog/spdlog.h>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

kept_job job_named(const service& in, const std::string& id) {
    if (auto found = in.jobs.find(id)) return found;
    throw api_failure(api_errc::not_found, "job " + persistence::in_quotes(echoed(id)) + ": no such job");
}

api_reply reply_of(json::object body) {
    api_reply reply;
    reply.body = std::move(body);
    return reply;
}

}  // namespace

awaitable<api_reply> list_jobs(service& in, api_request& request) {
    for (const auto& [name, value] : request.target.query) refuse_filter(name);
    json::array all;
    for (const auto& one : in.jobs.all()) all.push_back(job_summary_json(*one));
    json::object body;
    body["jobs"] = std::move(all);
    co_return reply_of(std::move(body));
}

awaitable<api_reply> show_job(service& in, api_request& request) {
    co_return reply_of(job_json(*job_named(in, request.arguments.at(0))));
}

awaitable<api_reply> wait_for_job(service& in, api_request& request) {
    const auto one = job_named(in, request.arguments.at(0));
    while (!one->ended_at) {
        if (request.is_abandoned()) throw api_failure(api_errc::timed_out, "wait: the client has gone");
        const bool in_time = co_await in.sessions.next_change(request.until);
        if (!in_time) throw api_failure(api_errc::timed_out, "wait for " + one->id + ": it is still running");
    }
    co_return reply_of(job_json(*one));
}

awaitable<api_reply> cancel_job(service& in, api_request& request) {
    const auto one = job_named(in, request.arguments.at(0));
    const bool running = !one->ended_at;
    if (running) {
        spdlog::info("request=cancel_job job={}", one->id);
        one->cancel.ask();
        in.sessions.wake();
    }
    json::object body;
    body["id"] = one->id;
    body["result"] = running ? "cancelling" : "already_ended";
    body["state"] = to_string(one->state);
    co_return reply_of(std::move(body));
}

}  // namespace persiscsi::daemon
