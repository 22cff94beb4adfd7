// SPDX-License-Identifier: Apache-2.0
// --job of what changes something, and job list, show, wait, cancel: against canned answers of the control API.
#include "tests/cli/daemon_verbs_case.hpp"

#include <fstream>
#include <sys/stat.h>

namespace persiscsi::cli {
namespace {

constexpr char begun[] = R"({"job_id":"job-7","state":"running","request":"?"})";

class job_verbs : public daemon_verbs {
  protected:
    std::string secret_file() {
        const auto file = directory_.path() / "secret";
        std::ofstream(file) << "only-for-tests-1234";
        ::chmod(file.c_str(), 0600);
        return file;
    }
    /// `job wait job-7` where it has ended like this.
    program_result waited(const std::string& status, const std::string& flags, const std::string& answer) {
        daemon_.on("POST /v1/jobs/job-7/wait",
                   {200,
                    R"({"id":"job-7","state":"done","request":"DELETE /v1/sessions","uid":0,"flags":[)" + flags +
                        R"(],"cancel_requested":false,"started_at":"2026-11-25T12:00:00Z",)"
                        R"("ended_at":"2026-11-25T12:00:01Z","status":)" +
                        status + R"(,"answer":)" + answer + "}"});
        return run({"job", "wait", "job-7"});
    }
};

TEST_F(job_verbs, every_change_runs_as_a_job_and_prints_its_id) {
    const auto secret = secret_file();
    const std::vector<std::pair<std::string, arguments>> changes{
        {"POST /v1/portals", {"portal", "add", "192.0.2.7"}},
        {"POST /v1/portals/refresh", {"portal", "refresh", "--all"}},
        {"DELETE /v1/portals", {"portal", "remove", "--all"}},
        {"POST /v1/targets/refresh", {"target", "refresh", "--all"}},
        {"POST /v1/sessions", {"target", "connect", "iscsi://192.0.2.7/iqn.2024-01.com.example:a"}},
        {"DELETE /v1/sessions", {"target", "disconnect", "s1"}},
        {"POST /v1/sessions/register", {"session", "register", "s1"}},
        {"POST /v1/sessions/unregister", {"session", "unregister", "s1"}},
        {"DELETE /v1/registrations", {"registration", "remove", "reg-1"}},
        {"PUT /v1/secrets/host-mutual", {"chap", "set", "--user", "u", "--secret-file", secret}},
        {"PUT /v1/secrets/a%2Fb", {"secret", "set", "a/b", "--user", "u", "--secret-file", secret}},
        {"DELETE /v1/secrets", {"secret", "remove", "a"}}};
    for (auto [request, line] : changes) {
        daemon_.on(request + "?job=1", {202, begun});
        line.emplace_back("--job");
        const auto result = run(line);
        EXPECT_EQ(result.exit, 0) << request << result.err;
        EXPECT_EQ(result.out, "job-7\n") << request;
        EXPECT_EQ(result.err, "") << request;
    }
}

TEST_F(job_verbs, the_id_is_printed_also_when_quiet_and_json_is_the_daemons_answer) {
    daemon_.on("DELETE /v1/sessions?job=1", {202, begun});
    EXPECT_EQ(run({"target", "disconnect", "s1", "--job", "--quiet"}).out, "job-7\n");
    const auto result = run({"target", "disconnect", "s1", "--job", "--json"});
    EXPECT_EQ(boost::json::parse(result.out), boost::json::parse(begun));
}

TEST_F(job_verbs, a_daemon_that_knows_no_jobs_is_told_of) {
    daemon_.on("DELETE /v1/sessions?job=1", {200, R"({"results":[]})"});
    const auto result = run({"target", "disconnect", "s1", "--job"});
    EXPECT_EQ(result.exit, 1);
    EXPECT_NE(result.err.find("names no job"), std::string::npos) << result.err;
}

TEST_F(job_verbs, list_is_a_table_and_its_ids_are_piped) {
    daemon_.on("GET /v1/jobs",
               {200,
                R"({"jobs":[{"id":"job-1","state":"done","request":"POST /v1/sessions","uid":1000,)"
                R"("started_at":"2026-11-25T12:00:00Z","ended_at":null}]})"});
    const auto result = run({"job", "list"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.out,
              "ID     STATE  REQUEST            UID   STARTED               ENDED\n"
              "job-1  done   POST /v1/sessions  1000  2026-11-25T12:00:00Z  -\n");
    daemon_.on("POST /v1/jobs/job-1/cancel", {200, R"({"id":"job-1","result":"cancelling","state":"running"})"});
    EXPECT_EQ(run({"job", "cancel", "-"}, {.standard_input = run({"job", "list", "--json"}).out}).exit, 0);
}

TEST_F(job_verbs, wait_takes_what_job_printed_as_json) {
    (void)waited("200", "", R"({"sessions":[]})");
    EXPECT_EQ(run({"job", "wait", "-"}, {.standard_input = begun}).exit, 0);
    EXPECT_EQ(daemon_.last().target, "/v1/jobs/job-7/wait");
}

TEST_F(job_verbs, wait_ends_as_the_command_would_have_ended) {
    EXPECT_EQ(waited("200", "", R"({"sessions":[]})").exit, 0);
    EXPECT_EQ(waited("200", "", R"({"results":[{"id":"s1","result":"disconnected"}]})").exit, 0);
    EXPECT_EQ(waited("200", "", R"({"results":[]})").exit, 4);
    EXPECT_EQ(waited("200", R"("all")", R"({"results":[]})").exit, 0);
    EXPECT_EQ(waited("200", "", R"({"results":[{"id":"s1","result":"not_registered"}]})").exit, 0);
    EXPECT_EQ(waited("200", R"("strict")", R"({"results":[{"id":"s1","result":"not_registered"}]})").exit, 3);
    EXPECT_EQ(waited("200", "", R"({"results":[{"id":"s1","result":"refused"}]})").exit, 5);
    const auto failed = waited("422", "", R"({"error":{"code":"login_failed","message":"no way in","exit":9}})");
    EXPECT_EQ(failed.exit, 9);
    EXPECT_EQ(failed.err, "persiscsi: job-7: no way in\n");
}

TEST_F(job_verbs, what_was_cancelled_counts_as_failed_and_is_named) {
    const auto some = waited("200",
                             "",
                             R"({"results":[{"portal":"a:3260","result":"refreshed"},)"
                             R"({"portal":"b:3260","result":"cancelled","message":"ask b:3260: cancelled"}]})");
    EXPECT_EQ(some.exit, 3);
    EXPECT_EQ(some.err, "persiscsi: job-7 \"b:3260\": ask b:3260: cancelled\n");
    EXPECT_EQ(waited("409", "", R"({"error":{"code":"cancelled","message":"cancelled","exit":3}})").exit, 3);
}

TEST_F(job_verbs, several_that_do_not_agree_are_some_failed) {
    (void)waited("422", "", R"({"error":{"code":"login_failed","message":"no way in","exit":9}})");
    daemon_.on("POST /v1/jobs/job-8/wait", {200, R"({"id":"job-8","status":200,"answer":{"sessions":[]}})"});
    EXPECT_EQ(run({"job", "wait", "job-7", "job-7"}).exit, 9);
    EXPECT_EQ(run({"job", "wait", "job-7", "job-8"}).exit, 3);
    const auto result = run({"job", "wait", "job-7", "job-8", "--json"});
    EXPECT_EQ(boost::json::parse(result.out).at("jobs").as_array().size(), 2U);
}

TEST_F(job_verbs, a_wait_that_is_not_over_in_time_is_timed_out) {
    daemon_.on("POST /v1/jobs/job-7/wait",
               {504, R"({"error":{"code":"timed_out","message":"wait for job-7: it is still running","exit":11}})"});
    const auto result = run({"job", "wait", "job-7", "--timeout", "1"});
    EXPECT_EQ(result.exit, 11);
    EXPECT_EQ(result.err, "persiscsi: job wait: wait for job-7: it is still running\n");
}

TEST_F(job_verbs, cancel_says_what_became_of_each) {
    daemon_.on("POST /v1/jobs/job-1/cancel", {200, R"({"id":"job-1","result":"already_ended","state":"done"})"});
    const auto result = run({"job", "cancel", "job-1", "job 2"});
    EXPECT_EQ(result.exit, 3);
    EXPECT_EQ(result.out,
              "ID     RESULT         STATE\n"
              "job-1  already_ended  done\n"
              "job 2  not_found      -\n");
    EXPECT_EQ(daemon_.last().target, "/v1/jobs/job%202/cancel");
    EXPECT_EQ(run({"job", "cancel", "job-9"}).exit, 4);
    EXPECT_EQ(run({"job", "cancel"}).exit, 2);
    EXPECT_EQ(run({"job", "show", "job-9"}).exit, 4);
    EXPECT_EQ(run({"job", "wait", ""}).exit, 2);
}

}  // namespace
}  // namespace persiscsi::cli
