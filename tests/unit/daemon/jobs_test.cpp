// SPDX-License-Identifier: Apache-2.0
#include "daemon/jobs.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/job_run.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace persiscsi::daemon {
namespace {

namespace json = boost::json;

constexpr persistence::timestamp noon{std::chrono::seconds(1'800'000'000)};

job_state ended_with(unsigned status, const char* answer) {
    job_store store;
    const auto one = store.begin({"POST /v1/sessions", 0, {}}, noon);
    store.end(*one, status, json::parse(answer), noon);
    return one->state;
}

TEST(jobs, are_found_by_their_literal_id_only) {
    job_store store;
    (void)store.begin({"a", 0, {}}, noon);
    (void)store.begin({"b", 0, {}}, noon);
    EXPECT_EQ(store.find("job-2")->order.request, "b");
    for (const auto* id : {"", "job-", "job-3", "job-02", "JOB-1", "2", "job-1 ", "job-*"})
        EXPECT_EQ(store.find(id), nullptr) << id;
}

TEST(jobs, how_one_ended_is_read_from_its_answer) {
    EXPECT_EQ(ended_with(200, R"({"sessions":[]})"), job_state::done);
    EXPECT_EQ(ended_with(200, R"({"results":[{"result":"refreshed"},{"result":"failed"}]})"), job_state::done);
    EXPECT_EQ(ended_with(502, R"({"error":{"code":"unreachable"}})"), job_state::failed);
    EXPECT_EQ(ended_with(409, R"({"error":{"code":"cancelled"}})"), job_state::cancelled);
    EXPECT_EQ(ended_with(200, R"({"results":[{"result":"refreshed"},{"result":"cancelled"}]})"), job_state::cancelled);
    EXPECT_EQ(ended_with(200, R"({"results":[1,{"result":2}],"error":"cancelled"})"), job_state::done);
}

TEST(jobs, more_than_may_run_are_refused_and_an_ended_one_makes_room) {
    job_store store({.running = 2, .finished = 1});
    const auto first = store.begin({"a", 0, {}}, noon);
    (void)store.begin({"b", 0, {}}, noon);
    try {
        (void)store.begin({"c", 0, {}}, noon);
        ADD_FAILURE() << "a third began";
    } catch (const api_failure& failure) {
        EXPECT_EQ(failure.code(), api_errc::busy);
        EXPECT_STREQ(failure.what(), "begin a job: 2 are running, and that is the most; try again");
    }
    store.end(*first, 200, nullptr, noon);
    EXPECT_EQ(store.begin({"d", 0, {}}, noon)->id, "job-3");
}

TEST(jobs, of_those_that_ended_the_oldest_are_dropped_and_no_id_comes_twice) {
    job_store store({.running = 4, .finished = 2});
    const auto runs_on = store.begin({"runs on", 0, {}}, noon);
    for (int n = 0; n < 4; ++n) store.end(*store.begin({"short", 0, {}}, noon), 200, nullptr, noon);
    std::vector<std::string> ids;
    for (const auto& one : store.all()) ids.push_back(one->id);
    EXPECT_EQ(ids, (std::vector<std::string>{"job-1", "job-4", "job-5"}));
    EXPECT_EQ(store.find("job-2"), nullptr);
    EXPECT_EQ(store.begin({"next", 0, {}}, noon)->id, "job-6");
    EXPECT_EQ(runs_on->state, job_state::running);
}

TEST(jobs, as_json_a_running_one_has_no_end_yet) {
    job_store store;
    const auto one = store.begin({"DELETE /v1/sessions", 1000, {"all"}}, noon);
    EXPECT_EQ(
        json::value(job_json(*one)),
        json::parse(R"({"id":"job-1","state":"running","request":"DELETE /v1/sessions","uid":1000,"flags":["all"],)"
                    R"("cancel_requested":false,"started_at":"2027-01-15T08:00:00Z","ended_at":null,)"
                    R"("status":null,"answer":null})"));
    one->cancel.ask();
    store.end(*one, 200, json::parse(R"({"results":[]})"), noon + std::chrono::seconds(2));
    EXPECT_EQ(json::value(job_json(*one)),
              json::parse(R"({"id":"job-1","state":"done","request":"DELETE /v1/sessions","uid":1000,"flags":["all"],)"
                          R"("cancel_requested":true,"started_at":"2027-01-15T08:00:00Z",)"
                          R"("ended_at":"2027-01-15T08:00:02Z","status":200,"answer":{"results":[]}})"));
    EXPECT_FALSE(job_summary_json(*one).contains("answer"));
}

TEST(jobs, cancelling_all_leaves_alone_what_has_ended) {
    job_store store;
    const auto ended = store.begin({"a", 0, {}}, noon);
    const auto running = store.begin({"b", 0, {}}, noon);
    store.end(*ended, 200, nullptr, noon);
    store.cancel_all();
    EXPECT_FALSE(ended->cancel.asked());
    EXPECT_TRUE(running->cancel.asked());
}

TEST(jobs, a_cancellation_stops_what_it_watches_and_nothing_else) {
    boost::asio::io_context io;
    const auto far = std::chrono::steady_clock::now() + std::chrono::hours(1);
    time_limit watched(io.get_executor(), far);
    time_limit before(io.get_executor(), far);
    int stopped = 0;
    int stopped_before = 0;
    watched.slot().assign([&](boost::asio::cancellation_type) { ++stopped; });
    before.slot().assign([&](boost::asio::cancellation_type) { ++stopped_before; });
    cancellation cancel;
    const cancellation::watch nobody_asks(nullptr, watched);
    { const cancellation::watch ends_here(&cancel, before); }
    const cancellation::watch watch(&cancel, watched);
    cancel.ask();
    EXPECT_TRUE(cancel.asked());
    EXPECT_EQ(stopped, 1);
    EXPECT_EQ(stopped_before, 0);
}

TEST(jobs, a_request_that_is_not_allowed_is_answered_at_once) {
    understood what;
    what.request.may = access::see;
    what.request.verb = "POST";
    what.request.target = *control::parse_target("/v1/sessions?job=1");
    what.way = find_route("POST", what.request.target.segments).found;
    EXPECT_FALSE(wants_job(what));
}

TEST(jobs, only_requests_with_a_json_body_run_as_one) {
    const auto wants = [](const char* verb, const char* target) {
        understood what;
        what.request.may = access::operate;
        what.request.verb = verb;
        what.request.target = *control::parse_target(target);
        what.way = find_route(verb, what.request.target.segments).found;
        return wants_job(what);
    };
    EXPECT_TRUE(wants("POST", "/v1/sessions?job=1"));
    EXPECT_TRUE(wants("PUT", "/v1/secrets/a%2Fb?job=1"));
    EXPECT_FALSE(wants("POST", "/v1/sessions"));
    EXPECT_FALSE(wants("GET", "/v1/sessions"));
    EXPECT_THROW((void)wants("POST", "/v1/sessions?job=0"), api_failure);
    EXPECT_THROW((void)wants("POST", "/v1/sessions?job="), api_failure);
    EXPECT_THROW((void)wants("GET", "/v1/sessions?job=1"), api_failure);
    EXPECT_THROW((void)wants("PUT", "/v1/sessions/s/luns/0/blocks?lba=0&job=1"), api_failure);
    EXPECT_THROW((void)wants("POST", "/v1/jobs/job-1/wait?job=1"), api_failure);
}

}  // namespace
}  // namespace persiscsi::daemon
