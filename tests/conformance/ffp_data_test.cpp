// SPDX-License-Identifier: Apache-2.0
// Full Feature Phase 6, 8, 9, 11 and 12: data of writes, and Data-In.
#include "tests/conformance/conformance_case.hpp"

namespace persiscsi::conformance {
namespace {

using pdu::data_out;
using pdu::scsi_command;

const pdu::text_keys only_r2t = {{"ImmediateData", "No"}, {"InitialR2T", "Yes"}};
const pdu::text_keys unsolicited = {
    {"ImmediateData", "Yes"}, {"InitialR2T", "No"}, {"FirstBurstLength", "4096"}, {"MaxRecvDataSegmentLength", "1024"}};

TEST_F(conformance_case, ffp_6_1_data_sn_starts_at_0_in_each_sequence_and_counts_up) {
    log_in(with(only_r2t, {{"MaxRecvDataSegmentLength", "512"}}));
    const auto tag = write(4096);
    (void)next<scsi_command>();
    for (std::uint32_t sn = 0; sn < 2; ++sn) {
        r2t(tag, 0x10 + sn, sn, sn * 2048, 2048);
        for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(next<data_out>().data_sn.value, i);
    }
    good(tag);
    expect_good();
}

TEST_F(conformance_case, ffp_8_1_immediate_and_unsolicited_data_stay_within_first_burst_length) {
    log_in(unsolicited);
    const auto tag = write(10000);
    bytes immediate;
    EXPECT_FALSE(next<scsi_command>(&immediate).final);
    const auto rest = data_outs(no_tag, static_cast<std::uint32_t>(immediate.size()), 4096 - immediate.size(), 1024);
    EXPECT_EQ(immediate.size() + rest.size(), 4096U);
    EXPECT_TRUE(silent()) << "the rest waits for R2Ts";
    r2t(tag, 0x10, 0, 4096, 5904);
    (void)data_outs(0x10, 4096, 5904, 1024);
    good(tag);
    expect_good();
}

TEST_F(conformance_case, ffp_8_2_nothing_goes_before_the_r2t_where_only_r2t_is_allowed) {
    log_in(only_r2t);
    const auto tag = write(2048);
    bytes immediate;
    const auto command = next<scsi_command>(&immediate);
    EXPECT_TRUE(command.final && command.write);
    EXPECT_TRUE(immediate.empty());
    EXPECT_TRUE(silent());
    r2t(tag, 0x10, 0, 0, 2048);
    EXPECT_EQ(data_outs(0x10, 0, 2048), written);
    good(tag);
    expect_good();
}

TEST_F(conformance_case, ffp_8_3_unsolicited_data_out_stays_within_first_burst_length) {
    log_in(with(unsolicited, {{"ImmediateData", "No"}}));
    (void)write(10000);
    (void)next<scsi_command>();
    EXPECT_EQ(data_outs(no_tag, 0, 4096, 1024), bytes(written.begin(), written.begin() + 4096));
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_9_1_data_out_copies_the_target_transfer_tag) {
    log_in(only_r2t);
    const auto tag = write(1024);
    (void)next<scsi_command>();
    r2t(tag, 0x00000000, 0, 0, 512);
    (void)data_outs(0x00000000, 0, 512);
    r2t(tag, 0xfffffffe, 1, 512, 512);
    (void)data_outs(0xfffffffe, 512, 512);
    good(tag);
    expect_good();
}

TEST_F(conformance_case, ffp_11_1_1_data_out_is_no_longer_than_the_target_takes) {
    log_in(with(only_r2t, {{"MaxRecvDataSegmentLength", "1500"}}));
    const auto tag = write(4096);
    (void)next<scsi_command>();
    r2t(tag, 0x10, 0, 0, 4096);
    EXPECT_EQ(data_outs(0x10, 0, 4096, 1500), written);
    good(tag);
    expect_good();
}

TEST_F(conformance_case, ffp_11_1_2_data_in_without_data_is_no_error) {
    log_in();
    const auto tag = read(512);
    (void)next<scsi_command>();
    data_in(tag, 0, 0, 0, false);
    data_in(tag, 1, 0, 512, false);
    data_in(tag, 2, 512, 0, true);
    const auto ended = outcome();
    EXPECT_FALSE(ended.failed) << ended.failed.detail;
    EXPECT_EQ(memory(), pattern(512, 2));
}

TEST_F(conformance_case, ffp_11_2_1_f_stands_in_the_last_unsolicited_pdu) {
    log_in(unsolicited);
    (void)write(4096);
    bytes immediate;
    EXPECT_FALSE(next<scsi_command>(&immediate).final);
    EXPECT_EQ(immediate.size(), 1024U);
    EXPECT_FALSE(next<data_out>().final);
    EXPECT_FALSE(next<data_out>().final);
    EXPECT_TRUE(next<data_out>().final);
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_11_2_2_f_stands_in_the_last_solicited_pdu) {
    log_in(with(only_r2t, {{"MaxRecvDataSegmentLength", "1024"}}));
    const auto tag = write(2000);
    (void)next<scsi_command>();
    r2t(tag, 0x10, 0, 0, 2000);
    EXPECT_FALSE(next<data_out>().final);
    EXPECT_TRUE(next<data_out>().final);
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_11_3_data_sn_starts_anew_with_each_r2t) {
    log_in(only_r2t);
    const auto tag = write(3072);
    (void)next<scsi_command>();
    for (std::uint32_t sn = 0; sn < 3; ++sn) {
        r2t(tag, 0x10, sn, sn * 1024, 1024);
        const auto out = next<data_out>();
        EXPECT_EQ(out.data_sn.value, 0U);
        EXPECT_TRUE(out.final);
    }
    good(tag);
    expect_good();
}

TEST_F(conformance_case, ffp_11_4_buffer_offsets_are_right_and_grow) {
    log_in(with(only_r2t, {{"MaxRecvDataSegmentLength", "512"}}));
    const auto tag = write(2048);
    (void)next<scsi_command>();
    r2t(tag, 0x10, 0, 0, 2048);
    bytes data;
    for (std::uint32_t i = 0; i < 4; ++i) {
        EXPECT_EQ(next<data_out>(&data).buffer_offset, i * 512);
        EXPECT_TRUE(std::equal(data.begin(), data.end(), written.begin() + i * 512));
    }
}

TEST_F(conformance_case, ffp_12_1_r2t_with_the_tag_abbaabba_gets_its_range) {
    log_in(only_r2t);
    const auto tag = write(2048);
    (void)next<scsi_command>();
    r2t(tag, 0xabbaabba, 0, 0, 1024);
    EXPECT_EQ(data_outs(0xabbaabba, 0, 1024), bytes(written.begin(), written.begin() + 1024));
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_12_2_several_pdus_for_one_r2t_form_one_range_inside_it) {
    log_in(with(only_r2t, {{"MaxRecvDataSegmentLength", "516"}}));
    const auto tag = write(8192);
    (void)next<scsi_command>();
    r2t(tag, 0x10, 0, 0, 3000);
    EXPECT_EQ(data_outs(0x10, 0, 3000, 516), bytes(written.begin(), written.begin() + 3000));
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, ffp_12_3_r2ts_of_a_command_are_answered_in_order) {
    log_in(with(only_r2t, {{"MaxOutstandingR2T", "3"}}));
    const auto tag = write(3072);
    (void)next<scsi_command>();
    for (std::uint32_t sn = 0; sn < 3; ++sn) r2t(tag, 0x30 - sn, sn, sn * 1024, 1024);
    for (std::uint32_t sn = 0; sn < 3; ++sn) (void)data_outs(0x30 - sn, sn * 1024, 1024);
    good(tag);
    expect_good();
}

TEST_F(conformance_case, ffp_12_4_r2ts_of_two_commands_are_answered_as_they_come) {
    log_in(only_r2t);
    const auto first = write(1024);
    const auto second = write(1024);
    (void)next<scsi_command>();
    (void)next<scsi_command>();
    r2t(second, 0x20, 0, 0, 1024);
    r2t(first, 0x10, 0, 0, 1024);
    EXPECT_EQ(next<data_out>().initiator_task_tag, second);
    EXPECT_EQ(next<data_out>().initiator_task_tag, first);
}

}  // namespace
}  // namespace persiscsi::conformance
