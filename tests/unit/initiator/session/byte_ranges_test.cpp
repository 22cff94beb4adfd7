// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/byte_ranges.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace persiscsi {
namespace {

TEST(byte_ranges, in_order_are_a_prefix) {
    byte_ranges moved;
    moved.add(0, 100);
    moved.add(100, 50);
    EXPECT_EQ(moved.prefix(), 150U);
    EXPECT_EQ(moved.size(), 150U);
    EXPECT_TRUE(moved.touches(149, 1));
    EXPECT_FALSE(moved.touches(150, 1000));
    EXPECT_FALSE(moved.touches(0, 0)) << "no bytes touch nothing";
}

TEST(byte_ranges, a_hole_ends_the_prefix_until_it_is_filled) {
    byte_ranges moved;
    moved.add(0, 10);
    moved.add(20, 10);
    EXPECT_EQ(moved.prefix(), 10U);
    EXPECT_EQ(moved.size(), 20U);
    EXPECT_TRUE(moved.touches(15, 6));
    EXPECT_FALSE(moved.touches(10, 10));
    moved.add(10, 10);
    EXPECT_EQ(moved.prefix(), 30U);
}

TEST(byte_ranges, agree_with_a_map_of_bytes_in_any_order) {
    std::mt19937 dice(1);
    for (int round = 0; round < 300; ++round) {
        byte_ranges moved;
        std::vector<bool> bytes(64);
        for (int i = 0; i < 20; ++i) {
            const auto offset = std::uniform_int_distribution<std::uint32_t>(0, 50)(dice);
            const auto count = std::uniform_int_distribution<std::uint32_t>(0, 13)(dice);
            const auto begin = bytes.begin() + offset;
            const auto end = begin + count;
            ASSERT_EQ(moved.touches(offset, count), std::find(begin, end, true) != end);
            moved.add(offset, count);
            std::fill(begin, end, true);
            ASSERT_EQ(moved.size(), static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), true)));
            ASSERT_EQ(moved.prefix(), std::find(bytes.begin(), bytes.end(), false) - bytes.begin());
        }
    }
}

}  // namespace
}  // namespace persiscsi
