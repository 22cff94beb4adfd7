// SPDX-License-Identifier: Apache-2.0
// Every fuzz target over its seeds, each cut short, and damaged by the same numbers in every run: what needs no
// libFuzzer and runs with the other tests, under every compiler and sanitizer.
#include "tests/fuzz/login_case.hpp"
#include "tests/fuzz/targets.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace persiscsi::fuzz {

void PrintTo(const target& one, std::ostream* out) {
    *out << one.covers;
}

namespace {

constexpr int damages_a_seed = 200;

struct fuzz_seeds : testing::TestWithParam<target> {};

void damage(bytes& one, std::mt19937& dice) {
    for (auto times = 1 + dice() % 4; times > 0; --times) {
        const auto at = dice() % (one.size() + 1);
        switch (dice() % 3) {
            case 0:
                one.insert(one.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::byte>(dice()));
                break;
            case 1:
                if (at < one.size()) one.erase(one.begin() + static_cast<std::ptrdiff_t>(at));
                break;
            default:
                if (at < one.size()) one[at] ^= static_cast<std::byte>(1U << (dice() % 8));
        }
    }
}

TEST_P(fuzz_seeds, hold_whole_cut_and_damaged) {
    std::mt19937 dice(7143);
    const auto seeds = GetParam().seeds();
    ASSERT_FALSE(seeds.empty());
    for (const auto& seed : seeds) {
        GetParam().body(input(seed));
        for (std::size_t size = 0; size < std::min<std::size_t>(seed.size(), 300); ++size) {
            const bytes cut(seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(size));
            GetParam().body(input(cut));
        }
        for (int n = 0; n < damages_a_seed; ++n) {
            auto damaged = seed;
            damage(damaged, dice);
            GetParam().body(input(damaged));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(targets,
                         fuzz_seeds,
                         testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(fuzz_targets, have_names_of_their_own_and_are_found_by_them) {
    std::set<std::string_view> names;
    for (const auto& one : targets()) {
        EXPECT_TRUE(names.insert(one.name).second) << one.name;
        EXPECT_EQ(find_target(one.name), &one);
    }
    EXPECT_EQ(find_target("none of them"), nullptr);
}

TEST(fuzz_targets, have_login_seeds_that_lead_to_every_end) {
    std::multiset<std::size_t> ends;
    for (const auto& seed : login_seeds()) ends.insert(play_login(input(seed)).index());
    EXPECT_GE(ends.count(1), 6U) << "logins of each kind";
    EXPECT_GE(ends.count(2), 1U) << "redirections";
    EXPECT_GE(ends.count(3), 4U) << "failures";
}

TEST(fuzz_targets, must_ends_the_process_where_an_invariant_does_not_hold) {
    must(true, "this holds");
    EXPECT_DEATH(must(false, "one and one is three"), "does not hold: one and one is three");
}

}  // namespace
}  // namespace persiscsi::fuzz
