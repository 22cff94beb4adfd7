// SPDX-License-Identifier: Apache-2.0
// Error recovery level 1: what was lost on the way is sent again, and nobody above notices (RFC 7143 §7.1.4.1,
// §7.1.4.2).
#include "pdu/snack_request.hpp"
#include "tests/script/session_case.hpp"

#include <gmock/gmock.h>

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
using session = session_core;

struct pdu_recovery : session_case {
    pdu_recovery() {
        target.target_keys = {{"ErrorRecoveryLevel", "1"},
                              {"DataDigest", "CRC32C"},
                              {"InitialR2T", "Yes"},
                              {"ImmediateData", "No"},
                              {"MaxRecvDataSegmentLength", "8192"}};
        memory.resize(4096);
    }
    static session_options options() {
        auto options = plain_options();
        options.login.wishes.error_recovery_level = 2;
        options.login.wishes.max_outstanding_r2t = 1;
        options.login.data_digest = digest_wish::crc32c;
        return options;
    }
    core_harness target{options()};

    void data_in(pdu::task_tag tag, std::uint32_t sn, bool last = false, bool corrupt = false) {
        const auto sent = pattern(4096);
        const auto at = sent.begin() + sn * 1024;
        pdu::data_in header{.final = last,
                            .has_status = last,
                            .initiator_task_tag = tag,
                            .stat_sn = last ? target.stat_sn : pdu::status_sn{},
                            .exp_cmd_sn = {100},
                            .max_cmd_sn = {200},
                            .data_sn = {sn},
                            .buffer_offset = sn * 1024};
        const pdu::frame frame(pdu::encode(header), std::vector<std::byte>(at, at + 1024), target.digests);
        std::vector<std::byte> bytes;
        for (const auto piece : {frame.head(), frame.data(), frame.tail()})
            bytes.insert(bytes.end(), piece.begin(), piece.end());
        if (corrupt) bytes.back() ^= std::byte{1};
        target.receive(bytes);
    }
    pdu::snack_request expect_data_snack(pdu::task_tag tag, std::uint32_t first, std::uint32_t count) {
        const auto snack = target.expect<pdu::snack_request>();
        EXPECT_EQ(snack.type, pdu::snack_type::data_or_r2t);
        EXPECT_EQ(snack.initiator_task_tag, tag);
        EXPECT_EQ(snack.target_transfer_tag, pdu::transfer_tag::reserved);
        EXPECT_EQ(snack.beg_run, first);
        EXPECT_EQ(snack.run_length, count);
        return snack;
    }
    void expect_read() {
        const auto finished = target.take<session::scsi_finished>();
        ASSERT_EQ(finished.size(), 1U);
        EXPECT_FALSE(finished[0].outcome.failed) << finished[0].outcome.failed.detail;
        EXPECT_EQ(memory, pattern(4096));
        EXPECT_EQ(target.core.logins(), 1U);
    }
};

TEST_F(pdu_recovery, data_that_came_corrupt_is_asked_for_again) {
    target.log_in();
    const auto tag = read(target);
    (void)target.expect<pdu::scsi_command>();
    data_in(tag, 0);
    data_in(tag, 1, false, true);
    expect_data_snack(tag, 1, 1);
    data_in(tag, 2);
    data_in(tag, 1);
    data_in(tag, 3, true);
    target.stat_sn = target.stat_sn.next();
    expect_read();
}

TEST_F(pdu_recovery, data_that_comes_corrupt_twice_is_asked_for_twice) {
    target.log_in();
    const auto tag = read(target);
    (void)target.expect<pdu::scsi_command>();
    data_in(tag, 0, false, true);
    expect_data_snack(tag, 0, 1);
    data_in(tag, 0, false, true);
    expect_data_snack(tag, 0, 1);
    for (std::uint32_t i = 0; i < 4; ++i) data_in(tag, i, i == 3);
    expect_read();
}

TEST_F(pdu_recovery, status_is_held_and_not_acknowledged_until_the_data_before_it_has_come) {
    target.log_in();
    const auto tag = read(target);
    (void)target.expect<pdu::scsi_command>();
    const auto status_of_read = target.stat_sn;
    data_in(tag, 0);
    data_in(tag, 3, true);
    target.stat_sn = target.stat_sn.next();
    expect_data_snack(tag, 1, 2);
    EXPECT_TRUE(target.take<session::scsi_finished>().empty());
    target.answer(pdu::nop_in{.target_transfer_tag = pdu::transfer_tag{5}}, {}, false);
    EXPECT_EQ(target.expect<pdu::nop_out>().exp_stat_sn, status_of_read);
    data_in(tag, 2);
    data_in(tag, 1);
    expect_read();
    target.answer(pdu::nop_in{.target_transfer_tag = pdu::transfer_tag{6}}, {}, false);
    EXPECT_EQ(target.expect<pdu::nop_out>().exp_stat_sn, status_of_read.next());
}

