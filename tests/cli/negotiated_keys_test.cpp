// SPDX-License-Identifier: Apache-2.0
#include "cli/negotiated_keys.hpp"

#include <gtest/gtest.h>

namespace persiscsi::cli {
namespace {

TEST(granted_less, names_what_was_asked_for_and_what_came) {
    login_options asked;
    asked.wishes.max_connections = 4;
    asked.parameters = {{"MaxOutstandingR2T", "1"}, {"ErrorRecoveryLevel", "2"}};
    negotiated agreed;
    agreed.max_connections = 1;
    agreed.error_recovery_level = 1;
    EXPECT_EQ(granted_less(agreed, asked), "MaxConnections 1 (asked for: 4), ErrorRecoveryLevel 1 (asked for: 2)");
    agreed.max_connections = 4;
    EXPECT_EQ(granted_less(agreed, asked), "ErrorRecoveryLevel 1 (asked for: 2)");
}

TEST(granted_less, is_empty_where_the_target_gave_all) {
    EXPECT_EQ(granted_less({}, {}), "");
    login_options asked;
    asked.wishes.error_recovery_level = 2;
    negotiated agreed;
    agreed.error_recovery_level = 2;
    EXPECT_EQ(granted_less(agreed, asked), "");
}

}  // namespace
}  // namespace persiscsi::cli
