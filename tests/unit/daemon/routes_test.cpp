// SPDX-License-Identifier: Apache-2.0
#include "daemon/routes.hpp"

#include <gtest/gtest.h>

#include <set>

namespace persiscsi::daemon {
namespace {

found_route find(std::string_view verb, std::string_view path) {
    return find_route(verb, control::parse_target(path)->segments);
}

TEST(routes, every_route_is_found_by_its_own_pattern_with_its_arguments) {
    for (const auto& row : routes()) {
        std::string path(row.pattern);
        std::vector<std::string> arguments;
        for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
            arguments.push_back("x" + std::to_string(arguments.size()));
            path.replace(open, path.find('}') - open + 1, arguments.back());
        }
        const auto found = find(row.verb, path);
        EXPECT_EQ(found.found, &row) << row.verb << " " << row.pattern;
        EXPECT_EQ(found.arguments, arguments) << row.pattern;
    }
}

TEST(routes, each_has_a_summary_and_no_two_are_the_same) {
    std::set<std::string> seen;
    for (const auto& row : routes()) {
        EXPECT_FALSE(row.summary.empty()) << row.pattern;
        EXPECT_TRUE(seen.insert(std::string(row.verb) + " " + std::string(row.pattern)).second) << row.pattern;
    }
}

TEST(routes, a_wrong_verb_is_told_what_the_path_takes) {
    const auto found = find("PATCH", "/v1/sessions");
    EXPECT_EQ(found.found, nullptr);
    EXPECT_EQ(found.allowed, "GET, POST, DELETE");
}

TEST(routes, an_unknown_path_is_not_found) {
    for (const auto* path :
         {"/v1", "/v2/sessions", "/v1/sessions/a/b", "/v1/sessionsx", "/v1/sessions/a/luns/0/blocks/1"}) {
        const auto found = find("GET", path);
        EXPECT_EQ(found.found, nullptr) << path;
        EXPECT_TRUE(found.allowed.empty()) << path;
    }
}

TEST(routes, a_literal_path_comes_before_an_argument) {
    EXPECT_EQ(find("POST", "/v1/sessions/wait").found->pattern, "/v1/sessions/wait");
    EXPECT_EQ(find("GET", "/v1/sessions/wait").found->pattern, "/v1/sessions/{id}");
}

TEST(routes, only_octets_and_a_whole_table_may_be_long) {
    for (const auto& row : routes()) {
        const auto mebibytes = row.takes == body_kind::octets ? 8U : row.takes == body_kind::table ? 32U : 1U;
        EXPECT_EQ(body_limit(row), std::size_t{mebibytes} << 20) << row.pattern;
        EXPECT_LE(body_limit(row), longest_body);
        EXPECT_EQ(row.takes == body_kind::table, row.verb == "POST" && row.pattern == "/v1/table");
    }
}

}  // namespace
}  // namespace persiscsi::daemon
