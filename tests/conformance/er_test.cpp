// SPDX-License-Identifier: Apache-2.0
// Error recovery, mirrored from a suite for targets.
#include "tests/conformance/recovery_conformance_case.hpp"

namespace persiscsi::conformance {
namespace {

using pdu::scsi_command;
using pdu::snack_request;

TEST_F(recovery_conformance_case, er_1_1_command_that_was_retried_for_nothing_ends_once) {
    at_level(1);
    const auto tag = read(512);
    const auto first = next<scsi_command>();
    target->pass(options.command_retry + 1s);
    EXPECT_EQ(next<scsi_command>().cmd_sn, first.cmd_sn);
    target->exp_cmd_sn = {2};
    data_in(tag, 0, 0, 512, true);
    expect_good();
    target->pass(options.ping_interval / 2);
    EXPECT_EQ(state(), session_state::logged_in);
}

TEST_F(recovery_conformance_case, er_1_2_command_rejected_for_its_digest_is_sent_again_with_its_cmd_sn) {
    at_level(1, 1, {{"InitialR2T", "No"}, {"FirstBurstLength", "16384"}});
    const auto tag = write(12000);
    bytes data;
    const auto first = next<scsi_command>(&data);
    (void)data_outs(no_tag, 8192, 12000 - 8192);
    const auto header = pdu::encode(first);
    say(pdu::reject{.reason = pdu::reject_reason::data_digest_error}, {header.begin(), header.end()});
    bytes again_data;
    const auto again = next<scsi_command>(&again_data);
    EXPECT_EQ(again.cmd_sn, first.cmd_sn);
    EXPECT_EQ(again.initiator_task_tag, tag);
    EXPECT_EQ(again_data, data);
    (void)data_outs(no_tag, 8192, 12000 - 8192);
    good(tag);
    expect_good();
}

TEST_F(recovery_conformance_case, er_2_1_write_goes_on_over_another_connection_after_a_logout) {
    at_level(2, 2, {{"ImmediateData", "No"}});
    std::uint32_t sent = 0;
    const auto tag = on_connection_1([&] { return ++sent, write(1024); });
    (void)next<scsi_command>(nullptr, 1);
    acknowledge_commands(1 + sent, 1);
    reassigned(reassignment_after_logout());
    r2t(tag, 0x20, 0, 0, 1024);
    EXPECT_EQ(data_outs(0x20, 0, 1024), written);
    good(tag);
    expect_good();
}

TEST_F(recovery_conformance_case, er_2_2_read_goes_on_over_another_connection_after_a_logout) {
    at_level(2, 2);
    std::uint32_t sent = 0;
    const auto tag = on_connection_1([&] { return ++sent, read(1024); });
    (void)next<scsi_command>(nullptr, 1);
    target->exp_cmd_sn = {1 + sent};
    data_in(tag, 0, 0, 512, false, 1);
    const auto request = reassignment_after_logout();
    EXPECT_LE(request.exp_data_sn.value, 1U);
    reassigned(request);
    for (auto sn = request.exp_data_sn.value; sn < 2; ++sn) data_in(tag, sn, sn * 512, 512, sn == 1);
    expect_good();
    EXPECT_TRUE(std::equal(memory().begin() + 512, memory().end(), pattern(512, 2).begin()));
}

TEST_F(recovery_conformance_case, er_2_3_write_goes_on_after_the_login_that_is_its_logout) {
    at_level(2, 1, {{"ImmediateData", "No"}});
    const auto tag = write(2048);
    (void)next<scsi_command>();
    target->exp_cmd_sn = {2};
    r2t(tag, 0x10, 0, 0, 1024);
    (void)data_outs(0x10, 0, 1024);
    reassigned(reassignment_after_login());
    r2t(tag, 0x20, 1, 1024, 1024);
    EXPECT_EQ(data_outs(0x20, 1024, 1024), bytes(written.begin() + 1024, written.end()));
    good(tag);
    expect_good();
}

TEST_F(recovery_conformance_case, er_2_4_read_goes_on_after_the_login_that_is_its_logout) {
    at_level(2);
    const auto tag = read(1536);
    (void)next<scsi_command>();
    target->exp_cmd_sn = {2};
    data_in(tag, 0, 0, 512, false);
    const auto request = reassignment_after_login();
    reassigned(request);
    for (auto sn = request.exp_data_sn.value; sn < 3; ++sn) data_in(tag, sn, sn * 512, 512, sn == 2);
    expect_good();
}

TEST_F(recovery_conformance_case, er_3_1_missing_r2t_is_asked_for) {
    at_level(1, 1, {{"ImmediateData", "No"}});
    const auto tag = write(2048);
    (void)next<scsi_command>();
    r2t(tag, 0x11, 1, 1024, 1024);
    const auto snack = next<snack_request>();
    EXPECT_EQ(snack.type, pdu::snack_type::data_or_r2t);
    EXPECT_EQ(snack.initiator_task_tag, tag);
    EXPECT_EQ(snack.beg_run, 0U);
    EXPECT_EQ(snack.run_length, 1U);
    (void)data_outs(0x11, 1024, 1024);
    r2t(tag, 0x10, 0, 0, 1024);
    (void)data_outs(0x10, 0, 1024);
    good(tag);
    expect_good();
}

TEST_F(recovery_conformance_case, er_3_2_single_missing_data_in_is_asked_for) {
    at_level(1);
    const auto tag = read(1536);
    (void)next<scsi_command>();
    data_in(tag, 0, 0, 512, false);
    data_in(tag, 2, 1024, 512, false);
    const auto snack = next<snack_request>();
    EXPECT_EQ(snack.beg_run, 1U);
    EXPECT_EQ(snack.run_length, 1U);
    say(pdu::scsi_response{.initiator_task_tag = tag, .exp_data_sn = {3}});
    EXPECT_TRUE(target->take<session::scsi_finished>().empty());
    data_in(tag, 1, 512, 512, false);
    expect_good();
}

TEST_F(recovery_conformance_case, er_3_3_run_of_missing_data_in_is_asked_for_as_a_run) {
    at_level(1);
    const auto tag = read(2560);
    (void)next<scsi_command>();
    data_in(tag, 0, 0, 512, false);
    data_in(tag, 4, 2048, 512, true);
    const auto snack = next<snack_request>();
    EXPECT_EQ(snack.beg_run, 1U);
    EXPECT_EQ(snack.run_length, 3U);
    EXPECT_TRUE(silent());
    for (std::uint32_t sn = 1; sn < 4; ++sn) data_in(tag, sn, sn * 512, 512, false);
    expect_good();
}

TEST_F(recovery_conformance_case, er_3_4_all_data_in_is_asked_for_where_all_is_missing) {
    at_level(1);
    const auto tag = read(1024);
    (void)next<scsi_command>();
    say(pdu::scsi_response{.initiator_task_tag = tag, .exp_data_sn = {2}});
    const auto snack = next<snack_request>();
    EXPECT_EQ(snack.beg_run, 0U);
    EXPECT_TRUE(snack.run_length == 0 || snack.run_length == 2) << snack.run_length;
    data_in(tag, 0, 0, 512, false);
    data_in(tag, 1, 512, 512, false);
    expect_good();
}

TEST_F(recovery_conformance_case, er_3_5_missing_response_is_asked_for_and_nothing_behind_it_acknowledged) {
    at_level(1);
    const auto lost = write(512);
    const auto other = write(512);
    (void)next<scsi_command>();
    (void)next<scsi_command>();
    const auto missing = target->stat_sn;
    target->stat_sn = missing.next();
    good(other);
    const auto snack = next<snack_request>();
    EXPECT_EQ(snack.type, pdu::snack_type::status);
    EXPECT_EQ(snack.initiator_task_tag, pdu::task_tag::reserved);
    EXPECT_EQ(snack.beg_run, missing.value);
    EXPECT_EQ(snack.run_length, 1U);
    EXPECT_EQ(snack.exp_stat_sn, missing);
    const auto after = std::exchange(target->stat_sn, missing);
    good(lost);
    target->stat_sn = after;
    EXPECT_EQ(target->take<session::scsi_finished>().size(), 2U);
    (void)read(512);
    EXPECT_EQ(next<scsi_command>().exp_stat_sn, after);
}

/// A PDU of the target with one wrong bit in its data.
template <class Pdu>
bytes spoilt(const Pdu& pdu, const bytes& data, pdu::digests digests) {
    const pdu::frame frame(pdu::encode(pdu), bytes(data), digests);
    bytes wire(frame.head().begin(), frame.head().end());
    wire.insert(wire.end(), frame.data().begin(), frame.data().end());
    wire.insert(wire.end(), frame.tail().begin(), frame.tail().end());
    wire[frame.head().size()] ^= std::byte{1};
    return wire;
}

TEST_F(recovery_conformance_case, er_3_6_data_in_with_a_wrong_digest_is_asked_for) {
    options.login.data_digest = digest_wish::crc32c;
    at_level(1, 1, {{"DataDigest", "CRC32C"}});
    const auto tag = read(512);
    (void)next<scsi_command>();
    const pdu::data_in data{.final = true, .initiator_task_tag = tag, .exp_cmd_sn = {1}, .max_cmd_sn = {64}};
    target->receive(spoilt(data, pattern(512), target->digests));
    const auto snack = next<snack_request>();
    EXPECT_EQ(snack.beg_run, 0U);
    EXPECT_EQ(snack.run_length, 1U);
    data_in(tag, 0, 0, 512, false);
    say(pdu::scsi_response{.initiator_task_tag = tag, .exp_data_sn = {1}});
    expect_good();
    EXPECT_EQ(memory(), pattern(512, 1));
}

TEST_F(recovery_conformance_case, er_3_7_response_with_a_wrong_digest_is_asked_for) {
    options.login.data_digest = digest_wish::crc32c;
    at_level(1, 1, {{"DataDigest", "CRC32C"}});
    const auto tag = write(512);
    (void)next<scsi_command>();
    const pdu::scsi_response response{
        .status = 2, .initiator_task_tag = tag, .stat_sn = target->stat_sn, .exp_cmd_sn = {2}, .max_cmd_sn = {65}};
    target->receive(spoilt(response, bytes(20), target->digests));
    const auto snack = next<snack_request>();
    EXPECT_EQ(snack.type, pdu::snack_type::status);
    EXPECT_EQ(snack.beg_run, target->stat_sn.value);
    good(tag);
    expect_good();
}

TEST_F(recovery_conformance_case, er_3_8_rejected_snack_is_no_success) {
    at_level(1);
    const auto tag = read(1024);
    (void)next<scsi_command>();
    data_in(tag, 1, 512, 512, true);
    const auto snack = next<snack_request>();
    const auto header = pdu::encode(snack);
    say(pdu::reject{.reason = pdu::reject_reason::snack_reject}, {header.begin(), header.end()});
    const auto finished = target->take<session::scsi_finished>();
    if (finished.empty()) {
        EXPECT_EQ(next<scsi_command>().cmd_sn.value, 2U) << "issued anew";
    } else {
        EXPECT_TRUE(finished[0].outcome.failed);
    }
}

}  // namespace
}  // namespace persiscsi::conformance
