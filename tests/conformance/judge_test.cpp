// SPDX-License-Identifier: Apache-2.0
// Every rule of the judge can fail: one conversation for each, sound but for the one thing that breaks it.
#include "tests/conformance/doctored.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace persiscsi::conformance {
namespace {

struct judge_finds : testing::TestWithParam<doctored> {};

TEST_P(judge_finds, what_breaks_only_this_rule) {
    talk one;
    GetParam().play(one);
    one.judged.rest();
    ASSERT_FALSE(one.judged.findings().empty()) << "nothing was found";
    for (const auto& found : one.judged.findings())
        EXPECT_EQ(row_of(found.broken).name, row_of(GetParam().breaks).name) << one.judged.told();
}

INSTANTIATE_TEST_SUITE_P(rules, judge_finds, testing::ValuesIn(all_doctored()), [](const auto& one) {
    return std::string(row_of(one.param.breaks).name);
});

TEST(judge, has_a_doctored_conversation_for_each_rule) {
    std::set<rule> covered;
    for (const auto& one : all_doctored()) EXPECT_TRUE(covered.insert(one.breaks).second) << row_of(one.breaks).name;
    for (const auto& row : rules()) EXPECT_TRUE(covered.contains(row.id)) << row.name;
}

TEST(judge, finds_nothing_in_sound_conversations) {
    for (const auto play : sound_conversations()) {
        talk one;
        play(one);
        one.judged.rest();
        EXPECT_EQ(one.judged.told(), "");
        EXPECT_GE(one.judged.judged(), 6U);
    }
}

TEST(judge, cuts_pdus_out_of_single_bytes) {
    talk one;
    one.log_in();
    const auto before = one.judged.judged();
    one.send(pdu::nop_out{.immediate = true, .initiator_task_tag = pdu::task_tag{1}}, {}, [&](talk::bytes& bytes) {
        for (const auto byte : std::exchange(bytes, {})) one.judged.sent(0, {&byte, 1});
    });
    EXPECT_EQ(one.judged.judged(), before + 1);
    EXPECT_EQ(one.judged.told(), "");
}

}  // namespace
}  // namespace persiscsi::conformance
