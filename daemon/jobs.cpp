// SPDX-License-Identifier: Apache-2.0
#include "daemon/jobs.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/replies.hpp"

#include <algorithm>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

bool says(const json::value* object, std::string_view member, std::string_view word) {
    const auto* fields = object != nullptr ? object->if_object() : nullptr;
    const auto* value = fields != nullptr ? fields->if_contains({member.data(), member.size()}) : nullptr;
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr && std::string_view(text->data(), text->size()) == word;
}

bool says_cancelled(const json::value& answer) {
    const auto* fields = answer.if_object();
    if (fields == nullptr) return false;
    if (says(fields->if_contains("error"), "code", "cancelled")) return true;
    const auto* member = fields->if_contains("results");
    const auto* results = member != nullptr ? member->if_array() : nullptr;
    if (results == nullptr) return false;
    return std::ranges::any_of(*results, [](const auto& item) { return says(&item, "result", "cancelled"); });
}

}  // namespace

std::string_view to_string(job_state state) {
    constexpr std::string_view names[] = {"running", "done", "failed", "cancelled"};
    return names[static_cast<std::size_t>(state)];
}

kept_job job_store::begin(job_order order, persistence::timestamp now) {
    if (running() >= limits_.running)
        throw api_failure(
            api_errc::busy,
            "begin a job: " + std::to_string(limits_.running) + " are running, and that is the most; try again");
    auto begun = std::make_shared<job>();
    begun->id = "job-" + std::to_string(++last_number_);
    begun->order = std::move(order);
    begun->started_at = now;
    jobs_.push_back(begun);
    return begun;
}

void job_store::end(job& ended, unsigned status, json::value answer, persistence::timestamp now) {
    ended.ended_at = now;
    ended.status = status;
    ended.answer = std::move(answer);
    ended.state = says_cancelled(ended.answer) ? job_state::cancelled
                  : status >= 400              ? job_state::failed
                                               : job_state::done;
    drop_oldest();
}

void job_store::drop_oldest() {
    if (jobs_.size() - running() <= limits_.finished) return;
    jobs_.erase(std::ranges::find_if(jobs_, [](const auto& one) { return one->ended_at.has_value(); }));
}

void job_store::cancel_all() {
    for (const auto& one : jobs_)
        if (!one->ended_at) one->cancel.ask();
}

kept_job job_store::find(std::string_view id) const {
    const auto found = std::ranges::find_if(jobs_, [id](const auto& one) { return one->id == id; });
    return found == jobs_.end() ? nullptr : *found;
}

std::size_t job_store::running() const {
    const auto still = [](const auto& one) { return !one->ended_at; };
    return static_cast<std::size_t>(std::ranges::count_if(jobs_, still));
}

json::object job_summary_json(const job& one) {
    return {{"id", one.id},
            {"state", to_string(one.state)},
            {"request", one.order.request},
            {"uid", one.order.uid},
            {"flags", texts_json(one.order.flags)},
            {"cancel_requested", one.cancel.asked()},
            {"started_at", time_text(one.started_at)},
            {"ended_at", one.ended_at ? json::value(time_text(*one.ended_at)) : json::value()},
            {"status", one.ended_at ? json::value(one.status) : json::value()}};
}

json::object job_json(const job& one) {
    auto fields = job_summary_json(one);
    fields["answer"] = one.answer;
    return fields;
}

}  // namespace persiscsi::daemon
