// SPDX-License-Identifier: Apache-2.0
// docs/decisions/0005 as whoever uses a session sees it: each answer, and how many commands the target then counts.
#include "initiator/scsi/errors.hpp"
#include "tests/integration/initiator/session_fixture.hpp"

namespace persiscsi::test {
namespace {

struct policy_row {
    const char* answer;  ///< to the first command
    scsi_errc reported;  ///< where it is not repeated
    bool repeated;
};

constexpr policy_row policy[] = {
    {"busy", {}, true},
    {"task_set_full", {}, true},
    {"task_aborted", {}, true},
    {"reservation_conflict", scsi_errc::reservation_conflict, false},
    {"aca_active", scsi_errc::aca_active, false},
    {"check_condition,06,29,00", {}, true},
    {"check_condition,06,2a,06", {}, true},
    {"check_condition,06,28,00", scsi_errc::unit_attention, false},
    {"check_condition,02,04,0a", {}, true},
    {"check_condition,02,04,01", {}, true},
    {"check_condition,02,04,0b", scsi_errc::not_ready, false},
    {"check_condition,02,3a,00", scsi_errc::medium_not_present, false},
    {"check_condition,0b,47,05", {}, true},
    {"check_condition,0b,0c,0d", {}, true},
    {"check_condition,03,11,00", scsi_errc::medium_error, false},
    {"check_condition,05,20,00", scsi_errc::invalid_command, false},
};

struct status_policy : session_fixture {
    status_policy() { disk().unit_attention = false; }
};

TEST_F(status_policy, each_answer_is_repeated_or_reported_as_the_table_says) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    std::vector<std::byte> memory(block_size);
    for (const auto& row : policy) {
        const auto before = target->counters().commands;
        target->set_script(target::parse_fault_script(std::string("on scsi_command(1): status(") + row.answer + ")"));
        const auto error = read({session, pdu::lun_id{0}}, 0, memory);
        if (row.repeated)
            EXPECT_FALSE(error) << row.answer << ": " << story;
        else
            EXPECT_EQ(error, make_error_code(row.reported)) << row.answer << ": " << story;
        EXPECT_EQ(target->counters().commands - before, row.repeated ? 2U : 1U) << row.answer;
    }
}

TEST_F(status_policy, a_task_that_must_not_be_repeated_is_answered_with_the_first_status) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    for (const auto& row : policy) {
        const auto before = target->counters().commands;
        target->set_script(target::parse_fault_script(std::string("on scsi_command(1): status(") + row.answer + ")"));
        scsi_task task{.cdb = scsi::test_unit_ready().bytes};
        task.repeatable = false;
        scsi_outcome ended;
        EXPECT_FALSE(wait([&](auto then) {
            session.async_execute(task, story, [&, then](error_code error, scsi_outcome outcome) mutable {
                ended = std::move(outcome);
                then(error);
            });
        })) << row.answer;
        EXPECT_NE(ended.status, 0) << row.answer;
        EXPECT_EQ(target->counters().commands - before, 1U) << row.answer;
    }
}

TEST_F(status_policy, test_unit_ready_is_told_that_the_unit_is_not_ready) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    target->set_script(target::parse_fault_script("on scsi_command(1): status(check_condition,02,04,01)"));
    logical_unit unit(session, pdu::lun_id{0});
    EXPECT_EQ(wait([&](auto then) { unit.async_test_unit_ready(story, then); }), make_error_code(scsi_errc::not_ready));
}

TEST_F(status_policy, repetitions_come_to_an_end) {
    start_target();
    auto with = options();
    with.task_timeout = std::chrono::milliseconds(300);
    session session(io.get_executor(), with);
    ASSERT_FALSE(log_in(session)) << story;
    std::vector<std::byte> memory(block_size);
    target->set_script(target::parse_fault_script("always: status(busy)"));
    EXPECT_EQ(read({session, pdu::lun_id{0}}, 0, memory), make_error_code(scsi_errc::busy)) << story;
    const auto before = target->counters().commands;
    target->set_script(target::parse_fault_script("always: status(check_condition,06,29,00)"));
    EXPECT_EQ(read({session, pdu::lun_id{0}}, 0, memory), make_error_code(scsi_errc::unit_attention)) << story;
    EXPECT_EQ(target->counters().commands - before, 1 + with.attention_repeats);
}

}  // namespace
}  // namespace persiscsi::test
