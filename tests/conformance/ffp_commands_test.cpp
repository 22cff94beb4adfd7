// SPDX-License-Identifier: Apache-2.0
// Full Feature Phase 10.1 and 16: SCSI Command, its data and how it ends.
#include "tests/conformance/conformance_case.hpp"

namespace persiscsi::conformance {
namespace {

using pdu::data_out;
using pdu::scsi_command;

constexpr std::uint8_t aborted_command = 0x0b, iscsi_event = 0x47;

pdu::text_keys allowing(const char* immediate_data, const char* initial_r2t) {
    return {{"ImmediateData", immediate_data}, {"InitialR2T", initial_r2t}, {"FirstBurstLength", "1024"}};
}

TEST_F(conformance_case, ffp_10_1_status_in_the_last_data_in_ends_the_command) {
    log_in();
    const auto tag = read(1024);
    (void)next<scsi_command>();
    data_in(tag, 0, 0, 512, false);
    data_in(tag, 1, 512, 512, true);
    expect_good();
    (void)read(512);
    EXPECT_EQ(next<scsi_command>().exp_stat_sn, target->stat_sn);
}

TEST_F(conformance_case, ffp_16_1_1_first_write_carries_the_numbers_of_the_login) {
    log_in();
    const auto tag = write(512);
    bytes data;
    const auto command = next<scsi_command>(&data);
    EXPECT_EQ(command.cmd_sn, target->exp_cmd_sn);
    EXPECT_EQ(command.exp_stat_sn, target->stat_sn);
    EXPECT_EQ(command.initiator_task_tag, tag);
    EXPECT_EQ(data, written);
    EXPECT_EQ(command.expected_data_transfer_length, 512U);
}

TEST_F(conformance_case, ffp_16_1_2_first_read_carries_the_numbers_of_the_login) {
    log_in();
    (void)read(512);
    bytes data;
    const auto command = next<scsi_command>(&data);
    EXPECT_TRUE(command.read && command.final && !command.write);
    EXPECT_EQ(command.cmd_sn, target->exp_cmd_sn);
    EXPECT_EQ(command.exp_stat_sn, target->stat_sn);
    EXPECT_TRUE(data.empty());
    EXPECT_EQ(command.expected_data_transfer_length, 512U);
}

TEST_F(conformance_case, ffp_16_2_1_command_with_all_its_data_is_final) {
    log_in(allowing("Yes", "Yes"));
    const auto tag = write(1024);
    bytes data;
    EXPECT_TRUE(next<scsi_command>(&data).final);
    EXPECT_EQ(data, written);
    good(tag);
    expect_good();
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_16_2_2_command_without_immediate_data_waits_for_its_r2t) {
    log_in(allowing("No", "Yes"));
    const auto tag = write(1024);
    bytes data;
    EXPECT_TRUE(next<scsi_command>(&data).write);
    EXPECT_TRUE(data.empty());
    EXPECT_TRUE(silent());
    r2t(tag, 0x10, 0, 0, 1024);
    EXPECT_EQ(data_outs(0x10, 0, 1024), written);
    good(tag);
    expect_good();
}

TEST_F(conformance_case, ffp_16_2_3_unsolicited_data_out_follows_a_command_without_immediate_data) {
    log_in(allowing("No", "No"));
    const auto tag = write(1024);
    bytes data;
    const auto command = next<scsi_command>(&data);
    EXPECT_TRUE(command.write && !command.final);
    EXPECT_TRUE(data.empty());
    EXPECT_EQ(data_outs(no_tag, 0, 1024), written);
    good(tag);
    expect_good();
}

TEST_F(conformance_case, ffp_16_2_4_immediate_and_unsolicited_data_share_the_first_burst) {
    log_in(with(allowing("Yes", "No"), {{"MaxRecvDataSegmentLength", "512"}}));
    const auto tag = write(1024);
    bytes data;
    EXPECT_FALSE(next<scsi_command>(&data).final);
    EXPECT_EQ(data.size(), 512U);
    EXPECT_EQ(data_outs(no_tag, 512, 512), bytes(written.begin() + 512, written.end()));
    good(tag);
    expect_good();
}

TEST_F(conformance_case, ffp_16_3_1_final_command_is_followed_by_nothing_until_an_r2t) {
    log_in(allowing("Yes", "Yes"));
    const auto tag = write(2048);
    bytes data;
    EXPECT_TRUE(next<scsi_command>(&data).final);
    EXPECT_EQ(data.size(), 1024U);
    EXPECT_TRUE(silent());
    r2t(tag, 0x10, 0, 1024, 1024);
    EXPECT_TRUE(next<data_out>().final);
    good(tag);
    expect_good();
}

/// Fields of a reissue: another CmdSN, and the command of before.
void expect_reissued(const scsi_command& first, const scsi_command& again) {
    EXPECT_EQ(again.cmd_sn, first.cmd_sn.next());
    EXPECT_EQ(again.cdb, first.cdb);
    EXPECT_EQ(again.lun, first.lun);
    EXPECT_EQ(again.expected_data_transfer_length, first.expected_data_transfer_length);
}

TEST_F(conformance_case, ffp_16_4_1_command_ended_for_a_crc_error_is_issued_anew) {
    log_in();
    const auto tag = write(512);
    const auto first = next<scsi_command>();
    check_condition(tag, aborted_command, iscsi_event, 0x05, 512);
    const auto again = next<scsi_command>();
    expect_reissued(first, again);
    good(again.initiator_task_tag);
    expect_good();
}

TEST_F(conformance_case, ffp_16_4_2_command_ended_for_a_rejected_snack_is_issued_anew) {
    log_in();
    const auto tag = read(512);
    const auto first = next<scsi_command>();
    check_condition(tag, aborted_command, 0x11, 0x13, 512);
    const auto again = next<scsi_command>();
    expect_reissued(first, again);
    data_in(again.initiator_task_tag, 0, 0, 512, true);
    expect_good();
}

TEST_F(conformance_case, ffp_16_4_3_command_ended_for_unexpected_data_is_issued_anew) {
    log_in();
    const auto tag = write(512);
    const auto first = next<scsi_command>();
    check_condition(tag, aborted_command, 0x0c, 0x0c, 512);
    const auto again = next<scsi_command>();
    expect_reissued(first, again);
    good(again.initiator_task_tag);
    expect_good();
}

TEST_F(conformance_case, ffp_16_4_4_command_ended_for_too_little_data_is_issued_anew) {
    log_in();
    const auto tag = write(512);
    const auto first = next<scsi_command>();
    check_condition(tag, aborted_command, 0x0c, 0x0d, 512);
    const auto again = next<scsi_command>();
    expect_reissued(first, again);
    good(again.initiator_task_tag);
    expect_good();
}

TEST_F(conformance_case, ffp_16_4_5_busy_command_is_issued_anew_later) {
    log_in();
    const auto tag = read(512);
    const auto first = next<scsi_command>();
    status(tag, 0x08, 512);
    EXPECT_TRUE(silent()) << "not at once";
    target->pass(2s);
    const auto again = next<scsi_command>();
    expect_reissued(first, again);
    data_in(again.initiator_task_tag, 0, 0, 512, true);
    expect_good();
}

TEST_F(conformance_case, ffp_16_4_6_full_task_set_is_waited_out_and_a_reservation_told) {
    log_in();
    const auto tag = read(512);
    const auto first = next<scsi_command>();
    status(tag, 0x28, 512);
    EXPECT_TRUE(silent()) << "not at once";
    target->pass(2s);
    const auto again = next<scsi_command>();
    expect_reissued(first, again);
    status(again.initiator_task_tag, 0x18, 512);
    EXPECT_EQ(outcome().status, 0x18);
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_16_6_final_flag_follows_the_expected_data_transfer_length) {
    log_in(allowing("Yes", "Yes"));
    bytes data;
    (void)write(1024);
    EXPECT_TRUE(next<scsi_command>(&data).final);
    EXPECT_EQ(data.size(), 1024U);
    const auto tag = write(4096);
    const auto larger = next<scsi_command>(&data);
    EXPECT_EQ(larger.expected_data_transfer_length, 4096U);
    EXPECT_EQ(data.size(), 1024U);
    EXPECT_TRUE(silent());
    r2t(tag, 0x10, 0, 1024, 3072);
    (void)data_outs(0x10, 1024, 3072);
}

}  // namespace
}  // namespace persiscsi::conformance
