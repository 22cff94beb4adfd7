// SPDX-License-Identifier: Apache-2.0
// Unregister in the background.
#include "tests/integration/daemon/unregister_case.hpp"

#include <boost/json/parse.hpp>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;

// The cancel races with the request on purpose: whichever is first, the job says what the table holds.
TEST_F(unregister, case_30_a_job_that_is_cancelled_midway_says_what_was_done) {
    const auto ids = daemon.connect(target, "disk1", true, 8);
    std::size_t done_as_a_whole = 0;
    for (int round = 0; round < 5; ++round) {
        std::vector<std::string> all{"session", "register"};
        all.insert(all.end(), ids.begin(), ids.end());
        ASSERT_EQ(run(all).exit, 0);
        ASSERT_EQ(registered().size(), ids.size());

        all[1] = "unregister";
        all.insert(all.end(), {"--job", "--json"});
        const auto begun = run(all);
        ASSERT_EQ(begun.exit, 0) << begun.err;
        const auto job = text_of(json::parse(begun.out), "job_id");
        EXPECT_EQ(run({"job", "cancel", job}).exit, 0);
        const auto waited = run({"job", "wait", job, "--json"});
        const auto jobs = json::parse(waited.out);
        const auto& ended = jobs.at("jobs").at(0).as_object();

        const auto* results = ended.at("answer").as_object().if_contains("results");
        if (results == nullptr) {
            EXPECT_EQ(ended.at("state"), "cancelled") << waited.out;
            EXPECT_EQ(waited.exit, 3);
            EXPECT_EQ(registered().size(), ids.size()) << "nothing was said to be done";
            continue;
        }
        ++done_as_a_whole;
        EXPECT_EQ(ended.at("state"), "done") << waited.out;
        EXPECT_EQ(waited.exit, 0);
        ASSERT_EQ(results->as_array().size(), ids.size());
        for (const auto& item : results->as_array()) EXPECT_EQ(item.at("result"), "unregistered") << waited.out;
        EXPECT_TRUE(registered().empty());
    }
    RecordProperty("done_as_a_whole", static_cast<int>(done_as_a_whole));
    EXPECT_EQ(daemon.sessions().size(), ids.size()) << "all stay logged in";
}

TEST_F(unregister, case_30_a_disconnect_that_is_cancelled_midway_says_that_all_are_unregistered) {
    const auto ids = daemon.connect(target, "disk1", true, 2);
    (*target).set_script(target::parse_fault_script("on logout_request(2): ignore"));
    const auto begun = run({"target", "disconnect", "--all", "--unregister", "--yes", "--job", "--json"});
    const auto job = text_of(json::parse(begun.out), "job_id");
    daemon.wait_until([&] { return (*target).counters().faults == 1; }, "the second logout hangs");
    EXPECT_EQ(run({"job", "cancel", job}).exit, 0);
    EXPECT_TRUE(registered().empty()) << "unregistered first";
    const auto waited = run({"job", "wait", job, "--json"});
    const auto jobs = json::parse(waited.out);
    const auto& ended = jobs.at("jobs").at(0).as_object();
    EXPECT_EQ(ended.at("state"), "done") << waited.out;
    EXPECT_EQ(ended.at("cancel_requested"), true);
    std::size_t unconfirmed = 0;
    for (const auto& item : ended.at("answer").at("results").as_array()) {
        EXPECT_EQ(item.at("unregistered"), true) << waited.out;
        unconfirmed += item.at("message").is_string() ? 1U : 0U;
    }
    EXPECT_EQ(unconfirmed, 1U) << waited.out;
    EXPECT_TRUE(daemon.sessions().empty());
}

TEST_F(unregister, case_30_a_job_that_was_cancelled_after_its_change_says_so) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    const auto begun = run({"session", "unregister", id, "reg-99", "--job", "--json"});
    const auto job = text_of(json::parse(begun.out), "job_id");
    const auto waited = run({"job", "wait", job, "--json"});
    EXPECT_EQ(waited.exit, 3) << "as the command itself: one of two was not found";
    const auto cancelled = run({"job", "cancel", job, "--json"});
    EXPECT_EQ(json::parse(cancelled.out).at("results").at(0).at("result"), "already_ended") << cancelled.out;
    const auto shown = json::parse(run({"job", "show", job, "--json"}).out);
    EXPECT_EQ(shown.at("state"), "done");
    EXPECT_EQ(shown.at("answer").at("results").at(0).at("result"), "unregistered");
    EXPECT_EQ(shown.at("answer").at("results").at(1).at("result"), "not_found");
    EXPECT_TRUE(registered().empty());
}

}  // namespace
}  // namespace persiscsi::testing
