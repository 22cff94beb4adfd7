// SPDX-License-Identifier: Apache-2.0
// The table of rows, the tests and docs/conformance.md agree.
#include "tests/conformance/document.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

namespace persiscsi::conformance {
namespace {

TEST(conformance_rows, have_one_test_each) {
    const auto tests = tests_by_row();
    std::set<std::string> keys;
    for (const auto& row : all_rows()) {
        const auto key = row_key(row);
        EXPECT_TRUE(keys.insert(key).second) << key << " is there twice";
        const auto found = tests.find(key);
        EXPECT_EQ(found == tests.end() ? 0U : found->second.size(), 1U) << "tests of " << key;
    }
}

TEST(conformance_rows, are_there_for_each_test) {
    std::set<std::string> keys;
    for (const auto& row : all_rows()) keys.insert(row_key(row));
    for (const auto& [key, tests] : tests_by_row()) EXPECT_TRUE(keys.contains(key)) << tests.front().name;
}

TEST(conformance_rows, are_as_many_as_the_suites_have) {
    EXPECT_EQ(full_feature_rows().size(), 66U);
    EXPECT_EQ(login_rows().size(), 40U);
    EXPECT_EQ(chap_rows().size(), 32U);
}

TEST(conformance_document, is_what_is_printed) {
    std::ifstream file(PERSISCSI_CONFORMANCE_DOCUMENT);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_TRUE(text == document()) << "docs/conformance.md is old; conformance_test --print-document prints it anew";
}

}  // namespace
}  // namespace persiscsi::conformance
