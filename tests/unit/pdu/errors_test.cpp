// SPDX-License-Identifier: Apache-2.0
#include "pdu/errors.hpp"

#include <gtest/gtest.h>

#include <set>

namespace persiscsi {
namespace {

TEST(protocol_errors, each_value_has_one_row_with_its_own_name_and_text) {
    std::set<std::string> names;
    std::set<std::string> texts;
    int value = 0;
    for (const auto& row : protocol_errors) {
        EXPECT_EQ(static_cast<int>(row.value), ++value) << "rows stand in the order of the enum: " << row.name;
        names.emplace(row.name);
        texts.emplace(row.text);
        const std::error_code code = row.value;
        EXPECT_EQ(code.message(), row.text);
        EXPECT_EQ(protocol_category().name_of(code.value()), row.name);
        EXPECT_EQ(classify(code), row.what_next);
    }
    EXPECT_EQ(value, static_cast<int>(protocol_errc::local_task_set_aborted));
    EXPECT_EQ(names.size(), std::size(protocol_errors));
    EXPECT_EQ(texts.size(), std::size(protocol_errors));
}

TEST(protocol_errors, an_unknown_number_is_permanent_and_says_so) {
    const std::error_code code(9999, protocol_category());
    EXPECT_EQ(code.message(), "unknown error 9999");
    EXPECT_EQ(protocol_category().name_of(9999), "unknown");
    EXPECT_EQ(classify(code), error_class::permanent);
}

TEST(classify, an_error_of_the_system_means_a_lost_session) {
    EXPECT_EQ(classify(std::make_error_code(std::errc::connection_reset)), error_class::session_lost);
}

}  // namespace
}  // namespace persiscsi
