// SPDX-License-Identifier: Apache-2.0
// Requests that run in the background, over the control API of a daemon as a process.
#include "tests/integration/daemon/daemon_under_test.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <csignal>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

// A portal that takes connections and never says anything.
class silent_portal {
  public:
    silent_portal() {
        ::sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* where = static_cast<::sockaddr*>(static_cast<void*>(&address));
        ::socklen_t size = sizeof address;
        if (::bind(fd_, where, size) != 0 || ::listen(fd_, 64) != 0 || ::getsockname(fd_, where, &size) != 0)
            throw std::runtime_error("listen on 127.0.0.1");
        port_ = ntohs(address.sin_port);
    }
    silent_portal(const silent_portal&) = delete;
    silent_portal& operator=(const silent_portal&) = delete;
    ~silent_portal() { ::close(fd_); }

    [[nodiscard]] std::string name() const { return "127.0.0.1:" + std::to_string(port_); }
    /// Blocks until the daemon has come.
    void wait_for_caller() const {
        const int caller = ::accept(fd_, nullptr, nullptr);
        ASSERT_GE(caller, 0);
        callers_.push_back(std::shared_ptr<void>(nullptr, [caller](void*) { ::close(caller); }));
    }

  private:
    int fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::uint16_t port_ = 0;
    mutable std::vector<std::shared_ptr<void>> callers_;
};

class jobs : public ::testing::Test {
  protected:
    void SetUp() override { daemon.start(); }

    std::string begin(std::string_view method, const std::string& path, const json::value& body) {
        const auto answer = daemon.client().call(method, path + "?job=1", body, patience);
        EXPECT_EQ(answer.status, 202U) << json::serialize(answer.body);
        return text_of(answer.body, "job_id");
    }
    json::value ended(const std::string& id) { return daemon.ask("POST", "/v1/jobs/" + id + "/wait"); }
    json::value cancel(const std::string& id) { return daemon.ask("POST", "/v1/jobs/" + id + "/cancel"); }
    void add_portal(const std::string& name) {
        (void)daemon.ask("POST", "/v1/portals", json::object{{"portal", name}, {"ask", false}});
    }
    json::object connect_request(const std::string& portal, int sessions) {
        return {{"target", "iqn.2026-11.test:disk1"}, {"portal", portal}, {"sessions", sessions}, {"register", true}};
    }

    running_target target;
    daemon_under_test daemon;
};

TEST_F(jobs, a_connect_answers_at_once_and_its_job_has_the_answer) {
    const auto id = begin("POST", "/v1/sessions", connect_request(target.portal(), 2));
    EXPECT_EQ(id, "job-1");
    const auto job = ended(id);
    EXPECT_EQ(text_of(job, "state"), "done");
    EXPECT_EQ(text_of(job, "request"), "POST /v1/sessions");
    EXPECT_EQ(job.at("uid").to_number<::uid_t>(), ::geteuid());
    EXPECT_EQ(job.at("status"), 200);
    EXPECT_EQ(job.at("answer").at("sessions").as_array().size(), 2U);
    EXPECT_EQ(daemon.sessions().size(), 2U);
    EXPECT_EQ(daemon.registrations().size(), 2U);
    EXPECT_EQ(daemon.ask("GET", "/v1/jobs/" + id), job);
    EXPECT_EQ(text_of(cancel(id), "result"), "already_ended");
}

TEST_F(jobs, a_failed_request_is_a_failed_job_with_its_error) {
    const auto job = ended(begin("POST", "/v1/sessions", connect_request("127.0.0.1:1", 1)));
    EXPECT_EQ(text_of(job, "state"), "failed");
    EXPECT_EQ(job.at("status"), 502);
    EXPECT_EQ(text_of(job.at("answer").at("error"), "code"), "unreachable");
}

