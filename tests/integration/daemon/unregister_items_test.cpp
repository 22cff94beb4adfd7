// SPDX-License-Identifier: Apache-2.0
// Unregister, cases 3 to 7, 26 and 27: which items a request is about, and what is said of each.
#include "tests/integration/daemon/unregister_case.hpp"

#include <gmock/gmock.h>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

TEST_F(unregister, case_03_already_unregistered_is_success_and_said_and_an_error_when_strict) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    ASSERT_EQ(off({id}).exit, 0);
    const auto again = off({id});
    EXPECT_EQ(again.exit, 0) << again.err;
    EXPECT_EQ(again.err, "");
    expect_result(again.only(), "not_registered", "not_registered", "not_registered", true);
    EXPECT_THAT(text_of(again.only(), "message"), HasSubstr("not registered already"));
    const auto strict = off({id, "--strict"});
    EXPECT_EQ(strict.exit, 5) << strict.err;
    expect_result(strict.only(), "refused", "not_registered", "not_registered", true);
    EXPECT_THAT(strict.err, HasSubstr(id));
    EXPECT_THAT(strict.err, HasSubstr("strict"));
    EXPECT_EQ(list("session").size(), 1U);
}

TEST_F(unregister, case_04_ids_that_name_nothing_are_taken_literally_and_not_found) {
    const auto id = daemon.connect(target, "disk1", true).at(0);
    const auto registration = registration_of(id);
    auto unknown = id;
    unknown.back() = unknown.back() == '0' ? '1' : '0';
    for (const auto& name : {unknown,                  // well-formed
                             std::string("reg-99"),    //
                             std::string("reg-"),      // malformed
                             std::string("reg--1"),    //
                             registration + " ",       //
                             " " + registration,       //
                             id.substr(0, 16),         //
                             id + "0",                 //
                             std::string("nonsense"),  //
                             std::string("reg-99999999999999999999999999"),
                             std::string("*"),  // wildcard-looking
                             std::string("reg-*"),
                             std::string("reg-?"),
                             std::string("reg-[0-9]"),
                             id.substr(0, 8) + "*",
                             std::string("%"),
                             std::string("reg-_"),
                             std::string("' OR 1=1 --"),
                             std::string("../registrations"),
                             std::string("")}) {
        const auto answer = off({name});
        EXPECT_EQ(answer.exit, 4) << "\"" << name << "\": " << answer.out << answer.err;
        expect_result(answer.only(), "not_found", "", "", false);
        EXPECT_EQ(text_of(answer.only(), "id"), name);
    }
    const auto longest = off({std::string(5000, 'x')});
    EXPECT_EQ(longest.exit, 4) << longest.err;
    EXPECT_LT(longest.err.size(), 300U) << "an over-long id is not repeated in full";
    EXPECT_LT(text_of(longest.only(), "id").size(), 100U);
    EXPECT_EQ(registered(), std::set{registration});
    EXPECT_EQ(session(id).at("is_persistent"), json::value(true));
}

TEST_F(unregister, case_05_good_items_are_done_beside_a_bad_one_unless_atomic) {
    const auto one = daemon.connect(target, "disk1", true).at(0);
    const auto two = daemon.connect(target, "disk2", true).at(0);
    const auto atomic = off({one, "reg-99", two, "--atomic"});
    EXPECT_EQ(atomic.exit, 3) << atomic.err;
    ASSERT_EQ(atomic.results.size(), 3U);
    expect_result(atomic.results[0].as_object(), "refused", "registered", "registered", true);
    expect_result(atomic.results[1].as_object(), "not_found", "", "", false);
    EXPECT_THAT(text_of(atomic.results[2], "message"), HasSubstr("reg-99"));
    EXPECT_EQ(registered().size(), 2U);

    const auto each = off({one, "reg-99", two});
    EXPECT_EQ(each.exit, 3) << each.err;
    ASSERT_EQ(each.results.size(), 3U);
    expect_result(each.results[0].as_object(), "unregistered", "registered", "not_registered", true);
    expect_result(each.results[1].as_object(), "not_found", "", "", false);
    expect_result(each.results[2].as_object(), "unregistered", "registered", "not_registered", true);
    EXPECT_THAT(each.err, HasSubstr("reg-99"));
    EXPECT_EQ(std::ranges::count(each.err, '\n'), 1) << each.err;
    EXPECT_TRUE(registered().empty());
    EXPECT_EQ(target.connected_isids().size(), 2U);
}

