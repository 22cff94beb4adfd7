// SPDX-License-Identifier: Apache-2.0
// Unregister, cases 9, 19, 22 and 24: others act at the same time, or right after.
#include "tests/integration/daemon/unregister_case.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <future>
#include <map>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

TEST_F(unregister, case_09_a_session_that_vanishes_before_the_write_is_named_and_its_registration_untouched) {
    const auto gone = daemon.connect(target, "disk1", true).at(0);
    const auto looked_up = run({"session", "list", "--json"}).out;
    ASSERT_EQ(change({"target", "disconnect", gone}).exit, 0);
    const auto late = off({"-"}, {.standard_input = looked_up});
    EXPECT_EQ(late.exit, 4) << late.err;
    expect_result(late.only(), "not_found", "", "", false);
    EXPECT_THAT(late.err, HasSubstr(gone));
    EXPECT_EQ(registered().size(), 1U);
    ASSERT_EQ(off({"--all"}).exit, 0);

    auto ids = daemon.connect(target, "disk2", true, 16);
    std::map<std::string, std::string> registration;
    for (const auto& id : ids) registration[id] = registration_of(id);
    auto away = std::async(std::launch::async, [&, ids]() mutable {
        ids.insert(ids.begin(), {"target", "disconnect"});
        return change(ids);
    });
    const auto answer = off(ids);
    EXPECT_EQ(away.get().exit, 0);
    ASSERT_EQ(answer.results.size(), ids.size());
    const auto left = registered();
    for (const auto& item : answer.results) {
        const auto result = text_of(item, "result");
        EXPECT_TRUE(result == "unregistered" || result == "not_found") << json::serialize(item);
        EXPECT_EQ(left.contains(registration[text_of(item, "id")]), result == "not_found") << json::serialize(item);
    }
}

TEST_F(unregister, case_19_two_unregisters_and_a_register_at_once_leave_what_their_answers_say) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    for (int round = 0; round < 12; ++round) {
        const auto before = static_cast<int>(registered().size());
        auto one = std::async(std::launch::async, [&] { return off({id}); });
        auto two = std::async(std::launch::async, [&] { return off({id}); });
        auto back = std::async(std::launch::async, [&] { return change({"session", "register", id}); });
        int balance = before;
        for (auto* answer : {&one, &two, &back}) {
            const auto said = answer->get();
            EXPECT_EQ(said.exit, 0) << said.err;
            const auto result = text_of(said.only(), "result");
            balance += result == "registered" ? 1 : result == "unregistered" ? -1 : 0;
        }
        const auto left = static_cast<int>(registered().size());
        EXPECT_EQ(left, balance);
        EXPECT_TRUE(left == 0 || left == 1) << left;
        EXPECT_EQ(session(id).at("is_persistent"), json::value(left == 1));
    }
    const auto last = registered();
    crash_and_start();
    EXPECT_EQ(registered(), last);
    EXPECT_EQ(list("session").size(), 1U);
}

TEST_F(unregister, case_22_a_daemon_restarted_right_after_keeps_the_session_and_its_answer) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    const auto isids = target.connected_isids();
    ASSERT_EQ(off({id}).exit, 0);
    crash_and_start();
    EXPECT_EQ(run({"session", "wait", id, "--timeout", "20"}).exit, 0);
    EXPECT_EQ(target.connected_isids(), isids);
    EXPECT_EQ(session(id).at("is_persistent"), json::value(false));
    EXPECT_TRUE(registered().empty());
    const auto handed = daemon.start_in_vain({"--handover"});
    EXPECT_EQ(handed.exit_code, 0) << handed.output;
    ASSERT_EQ(daemon.process->wait(), 0);
    daemon.start();
    EXPECT_EQ(run({"session", "wait", id, "--timeout", "20"}).exit, 0) << "an upgrade keeps it too";
    EXPECT_EQ(session(id).at("is_persistent"), json::value(false));
    reboot();
    EXPECT_TRUE(list("session").empty());
}

TEST_F(unregister, case_24_disconnect_with_unregister_unregisters_first_and_tells_of_a_failed_logout) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    (*target).set_script(target::parse_fault_script("every logout_request(1): drop_connection"));
    const auto answer = change({"target", "disconnect", id, "--unregister"});
    const auto& item = answer.only();
    EXPECT_EQ(item.at("unregistered"), json::value(true));
    EXPECT_TRUE(item.at("returns_because").is_null());
    EXPECT_THAT(text_of(item, "message"), HasSubstr("logout"));
    EXPECT_TRUE(registered().empty());
    EXPECT_TRUE(list("session").empty());
    (*target).set_script({});
    reboot();
    EXPECT_TRUE(list("session").empty());
}

}  // namespace
}  // namespace persiscsi::testing
