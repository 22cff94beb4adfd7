// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/target.hpp"

#include <gtest/gtest.h>

namespace persiscsi::control {
namespace {

TEST(control_target, percent_encoding_is_undone_by_decoding) {
    std::string every;
    for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
    EXPECT_EQ(percent_decoded(percent_encoded(every)), every);
    EXPECT_EQ(percent_encoded("iqn.2024-01.org:a b/c"), "iqn.2024-01.org%3Aa%20b%2Fc");
}

TEST(control_target, decoding_refuses_broken_escapes) {
    for (const auto* broken : {"%", "a%4", "%4g", "%g4", "x%%41"}) EXPECT_FALSE(percent_decoded(broken)) << broken;
}

TEST(control_target, a_target_is_taken_apart_into_segments_and_query) {
    const auto parsed = parse_target("/v1/sessions/a%2Fb?target=iqn.x%3Ay&portal=h%3A1&flag&&id=");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->segments, (std::vector<std::string>{"v1", "sessions", "a/b"}));
    const std::vector<std::pair<std::string, std::string>> query{
        {"target", "iqn.x:y"}, {"portal", "h:1"}, {"flag", ""}, {"id", ""}};
    EXPECT_EQ(parsed->query, query);
}

TEST(control_target, a_target_that_is_no_absolute_path_is_refused) {
    for (const auto* wrong : {"", "v1", "/", "//v1", "/v1/", "/v1//x", "/v1/%zz", "/v1?a=%z"})
        EXPECT_FALSE(parse_target(wrong)) << wrong;
}

TEST(control_target, with_query_is_undone_by_parse_target) {
    const std::vector<std::pair<std::string, std::string>> query{{"id", "reg-1"}, {"target", "a&b=c?d%/é"}};
    const auto parsed = parse_target(with_query("/v1/sessions", query));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->query, query);
}

}  // namespace
}  // namespace persiscsi::control
