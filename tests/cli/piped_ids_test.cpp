// SPDX-License-Identifier: Apache-2.0
#include "cli/piped_ids.hpp"

#include "cli/command_error.hpp"

#include <gtest/gtest.h>

namespace persiscsi::cli {
namespace {

using ids = std::vector<std::string>;

std::string complaint_about(const std::string& piped) {
    try {
        static_cast<void>(ids_in(piped, id_kind::either));
    } catch (const command_error& error) {
        EXPECT_EQ(error.code(), exit_code::usage);
        return error.what();
    }
    return "accepted";
}

TEST(piped_ids, are_words_between_white_space) {
    EXPECT_EQ(ids_in("a b\n\tc\r\n", id_kind::session), (ids{"a", "b", "c"}));
    EXPECT_EQ(ids_in("", id_kind::session), ids{});
    EXPECT_EQ(ids_in(" \n", id_kind::session), ids{});
    EXPECT_EQ(ids_in("*", id_kind::session), ids{"*"});
}

TEST(piped_ids, come_out_of_our_lists_and_objects) {
    EXPECT_EQ(ids_in(R"({"sessions":[{"id":"s1"},{"id":"s2"}]})", id_kind::session), (ids{"s1", "s2"}));
    EXPECT_EQ(ids_in(R"({"sessions":[]})", id_kind::session), ids{});
    EXPECT_EQ(ids_in(R"({"results":[{"id":"s1","result":"unregistered"}]})", id_kind::session), ids{"s1"});
    EXPECT_EQ(ids_in(R"({"id":"s1","target":"t"})", id_kind::session), ids{"s1"});
    EXPECT_EQ(ids_in(R"(["s1","s2"])", id_kind::session), (ids{"s1", "s2"}));
}

TEST(piped_ids, of_the_other_kind_are_followed_to_the_kind_wanted) {
    const auto* session = R"({"sessions":[{"id":"s1","registration_id":"reg-1"},{"id":"s2","registration_id":null}]})";
    EXPECT_EQ(ids_in(session, id_kind::registration), (ids{"reg-1", "s2"}));
    EXPECT_EQ(ids_in(session, id_kind::either), (ids{"s1", "s2"}));
    const auto* registration = R"({"registrations":[{"id":"reg-1","session_id":"s1"}]})";
    EXPECT_EQ(ids_in(registration, id_kind::session), ids{"s1"});
    EXPECT_EQ(ids_in(registration, id_kind::registration), ids{"reg-1"});
}

TEST(piped_ids, of_foreign_objects_are_refused_by_number) {
    EXPECT_EQ(complaint_about(R"({"sessions":[{"id":"s1"},{"name":"x"}]})"),
              "standard input: item 2 is not what a command of ours prints: it has no id");
    EXPECT_EQ(complaint_about(R"({"id":7})"),
              "standard input: item 1 is not what a command of ours prints: it has no id");
    EXPECT_EQ(complaint_about("[[]]"), "standard input: item 1 is not what a command of ours prints: it has no id");
}

TEST(piped_ids, can_be_the_portals_or_targets_of_anything_that_has_them) {
    const std::string sessions = R"({"sessions":[{"id":"s1","target":"iqn.a","portal":"h:1"}]})";
    EXPECT_EQ(ids_in(sessions, id_kind::portal), (std::vector<std::string>{"h:1"}));
    EXPECT_EQ(ids_in(sessions, id_kind::target), (std::vector<std::string>{"iqn.a"}));
    EXPECT_EQ(ids_in(R"({"portals":[{"portal":"h:2"}]})", id_kind::portal), (std::vector<std::string>{"h:2"}));
    EXPECT_EQ(ids_in(R"({"targets":[{"target":"iqn.b"}]})", id_kind::target), (std::vector<std::string>{"iqn.b"}));
}

TEST(piped_ids, of_broken_json_are_refused) {
    for (const std::string broken : {"{", "[\"a\"", "{\"sessions\":[}", "[\"a\"] x", "{\"id\":\"a\"}{\"id\":\"b\"}"})
        EXPECT_TRUE(complaint_about(broken).starts_with("standard input: broken JSON: ")) << broken;
    EXPECT_TRUE(complaint_about(std::string(5000, '[')).starts_with("standard input: broken JSON: "));
}

}  // namespace
}  // namespace persiscsi::cli