TEST_F(jobs, a_cancelled_connect_leaves_nothing_also_of_the_sessions_that_were_up) {
    (*target).set_script(target::parse_fault_script("on login_request(3): ignore"));
    const auto id = begin("POST", "/v1/sessions", connect_request(target.portal(), 2));
    daemon.wait_until([&] { return (*target).counters().faults == 1; }, "the second login hangs");
    EXPECT_EQ(text_of(daemon.ask("GET", "/v1/jobs/" + id), "state"), "running");
    EXPECT_EQ(text_of(cancel(id), "result"), "cancelling");
    const auto job = ended(id);
    EXPECT_EQ(text_of(job, "state"), "cancelled") << json::serialize(job);
    EXPECT_EQ(text_of(job.at("answer").at("error"), "code"), "cancelled");
    EXPECT_TRUE(daemon.sessions().empty());
    EXPECT_TRUE(daemon.registrations().empty());
    EXPECT_EQ((*target).counters().logouts, 1U);
}

TEST_F(jobs, a_refresh_cancelled_midway_says_of_each_portal_what_was_done) {
    const silent_portal silent;
    add_portal(target.portal());
    add_portal(silent.name());
    const auto id = begin("POST", "/v1/portals/refresh", json::object{{"all", true}});
    silent.wait_for_caller();
    daemon.wait_until([&] { return !daemon.ask("GET", "/v1/targets").at("targets").as_array().empty(); },
                      "the other portal has answered");
    (void)cancel(id);
    const auto job = ended(id);
    EXPECT_EQ(text_of(job, "state"), "cancelled");
    std::map<std::string, std::string> results;
    for (const auto& one : job.at("answer").at("results").as_array())
        results[text_of(one, "portal")] = text_of(one, "result");
    EXPECT_EQ(results,
              (std::map<std::string, std::string>{{target.portal(), "refreshed"}, {silent.name(), "cancelled"}}));
    const auto portals = daemon.ask("GET", "/v1/portals");
    for (const auto& portal : portals.at("portals").as_array())
        EXPECT_TRUE(portal.at("last_error").is_null()) << "what was cancelled is no fault of the portal";
}

TEST_F(jobs, portals_that_were_not_begun_are_not_asked_after_a_cancel) {
    const silent_portal silent;
    add_portal(silent.name());
    add_portal(target.portal());
    json::array names;
    for (int n = 0; n < 16; ++n) names.emplace_back(silent.name());  // as many as are asked at once
    names.emplace_back(target.portal());
    const auto id = begin("POST", "/v1/portals/refresh", json::object{{"portals", names}});
    for (int n = 0; n < 16; ++n) silent.wait_for_caller();
    (void)cancel(id);
    const auto results = ended(id).at("answer").at("results").as_array();
    ASSERT_EQ(results.size(), 17U);
    EXPECT_EQ(text_of(results.at(16), "result"), "cancelled");
    EXPECT_THAT(text_of(results.at(16), "message"), HasSubstr("nothing of it was done"));
    EXPECT_EQ((*target).counters().logins, 0U);
}

TEST_F(jobs, a_disconnect_is_one_change_and_a_cancel_midway_comes_too_late) {
    const auto ids = daemon.connect(target, "disk1", true, 2);
    (*target).set_script(target::parse_fault_script("on logout_request(2): ignore"));
    const auto id = begin("DELETE", "/v1/sessions", json::object{{"all", true}});
    daemon.wait_until([&] { return (*target).counters().faults == 1; }, "the second logout hangs");
    (void)cancel(id);
    const auto job = ended(id);
    EXPECT_EQ(text_of(job, "state"), "done");
    EXPECT_EQ(job.at("cancel_requested"), true);
    EXPECT_EQ(job.at("flags"), (json::value{"all"}));
    std::string messages;
    for (const auto& one : job.at("answer").at("results").as_array()) {
        EXPECT_EQ(text_of(one, "result"), "disconnected");
        messages += json::serialize(one.at("message"));
    }
    EXPECT_THAT(messages, HasSubstr("did not confirm the logout"));
    EXPECT_TRUE(daemon.sessions().empty());
}

