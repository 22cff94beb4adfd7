// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/command_window.hpp"

#include <gtest/gtest.h>

namespace persiscsi {
namespace {

using sn = pdu::command_sn;

TEST(command_window, is_closed_before_the_target_has_spoken) {
    EXPECT_FALSE(command_window(sn{1}).open());
}

TEST(command_window, lets_commands_pass_up_to_max_cmd_sn) {
    command_window window(sn{1});
    window.update(sn{1}, sn{2});
    EXPECT_EQ(window.take(), sn{1});
    EXPECT_EQ(window.take(), sn{2});
    EXPECT_FALSE(window.open());
}

TEST(command_window, stays_closed_where_max_cmd_sn_is_one_less_than_exp_cmd_sn) {
    command_window window(sn{5});
    window.update(sn{5}, sn{4});
    EXPECT_FALSE(window.open());
}

TEST(command_window, never_shrinks) {
    command_window window(sn{1});
    window.update(sn{1}, sn{8});
    window.update(sn{1}, sn{3});
    for (std::uint32_t i = 1; i <= 8; ++i) ASSERT_EQ(window.take(), sn{i});
}

TEST(command_window, ignores_a_pair_with_max_cmd_sn_before_exp_cmd_sn_less_one) {
    command_window window(sn{1});
    window.update(sn{9}, sn{7});
    EXPECT_FALSE(window.open());
}

TEST(command_window, wraps_around_zero) {
    command_window window(sn{0xffffffff});
    window.update(sn{0xffffffff}, sn{0});
    EXPECT_EQ(window.take(), sn{0xffffffff});
    EXPECT_EQ(window.take(), sn{0});
    EXPECT_FALSE(window.open());
}

}  // namespace
}  // namespace persiscsi