TEST_F(pdu_recovery, response_that_counts_more_data_than_has_come_waits_for_it) {
    target.log_in();
    const auto tag = read(target);
    (void)target.expect<pdu::scsi_command>();
    data_in(tag, 0);
    const auto its_status = target.stat_sn;
    target.answer(pdu::scsi_response{.initiator_task_tag = tag, .exp_data_sn = {4}});
    EXPECT_EQ(expect_data_snack(tag, 1, 3).exp_stat_sn, its_status) << "not acknowledged yet";
    for (std::uint32_t i = 1; i < 4; ++i) data_in(tag, i);
    expect_read();
}

TEST_F(pdu_recovery, data_that_comes_twice_is_taken_once) {
    target.log_in();
    const auto tag = read(target);
    (void)target.expect<pdu::scsi_command>();
    data_in(tag, 0);
    data_in(tag, 0);
    for (std::uint32_t i = 1; i < 4; ++i) data_in(tag, i, i == 3);
    expect_read();
    data_in(tag, 3, true);
    EXPECT_TRUE(target.silent());
    EXPECT_EQ(target.core.state(), session_state::logged_in);
}

TEST_F(pdu_recovery, status_that_was_lost_is_asked_for_when_the_next_one_shows_it) {
    target.log_in();
    const auto lost = read(target);
    const auto next = read(target);
    (void)target.expect<pdu::scsi_command>();
    (void)target.expect<pdu::scsi_command>();
    const auto lost_status = target.stat_sn;
    target.stat_sn = target.stat_sn.next();
    status(target, next, 0);
    const auto snack = target.expect<pdu::snack_request>();
    EXPECT_EQ(snack.type, pdu::snack_type::status);
    EXPECT_EQ(snack.initiator_task_tag, pdu::task_tag::reserved);
    EXPECT_EQ(snack.beg_run, lost_status.value);
    EXPECT_EQ(snack.run_length, 1U);
    EXPECT_EQ(snack.exp_stat_sn, lost_status);
    EXPECT_EQ(target.take<session::scsi_finished>().size(), 1U);
    const auto now = std::exchange(target.stat_sn, lost_status);
    status(target, lost, 0);
    target.stat_sn = now;
    EXPECT_EQ(target.take<session::scsi_finished>().size(), 1U);
}

TEST_F(pdu_recovery, ping_of_the_target_shows_a_status_that_was_lost) {
    target.log_in();
    const auto tag = read(target);
    (void)target.expect<pdu::scsi_command>();
    const auto lost_status = target.stat_sn;
    target.stat_sn = target.stat_sn.next();
    target.answer(pdu::nop_in{}, {}, false);
    EXPECT_EQ(target.expect<pdu::snack_request>().beg_run, lost_status.value);
    target.stat_sn = lost_status;
    status(target, tag, 0);
    EXPECT_EQ(target.take<session::scsi_finished>().size(), 1U);
}

TEST_F(pdu_recovery, acknowledgement_that_the_target_wants_is_given_when_no_data_is_missing) {
    target.log_in();
    const auto tag = read(target);
    (void)target.expect<pdu::scsi_command>();
    pdu::data_in wants{.acknowledge = true,
                       .initiator_task_tag = tag,
                       .target_transfer_tag = pdu::transfer_tag{0x55},
                       .data_sn = {1},
                       .buffer_offset = 1024};
    const auto sent = pattern(4096);
    target.answer(wants, {sent.begin() + 1024, sent.begin() + 2048}, false);
    expect_data_snack(tag, 0, 1);
    EXPECT_TRUE(target.silent()) << "not before the hole is filled";
    data_in(tag, 0);
    const auto snack = target.expect<pdu::snack_request>();
    EXPECT_EQ(snack.type, pdu::snack_type::data_ack);
    EXPECT_EQ(snack.initiator_task_tag, pdu::task_tag::reserved);
    EXPECT_EQ(snack.target_transfer_tag, pdu::transfer_tag{0x55});
    EXPECT_EQ(snack.beg_run, 2U);
    EXPECT_EQ(snack.run_length, 0U);
}