TEST_F(jobs, an_unregister_as_a_job_answers_as_itself) {
    const auto session = daemon.connect(target, "disk1", true).at(0);
    const auto job = ended(begin("POST", "/v1/sessions/unregister", json::object{{"ids", json::array{session, "x"}}}));
    const auto& results = job.at("answer").at("results").as_array();
    EXPECT_EQ(text_of(results.at(0), "result"), "unregistered");
    EXPECT_EQ(text_of(results.at(1), "result"), "not_found");
    EXPECT_TRUE(daemon.registrations().empty());
}

TEST_F(jobs, a_wait_that_is_not_over_in_time_leaves_the_job_running) {
    const silent_portal silent;
    const auto id = begin("POST", "/v1/sessions", connect_request(silent.name(), 1));
    silent.wait_for_caller();
    const auto answer =
        daemon.client().call("POST", "/v1/jobs/" + id + "/wait", nullptr, std::chrono::milliseconds(20));
    EXPECT_EQ(control::error_of(answer).exit, 11);
    EXPECT_THAT(control::error_of(answer).message, HasSubstr("wait for " + id + ": it is still running"));
    EXPECT_EQ(text_of(daemon.ask("GET", "/v1/jobs").at("jobs").at(0), "state"), "running");
    (void)cancel(id);
    EXPECT_EQ(text_of(ended(id), "state"), "cancelled");
}

TEST_F(jobs, the_deadline_of_the_request_is_that_of_its_job) {
    const silent_portal silent;
    const auto answer = daemon.client().call(
        "POST", "/v1/sessions?job=1", connect_request(silent.name(), 1), std::chrono::milliseconds(300));
    const auto job = ended(text_of(answer.body, "job_id"));
    EXPECT_EQ(text_of(job, "state"), "failed");
    EXPECT_EQ(text_of(job.at("answer").at("error"), "code"), "timed_out");
}

TEST_F(jobs, unknown_ids_are_taken_literally_and_not_found) {
    (void)ended(begin("POST", "/v1/portals/refresh", json::object{{"all", true}}));
    for (const auto* id : {"job-2", "job-01", "JOB-1", "%2A", "1"})
        for (const auto& [method, rest] : {std::pair("GET", ""), {"POST", "/wait"}, {"POST", "/cancel"}}) {
            const auto error = daemon.refused(method, std::string("/v1/jobs/") + id + rest);
            EXPECT_EQ(error.code, "not_found") << id << rest;
            EXPECT_EQ(error.exit, 4);
        }
    EXPECT_EQ(daemon.refused("GET", "/v1/sessions?job=1").code, "bad_request");
}

TEST_F(jobs, a_running_one_does_not_outlive_the_daemon_nor_keep_it) {
    const silent_portal silent;
    (void)begin("POST", "/v1/sessions", connect_request(silent.name(), 1));
    silent.wait_for_caller();
    EXPECT_EQ(daemon.end(SIGTERM), 0) << daemon.log();
    EXPECT_THAT(daemon.log(), HasSubstr("job=job-1 state=cancelled"));
    daemon.start();
    EXPECT_TRUE(daemon.ask("GET", "/v1/jobs").at("jobs").as_array().empty());
    EXPECT_TRUE(daemon.sessions().empty());
}

TEST_F(jobs, a_secret_in_its_request_is_in_no_answer) {
    auto request = connect_request(target.portal(), 1);
    request["target"] = "iqn.2026-11.test:locked";
    request["chap"] = {{"name", "someone"}, {"secret", chap_secret}};
    request["mutual_chap"] = {{"name", "target"}, {"secret", mutual_secret}};
    const auto job = json::serialize(ended(begin("POST", "/v1/sessions", request)));
    EXPECT_THAT(job, HasSubstr(R"("state":"done")"));
    EXPECT_EQ(job.find(chap_secret), std::string::npos);
    EXPECT_EQ(job.find(mutual_secret), std::string::npos);
}

}  // namespace
}  // namespace persiscsi::testing
