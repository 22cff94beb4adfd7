// SPDX-License-Identifier: Apache-2.0
#include "initiator/secret.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <type_traits>

namespace persiscsi {
namespace {

static_assert(std::is_nothrow_move_constructible_v<secret> && std::is_nothrow_move_assignable_v<secret>);
static_assert(!std::is_convertible_v<secret, std::string_view>);

TEST(secret, prints_three_stars) {
    std::ostringstream out;
    out << secret("correct horse") << secret();
    EXPECT_EQ(out.str(), "******");
}

TEST(secret, reveals_exactly_what_it_was_given) {
    const std::string clear("nul \0 inside", 12);
    EXPECT_EQ(secret(clear).reveal(), clear);
    EXPECT_TRUE(secret().reveal().empty());
    EXPECT_TRUE(secret(std::string_view()).empty());
}

TEST(secret, take_wipes_the_source) {
    std::string source(64, 's');
    const char* bytes = source.data();
    const auto taken = secret::take(source);
    EXPECT_EQ(taken.reveal(), std::string(64, 's'));
    EXPECT_TRUE(source.empty());
    EXPECT_EQ(std::string_view(bytes, 64), std::string(64, '\0'));
}

TEST(secret, moves_and_copies) {
    secret first("one");
    secret second = std::move(first);
    EXPECT_EQ(second.reveal(), "one");
    const secret copy = second;
    EXPECT_EQ(copy.reveal(), "one");
    EXPECT_NE(copy.reveal().data(), second.reveal().data());
    second = copy;
    EXPECT_EQ(second.reveal(), "one");
    secret third("three");
    third = std::move(second);
    EXPECT_EQ(third.reveal(), "one");
}

TEST(secret, compares_by_value) {
    EXPECT_TRUE(secret("abc") == secret("abc"));
    EXPECT_FALSE(secret("abc") == secret("abd"));
    EXPECT_FALSE(secret("abc") == secret("abcd"));
    EXPECT_TRUE(secret() == secret());
}

// The flags of the mapping an address lies in, from smaps: "dd" is MADV_DONTDUMP.
std::string mapping_flags(std::uintptr_t address) {
    std::ifstream maps("/proc/self/smaps");
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        std::istringstream range(line);
        std::uintptr_t first = 0;
        std::uintptr_t last = 0;
        char dash = 0;
        if (range >> std::hex >> first >> dash >> last && dash == '-') inside = first <= address && address < last;
        if (inside && line.starts_with("VmFlags:")) return line;
    }
    return {};
}

TEST(secret, stays_out_of_core_dumps) {
    const secret hidden("not in a dump");
    const std::string elsewhere("in a dump");
    EXPECT_NE(mapping_flags(std::bit_cast<std::uintptr_t>(hidden.reveal().data())).find(" dd"), std::string::npos);
    EXPECT_EQ(mapping_flags(std::bit_cast<std::uintptr_t>(elsewhere.data())).find(" dd"), std::string::npos);
}

}  // namespace
}  // namespace persiscsi
