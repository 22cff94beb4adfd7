// SPDX-License-Identifier: Apache-2.0
#include "daemon/job_run.hpp"

#include "daemon/jobs.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace persiscsi::daemon {
namespace {

std::string path_of(const control::parsed_target& target) {
    std::string path;
    for (const auto& segment : target.segments) path += "/" + control::percent_encoded(segment);
    return path;
}

std::vector<std::string> flags_of(const boost::json::value& body) {
    std::vector<std::string> flags;
    const auto* fields = body.if_object();
    if (fields == nullptr) return flags;
    for (const auto name : {"all", "atomic", "dry_run", "strict"})
        if (const auto* value = fields->if_contains(name); value != nullptr && *value == true) flags.emplace_back(name);
    return flags;
}

awaitable<void> run_job(service& in, kept_job one, understood what) {
    auto done = co_await answer(in, what);
    in.jobs.end(*one, done.status, std::move(done.body), persistence::time_now());
    spdlog::info("job={} state={} status={}", one->id, to_string(one->state), one->status);
    in.sessions.wake();
}

}  // namespace

bool wants_job(const understood& what) {
    const auto& query = what.request.target.query;
    const auto asked = std::ranges::find(query, "job", &std::pair<std::string, std::string>::first);
    if (asked == query.end()) return false;
    if (asked->second != "1") throw api_failure(api_errc::bad_request, "read the request: \"job\" is not 1");
    if (what.way->takes != body_kind::json && what.way->takes != body_kind::table)
        throw api_failure(
            api_errc::bad_request,
            "read the request: " + what.request.verb + " " + path_of(what.request.target) + " does not run as a job");
    return what.request.may >= what.way->needs;
}

api_reply begin_job(service& in, boost::asio::any_io_executor executor, understood what) {
    const auto uid = what.request.who.uid;
    auto one = in.jobs.begin({what.request.verb + " " + path_of(what.request.target), uid, flags_of(what.request.body)},
                             persistence::time_now());
    spdlog::info("job={} state=running request=\"{}\" uid={}", one->id, one->order.request, uid);
    if (!what.request.brought_deadline) what.request.until = deadline::clock::now() + job_deadline;
    what.request.cancel = &one->cancel;
    api_reply reply;
    reply.status = 202;
    reply.body =
        boost::json::object{{"job_id", one->id}, {"state", to_string(one->state)}, {"request", one->order.request}};
    boost::asio::co_spawn(executor, run_job(in, std::move(one), std::move(what)), boost::asio::detached);
    return reply;
}

}  // namespace persiscsi::daemon