TEST_F(pdu_recovery, command_whose_data_the_target_will_not_send_again_is_sent_anew) {
    target.log_in();
    const auto tag = read(target);
    const auto first = target.expect<pdu::scsi_command>();
    data_in(tag, 1, false, true);
    const auto header = pdu::encode(target.expect<pdu::snack_request>());
    target.answer(pdu::reject{.reason = pdu::reject_reason::snack_reject}, {header.begin(), header.end()});
    target.answer(pdu::scsi_response{.initiator_task_tag = tag});
    const auto again = target.expect<pdu::scsi_command>();
    EXPECT_EQ(again.cmd_sn, first.cmd_sn.next());
    for (std::uint32_t i = 0; i < 4; ++i) data_in(again.initiator_task_tag, i, i == 3);
    expect_read();
}

TEST_F(pdu_recovery, r2t_that_was_lost_is_asked_for_and_one_that_comes_again_is_answered) {
    target.log_in();
    memory = pattern(4096);
    const auto tag = target.core.submit({.data_out = memory}, &owner, target.now);
    (void)target.expect<pdu::scsi_command>();
    const auto r2t = [&](std::uint32_t number, std::uint32_t offset, std::uint32_t length) {
        target.answer(pdu::r2t{.initiator_task_tag = tag,
                               .target_transfer_tag = pdu::transfer_tag{number + 1},
                               .r2t_sn = {number},
                               .buffer_offset = offset,
                               .desired_data_transfer_length = length},
                      {},
                      false);
    };
    r2t(1, 2048, 2048);
    expect_data_snack(tag, 0, 1);
    EXPECT_EQ(target.expect<pdu::data_out>().buffer_offset, 2048U);
    r2t(0, 0, 2048);
    EXPECT_EQ(target.expect<pdu::data_out>().buffer_offset, 0U);
    r2t(2, 1024, 1024);  // a recovery R2T: its data came corrupt
    const auto again = target.expect<pdu::data_out>();
    EXPECT_EQ(again.buffer_offset, 1024U);
    EXPECT_EQ(again.target_transfer_tag, pdu::transfer_tag{3});
    EXPECT_EQ(again.data_sn.value, 0U);
    target.answer(pdu::scsi_response{.initiator_task_tag = tag});
    const auto finished = target.take<session::scsi_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_FALSE(finished[0].outcome.failed);
}

TEST_F(pdu_recovery, command_that_is_not_acknowledged_is_sent_again_with_its_cmd_sn_on_its_connection) {
    target.log_in();
    const auto tag = read(target);
    const auto first = target.expect<pdu::scsi_command>();
    target.pass(2001ms);
    const auto again = target.expect<pdu::scsi_command>();
    EXPECT_EQ(again.cmd_sn, first.cmd_sn);
    EXPECT_EQ(again.initiator_task_tag, tag);
    EXPECT_EQ(again.cdb, first.cdb);
    data_in(tag, 0, false, true);  // also a sign that it was received
    (void)target.expect<pdu::snack_request>();
    const auto before = target.now;
    target.pass(2001ms);
    EXPECT_GT(*target.core.deadline(), before + 2001ms) << "no deadline that has passed";
    EXPECT_TRUE(target.silent());
    target.exp_cmd_sn = target.exp_cmd_sn.next();
    target.answer(pdu::nop_in{}, {}, false);
    target.pass(2001ms);
    EXPECT_TRUE(target.silent()) << "acknowledged: it is on its way";
}

TEST_F(pdu_recovery, header_that_lies_about_a_thousand_gaps_ends_the_connection) {
    target.log_in();
    memory.resize(1 << 20);
    const auto tag = read(target);
    (void)target.expect<pdu::scsi_command>();
    for (std::uint32_t i = 0; i < 1000 && target.core.state() == session_state::logged_in; ++i) {
        target.answer(
            pdu::data_in{.initiator_task_tag = tag, .data_sn = {2 * i + 1}, .buffer_offset = i}, {std::byte{1}}, false);
    }
    EXPECT_EQ(target.core.state(), session_state::reconnecting);
    EXPECT_EQ(target.core.last_failure().code, make_error_code(protocol_errc::remote_bad_data_sequence));
}

}  // namespace
}  // namespace persiscsi::test
