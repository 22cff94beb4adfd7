// SPDX-License-Identifier: Apache-2.0
#include "tests/target/fault_script.hpp"

#include "tests/target/fault_names.hpp"
#include "tests/target/fault_play.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <set>

namespace persiscsi::target::test {
namespace {

TEST(fault_script_test, text_form_comes_back_as_it_was) {
    const std::string text =
        "on scsi_command(3): drop_connection\n"
        "every data_in(100): flip_bit(data_digest)\n"
        "on r2t(1): delay(30000)\n"
        "always: freeze(max_cmd_sn)\n"
        "on scsi_read(2): status(check_condition,03,11,00)\n"
        "on scsi_write(1): status(task_set_full)\n"
        "every nop_out(2): ignore\n"
        "on login_request(1): close_listener(250)\n"
        "on scsi_command(9): async(2)\n"
        "on text_request(1): reject(9)\n"
        "on data_in(1): wrong_field(offset)\n"
        "on data_in(4): short_data(512)\n"
        "every millisecond(1000): drop_connection\n"
        "every received(1000): flip_bit(data)\n"
        "every millisecond(250) at cid(2): async(255)\n"
        "on data_out(5) at cid(2): drop_connection\n"
        "on scsi_command(3): async(4,0,0,3,0)\n"
        "on scsi_command(3): async(255,1,2,3,9)\n"
        "on task_management_request(1): tmf_response(5)\n"
        "on nop_out(1): flood(nop_in,100000)\n"
        "on nop_out(2): flood(async_message,10)\n"
        "on text_request(1): endless_text\n"
        "on login_request(2): endless_text\n"
        "every sent(10): trickle(1)\n"
        "on data_in(1): duplicate\n"
        "on data_in(2): later\n"
        "on r2t(1): cut\n"
        "on r2t(2): wrong_field(length)\n"
        "on scsi_command(1): reset\n";
    EXPECT_EQ(to_string(parse_fault_script(text)), text);
}

/// The first choice of each, with numbers for the words in capitals.
std::string example_step(std::string_view example) {
    std::string step = "always: ";
    for (std::size_t i = 0; i < example.size(); ++i) {
        if (example[i] == '[') break;
        if (example[i] == '|')
            while (example[i + 1] != ')' && example[i + 1] != ',') ++i;
        else if (std::isupper(static_cast<unsigned char>(example[i])) == 0)
            step += example[i];
        else if (step.back() != '1')
            step += '1';
    }
    return step.back() == ')' || step.find('(') == std::string::npos ? step : step + ")";
}

TEST(fault_script_test, every_action_is_in_the_help) {
    std::set<std::size_t> kinds;
    for (const auto example : action_examples)
        kinds.insert(parse_fault_script(example_step(example)).at(0).what.index());
    EXPECT_EQ(kinds.size(), std::variant_size_v<fault_action>);
}

TEST(fault_script_test, comments_separators_and_short_forms_are_understood) {
    const auto script = parse_fault_script("# nothing; here\n on nop_in: ignore ; every(5): drop_connection # last\n");
    ASSERT_EQ(script.size(), 2U);
    EXPECT_EQ(script[0].when, (trigger{trigger::kind::on, watched::nop_in, 1}));
    EXPECT_EQ(script[1].when, (trigger{trigger::kind::every, watched::received, 5}));
}

TEST(fault_script_test, step_by_the_clock_is_due_once_in_each_period_that_somebody_asks_in) {
    const auto began = fault_play::clock::time_point{};
    fault_play play(parse_fault_script("every millisecond(1000): drop_connection; every nop_out(1): ignore"), began);
    const auto due_after = [&](int milliseconds) {
        int count = 0;
        play.due_by_clock(began + std::chrono::milliseconds(milliseconds), 1, [&](const fault_action& action) {
            EXPECT_TRUE(std::holds_alternative<fault::drop_connection>(action));
            ++count;
        });
        return count;
    };
    EXPECT_EQ(due_after(0), 0);
    EXPECT_EQ(due_after(999), 0);
    EXPECT_EQ(due_after(1000), 1);
    EXPECT_EQ(due_after(1999), 0);
    EXPECT_EQ(due_after(5500), 1);
    EXPECT_EQ(due_after(5999), 0);
    EXPECT_EQ(due_after(6000), 1);
}

class bad_script : public testing::TestWithParam<const char*> {};

TEST_P(bad_script, is_refused_with_its_line) {
    try {
        (void)parse_fault_script(std::string("\n") + GetParam());
        FAIL() << "accepted: " << GetParam();
    } catch (const std::invalid_argument& error) {
        EXPECT_EQ(std::string(error.what()).rfind("fault script, line 2: ", 0), 0U) << error.what();
    }
}

INSTANTIATE_TEST_SUITE_P(,
                         bad_script,
                         testing::Values("drop_connection",
                                         "on scsi_command(0): ignore",
                                         "on scsi_command(x): ignore",
                                         "on nothing(1): ignore",
                                         "on r2t(1: ignore",
                                         "on r2t(1): explode",
                                         "on r2t(1): delay(-1)",
                                         "on r2t(1): delay",
                                         "on r2t(1): status(busy)",
                                         "on r2t(1) at cid(0): ignore",
                                         "on r2t(1) at home: ignore",
                                         "on r2t(1): async(1,2)",
                                         "on r2t(1): async(256)",
                                         "on r2t(1): flood(r2t,3)",
                                         "on r2t(1): flood(nop_in)",
                                         "on nop_out(1): tmf_response(1)",
                                         "on nop_out(1): endless_text",
                                         "on nop_out(1): trickle(1)",
                                         "on nop_out(1): duplicate",
                                         "on nop_out(1): later",
                                         "on nop_out(1): cut",
                                         "on nop_in(1): reset(1)",
                                         "on data_in(1): flip_bit(everything)",
                                         "on data_in(1): reject(4)",
                                         "on millisecond(10): drop_connection",
                                         "every millisecond(10): ignore",
                                         "on r2t(1): short_data(4)",
                                         "on scsi_read(1): status(check_condition)",
                                         "always: freeze(time)",
                                         "on scsi_read(1): status(busy,1,2,3)",
                                         "sometimes: ignore",
                                         "on r2t(4294967296): ignore",
                                         ": ignore",
                                         "on r2t(1):"));

}  // namespace
}  // namespace persiscsi::target::test