TEST_F(unregister, case_06_an_id_named_twice_and_a_session_with_its_registration_are_one_item) {
    const auto one = daemon.connect(target, "disk1", true).at(0);
    const auto two = daemon.connect(target, "disk2", true).at(0);
    const auto kept = registration_of(two);
    const auto registration = registration_of(one);
    const auto answer = off({one, registration, one, registration});
    EXPECT_EQ(answer.exit, 0) << answer.err;
    ASSERT_EQ(answer.results.size(), 4U);
    for (const auto& item : answer.results) {
        expect_result(item.as_object(), "unregistered", "registered", "not_registered", true);
        EXPECT_EQ(text_of(item, "session_id"), one);
        EXPECT_EQ(text_of(item, "registration_id"), registration);
    }
    EXPECT_EQ(registered(), std::set{kept});
    const auto atomic = off({kept, two, "--atomic", "--strict"});
    EXPECT_EQ(atomic.exit, 0) << atomic.err;
    EXPECT_TRUE(registered().empty());
}

TEST_F(unregister, case_07_without_sessions_and_registrations_all_is_done_and_an_id_is_not_found) {
    const auto all = off({"--all"});
    EXPECT_EQ(all.exit, 0) << all.err;
    EXPECT_TRUE(all.results.empty());
    EXPECT_NE(all.out, "");
    EXPECT_EQ(off({"0123456789abcdef-0123456789abcdef"}).exit, 4);
    EXPECT_EQ(off({"reg-1"}).exit, 4);
    EXPECT_EQ(off({"--orphans"}).exit, 4);
    EXPECT_EQ(off({"--target", std::string(disk1)}).exit, 4);
    EXPECT_EQ(off({}).exit, 2);
}

TEST_F(unregister, case_26_our_own_json_is_taken_and_foreign_or_broken_input_changes_nothing) {
    const auto piped = [&](std::string text) { return off({"-"}, {.standard_input = std::move(text)}); };
    const auto one = daemon.connect(target, "disk1", true).at(0);
    (void)daemon.connect(target, "disk2", true);
    (void)daemon.connect(target, "disk3", true);
    for (const auto* input : {R"({"sessions":[{"name":"x"}]})",
                              R"({"sessions":[{"id":7}]})",
                              R"([1, 2])",
                              R"({"disks":["sda"]})",
                              R"({"sessions":[{"id":"reg-1"})",
                              "[",
                              R"({"sessions": 5})"}) {
        const auto answer = piped(input);
        EXPECT_EQ(answer.exit, 2) << input << ": " << answer.out << answer.err;
        EXPECT_EQ(answer.out, "") << input;
        EXPECT_THAT(answer.err, HasSubstr("standard input")) << input;
    }
    EXPECT_EQ(piped("").exit, 4) << "no input never means all";
    EXPECT_EQ(piped(R"({"sessions":[]})").exit, 4);
    EXPECT_EQ(registered().size(), 3U);

    const auto before = run({"session", "list", "--target", std::string(disk1), "--json"}).out;
    const auto first = piped(before);
    EXPECT_EQ(first.exit, 0) << first.err;
    expect_result(first.only(), "unregistered", "registered", "not_registered", true);
    const auto stale = piped(before);  // re-resolved, not believed
    EXPECT_EQ(stale.exit, 0) << stale.err;
    expect_result(stale.only(), "not_registered", "not_registered", "not_registered", true);
    const auto results = piped(first.out);
    EXPECT_EQ(text_of(results.only(), "id"), one);
    const auto rest = piped(run({"registration", "list", "--json"}).out);
    EXPECT_EQ(rest.exit, 0) << rest.err;
    EXPECT_EQ(rest.results.size(), 2U);
    EXPECT_TRUE(registered().empty());
}

TEST_F(unregister, case_27_all_with_none_one_and_many_and_never_together_with_ids) {
    EXPECT_EQ(off({"--all", "--strict"}).exit, 0);
    const auto id = daemon.connect(target, "disk1", true).at(0);
    for (const auto& usage :
         {std::vector<std::string>{"--all", id}, {id, "--all"}, {"--all", "-"}, {"--orphans", id}}) {
        const auto answer = off(usage);
        EXPECT_EQ(answer.exit, 2) << answer.out << answer.err;
        EXPECT_EQ(answer.out, "");
    }
    EXPECT_EQ(registered().size(), 1U);
    const auto one = off({"--all"});
    EXPECT_EQ(one.exit, 0) << one.err;
    expect_result(one.only(), "unregistered", "registered", "not_registered", true);
    (void)daemon.connect(target, "disk2", true, 5);
    (void)daemon.connect(target, "disk3", false);
    const auto many = off({"--all", "--atomic"});
    EXPECT_EQ(many.exit, 0) << many.err;
    EXPECT_EQ(many.results.size(), 5U) << "only what is registered";
    EXPECT_TRUE(registered().empty());
    EXPECT_EQ(target.connected_isids().size(), 7U);
}

}  // namespace
}  // namespace persiscsi::testing
