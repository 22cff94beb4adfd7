// SPDX-License-Identifier: Apache-2.0
// Full Feature Phase 19: task management.
#include "tests/conformance/conformance_case.hpp"

namespace persiscsi::conformance {
namespace {

using pdu::scsi_command;
using pdu::task_management_request;
using function = pdu::task_management_function;

constexpr std::uint64_t unit = 0x0002000000000000;

TEST_F(conformance_case, ffp_19_1_task_management_follows_the_rule_of_its_i_bit) {
    log_in();
    (void)read(512, unit);
    const auto command = next<scsi_command>();
    target->core.manage(function::logical_unit_reset, pdu::lun_id{unit}, &owner, target->now);
    const auto reset = next<task_management_request>();
    EXPECT_EQ(reset.cmd_sn, command.cmd_sn.next());
    (void)read(512);
    EXPECT_EQ(next<scsi_command>().cmd_sn, reset.immediate ? reset.cmd_sn : reset.cmd_sn.next());
}

TEST_F(conformance_case, ffp_19_2_abort_task_carries_the_lun_of_its_task) {
    log_in();
    const auto tag = read(512, unit);
    (void)next<scsi_command>();
    target->core.cancel(tag, target->now);
    const auto abort = next<task_management_request>();
    EXPECT_EQ(abort.function, function::abort_task);
    EXPECT_EQ(abort.lun, pdu::lun_id{unit});
    EXPECT_EQ(abort.referenced_task_tag, tag);
}

TEST_F(conformance_case, ffp_19_3_abort_task_names_the_cmd_sn_of_its_task) {
    log_in();
    const auto first = read(512);
    (void)read(512);
    const auto command = next<scsi_command>();
    (void)next<scsi_command>();
    target->core.cancel(first, target->now);
    EXPECT_EQ(next<task_management_request>().ref_cmd_sn, command.cmd_sn);
}

TEST_F(conformance_case, ffp_19_4_1_ping_of_the_target_is_answered_after_abort_task_set) {
    log_in();
    (void)read(512, unit);
    (void)next<scsi_command>();
    target->core.manage(function::abort_task_set, pdu::lun_id{unit}, &owner, target->now);
    EXPECT_EQ(next<task_management_request>().lun, pdu::lun_id{unit});
    nop_in(0x77, unit);
    EXPECT_EQ(next<pdu::nop_out>().target_transfer_tag, pdu::transfer_tag{0x77});
}

TEST_F(conformance_case, ffp_19_4_2_r2ts_and_pings_are_both_answered_after_abort_task_set) {
    log_in({{"ImmediateData", "No"}});
    const auto tag = write(1024);
    (void)next<scsi_command>();
    target->core.manage(function::abort_task_set, pdu::lun_id{0}, &owner, target->now);
    const auto abort = next<task_management_request>();
    r2t(tag, 0x10, 0, 0, 1024);
    nop_in(0x77);
    EXPECT_EQ(data_outs(0x10, 0, 1024), written);
    EXPECT_EQ(next<pdu::nop_out>().target_transfer_tag, pdu::transfer_tag{0x77});
    say(pdu::task_management_response{.initiator_task_tag = abort.initiator_task_tag});
    EXPECT_EQ(target->take<session::scsi_finished>().size(), 1U) << "the set is gone, and its commands with it";
    EXPECT_EQ(target->take<session::management_finished>().size(), 1U);
}

TEST_F(conformance_case, ffp_19_4_3_responses_of_affected_tasks_are_taken) {
    log_in();
    const auto answered = read(512);
    (void)read(512);
    (void)next<scsi_command>();
    (void)next<scsi_command>();
    target->core.manage(function::abort_task_set, pdu::lun_id{0}, &owner, target->now);
    const auto abort = next<task_management_request>();
    data_in(answered, 0, 0, 512, true);
    expect_good();
    EXPECT_TRUE(silent()) << "no Reject, no logout";
    say(pdu::task_management_response{.initiator_task_tag = abort.initiator_task_tag});
    EXPECT_TRUE(outcome().failed) << "the other one was aborted";
    EXPECT_EQ(state(), session_state::logged_in);
}

}  // namespace
}  // namespace persiscsi::conformance
