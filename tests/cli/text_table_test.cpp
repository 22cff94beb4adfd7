// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace persiscsi::cli {
namespace {

TEST(cell, is_what_people_read) {
    const auto cell = [](const char* json) { return cell_of(boost::json::parse(json)); };
    EXPECT_EQ(cell("null"), "-");
    EXPECT_EQ(cell("true"), "yes");
    EXPECT_EQ(cell("17"), "17");
    EXPECT_EQ(cell("[]"), "-");
    EXPECT_EQ(cell(R"(["a", "b"])"), "a, b");
    EXPECT_EQ(
        cell(R"([{"names": "logical_unit", "identifier": "naa.5"}, {"names": "target_port", "identifier": "x"}])"),
        "logical_unit naa.5, target_port x");
}

}  // namespace
}  // namespace persiscsi::cli
