// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/arrivals.hpp"

#include "initiator/session/status_sequence.hpp"
#include "pdu/types.hpp"

#include <gmock/gmock.h>

#include <random>
#include <set>

namespace persiscsi {
namespace {

using sn = pdu::data_sn;
using numbers = arrivals<sn>;
using kind = numbers::kind;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(arrivals, in_order_leave_no_gap) {
    numbers seen(sn{7});
    for (std::uint32_t i = 7; i < 20; ++i) {
        EXPECT_EQ(seen.judge(sn{i}), kind::in_order);
        EXPECT_FALSE(seen.take(sn{i}));
    }
    EXPECT_TRUE(seen.complete());
    EXPECT_EQ(seen.first_missing(), sn{20});
}

TEST(arrivals, name_the_gap_that_a_number_reveals_once) {
    numbers seen;
    EXPECT_EQ(seen.judge(sn{3}), kind::after_gap);
    EXPECT_EQ(seen.take(sn{3}), (numbers::run{sn{0}, 3}));
    EXPECT_FALSE(seen.take(sn{4}));
    EXPECT_EQ(seen.first_missing(), sn{0});
    EXPECT_EQ(seen.judge(sn{3}), kind::duplicate);
}

TEST(arrivals, fill_a_gap_from_any_side) {
    numbers seen;
    (void)seen.take(sn{5});
    (void)seen.take(sn{2});
    EXPECT_THAT(seen.missing(), ElementsAre(numbers::run{sn{0}, 2}, numbers::run{sn{3}, 2}));
    (void)seen.take(sn{0});
    (void)seen.take(sn{4});
    EXPECT_THAT(seen.missing(), ElementsAre(numbers::run{sn{1}, 1}, numbers::run{sn{3}, 1}));
    (void)seen.take(sn{1});
    (void)seen.take(sn{3});
    EXPECT_THAT(seen.missing(), IsEmpty());
    EXPECT_EQ(seen.next(), sn{6});
}

TEST(arrivals, know_the_end_that_another_pdu_tells) {
    numbers seen;
    (void)seen.take(sn{0});
    EXPECT_EQ(seen.miss_before(sn{3}), (numbers::run{sn{1}, 2}));
    EXPECT_FALSE(seen.miss_before(sn{3}));
    EXPECT_EQ(seen.miss_before(sn{4}), (numbers::run{sn{3}, 1}));
    EXPECT_THAT(seen.missing(), ElementsAre(numbers::run{sn{1}, 3})) << "one run";
}

TEST(arrivals, wrap_around_zero) {
    numbers seen(sn{0xfffffffe});
    EXPECT_EQ(seen.take(sn{1}), (numbers::run{sn{0xfffffffe}, 3}));
    (void)seen.take(sn{0xffffffff});
    EXPECT_THAT(seen.missing(), ElementsAre(numbers::run{sn{0xfffffffe}, 1}, numbers::run{sn{0}, 1}));
}

TEST(arrivals, agree_with_a_set_of_numbers_in_any_order) {
    std::mt19937 dice(1);
    for (int round = 0; round < 200; ++round) {
        numbers seen;
        std::set<std::uint32_t> known;
        std::uint32_t end = 0;
        for (int i = 0; i < 60; ++i) {
            const auto value = std::uniform_int_distribution<std::uint32_t>(0, 30)(dice);
            const bool duplicate = known.contains(value);
            ASSERT_EQ(seen.judge(sn{value}) == kind::duplicate, duplicate);
            if (duplicate) continue;
            (void)seen.take(sn{value});
            known.insert(value);
            end = std::max(end, value + 1);
            ASSERT_EQ(seen.next(), sn{end});
            std::uint32_t missing = 0;
            for (const auto& gap : seen.missing()) missing += gap.count;
            ASSERT_EQ(missing, end - known.size());
        }
    }
}

TEST(status_sequence, acknowledges_up_to_the_first_that_is_missing_or_held) {
    using status = pdu::status_sn;
    status_sequence seen(status{10});
    (void)seen.take(status{10});
    EXPECT_EQ(seen.exp_stat_sn(), status{11});
    (void)seen.take(status{12});
    EXPECT_EQ(seen.exp_stat_sn(), status{11});
    (void)seen.take(status{11});
    seen.hold(status{12});
    EXPECT_EQ(seen.exp_stat_sn(), status{12});
    (void)seen.take(status{13});
    EXPECT_EQ(seen.exp_stat_sn(), status{12});
    seen.let_go(status{12});
    EXPECT_EQ(seen.exp_stat_sn(), status{14});
}

}  // namespace
}  // namespace persiscsi
