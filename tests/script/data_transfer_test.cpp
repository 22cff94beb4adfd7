// SPDX-License-Identifier: Apache-2.0
// Reads and writes of Full Feature Phase, the target's half written out PDU by PDU.
#include "tests/script/core_harness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi::test {
namespace {

using session = session_core;

struct data_transfer : testing::Test {
    core_harness target{plain_options()};
    std::vector<std::byte> memory = std::vector<std::byte>(32768);
    int owner = 0;

    pdu::task_tag read(std::size_t size) {
        const scsi_task task{.data_in = std::span(memory).first(size)};
        return target.core.submit(task, &owner, target.now);
    }
    pdu::task_tag write(std::size_t size) {
        memory = pattern(size);
        const scsi_task task{.data_out = memory};
        return target.core.submit(task, &owner, target.now);
    }
    void data_in(
        pdu::task_tag tag, std::uint32_t sn, std::uint32_t offset, std::vector<std::byte> data, bool last = false) {
        target.answer(
            pdu::data_in{
                .final = last, .has_status = last, .initiator_task_tag = tag, .data_sn = {sn}, .buffer_offset = offset},
            std::move(data),
            last);
    }
    void good(pdu::task_tag tag) { target.answer(pdu::scsi_response{.initiator_task_tag = tag}); }
    scsi_outcome only_outcome() {
        auto finished = target.take<session::scsi_finished>();
        EXPECT_EQ(finished.size(), 1U);
        return finished.empty() ? scsi_outcome{} : std::move(finished.front().outcome);
    }
    void expect_lost(protocol_errc why) {
        EXPECT_EQ(target.take<session::close_transport>().size(), 1U);
        EXPECT_EQ(target.core.state(), session_state::reconnecting);
        EXPECT_EQ(target.core.last_failure().code, make_error_code(why)) << target.core.last_failure().detail;
    }
};

TEST_F(data_transfer, read_takes_data_of_several_pdus_and_status_in_the_last_one) {
    target.log_in();
    const auto tag = read(12000);
    const auto command = target.expect<pdu::scsi_command>();
    EXPECT_TRUE(command.read);
    EXPECT_TRUE(command.final);
    EXPECT_EQ(command.expected_data_transfer_length, 12000U);
    EXPECT_EQ(command.exp_stat_sn, target.stat_sn);

    const auto sent = pattern(12000);
    data_in(tag, 0, 0, {sent.begin(), sent.begin() + 8000});
    data_in(tag, 1, 8000, {sent.begin() + 8000, sent.end()}, true);
    const auto outcome = only_outcome();
    EXPECT_FALSE(outcome.failed) << outcome.failed.detail;
    EXPECT_EQ(outcome.data_in_size, 12000U);
    EXPECT_TRUE(std::equal(sent.begin(), sent.end(), memory.begin()));
}

TEST_F(data_transfer, read_is_an_error_when_good_status_comes_before_all_data) {
    target.log_in();
    const auto tag = read(1024);
    data_in(tag, 0, 0, pattern(512));
    good(tag);
    EXPECT_EQ(only_outcome().failed.code, make_error_code(protocol_errc::remote_short_data));
}

TEST_F(data_transfer, read_accepts_less_data_where_the_residual_count_says_so) {
    target.log_in();
    const auto tag = read(1024);
    data_in(tag, 0, 0, pattern(512));
    target.answer(pdu::scsi_response{.underflow = true, .initiator_task_tag = tag, .residual_count = 512});
    const auto outcome = only_outcome();
    EXPECT_FALSE(outcome.failed) << outcome.failed.detail;
    EXPECT_EQ(outcome.data_in_size, 512U);
    EXPECT_EQ(outcome.residual_count, 512U);
}

TEST_F(data_transfer, data_in_beyond_the_buffer_loses_the_connection_and_touches_nothing) {
    target.log_in();
    const auto tag = read(1024);
    memory.assign(memory.size(), std::byte{0xee});
    data_in(tag, 0, 0, pattern(1025));
    expect_lost(protocol_errc::remote_bad_data_offset);
    EXPECT_EQ(std::count(memory.begin(), memory.end(), std::byte{0xee}), 32768);
}

TEST_F(data_transfer, data_in_at_another_offset_than_the_next_loses_the_connection) {
    target.log_in();
    const auto tag = read(1024);
    data_in(tag, 0, 512, pattern(512));
    expect_lost(protocol_errc::remote_bad_data_offset);
}

TEST_F(data_transfer, data_in_with_a_skipped_data_sn_loses_the_connection) {
    target.log_in();
    const auto tag = read(1024);
    data_in(tag, 1, 0, pattern(512));
    expect_lost(protocol_errc::remote_bad_data_sequence);
}

TEST_F(data_transfer, data_in_for_an_unknown_task_loses_the_connection) {
    target.log_in();
    data_in(pdu::task_tag{0x12340000}, 0, 0, pattern(4));
    expect_lost(protocol_errc::remote_unknown_task_tag);
}

TEST_F(data_transfer, data_in_for_a_write_loses_the_connection) {
    target.log_in();
    data_in(write(512), 0, 0, pattern(4));
    expect_lost(protocol_errc::remote_unknown_task_tag);
}

TEST_F(data_transfer, write_sends_immediate_data_then_answers_each_r2t) {
    target.target_keys.push_back({"FirstBurstLength", "8192"});
    target.log_in();
    const auto tag = write(20000);
    std::vector<std::byte> data;
    const auto command = target.expect<pdu::scsi_command>(&data);
    EXPECT_TRUE(command.write);
    EXPECT_TRUE(command.final) << "InitialR2T=Yes: no unsolicited Data-Out follows";
    EXPECT_EQ(data.size(), 8192U);

    target.answer(pdu::r2t{.lun = {},
                           .initiator_task_tag = tag,
                           .target_transfer_tag = pdu::transfer_tag{0xabbaabba},
                           .buffer_offset = 8192,
                           .desired_data_transfer_length = 20000 - 8192},
                  {},
                  false);
    std::vector<std::byte> received = data;
    for (std::uint32_t sn = 0; received.size() < 20000; ++sn) {
        const auto out = target.expect<pdu::data_out>(&data);
        EXPECT_EQ(out.target_transfer_tag, pdu::transfer_tag{0xabbaabba});
        EXPECT_EQ(out.data_sn.value, sn);
        EXPECT_EQ(out.buffer_offset, received.size());
        EXPECT_LE(data.size(), 8192U);
        received.insert(received.end(), data.begin(), data.end());
        EXPECT_EQ(out.final, received.size() == 20000);
    }
    EXPECT_EQ(received, memory);
    good(tag);
    EXPECT_FALSE(only_outcome().failed);
}

TEST_F(data_transfer, write_sends_unsolicited_data_up_to_first_burst_length) {
    target.target_keys = {{"InitialR2T", "No"},
                          {"ImmediateData", "No"},
                          {"MaxRecvDataSegmentLength", "4096"},
                          {"FirstBurstLength", "10000"}};
    target.log_in();
    const auto tag = write(20000);
    std::vector<std::byte> data;
    const auto command = target.expect<pdu::scsi_command>(&data);
    EXPECT_FALSE(command.final);
    EXPECT_TRUE(data.empty());
    std::size_t unsolicited = 0;
    for (std::uint32_t sn = 0; unsolicited < 10000; ++sn) {
        const auto out = target.expect<pdu::data_out>(&data);
        EXPECT_EQ(out.target_transfer_tag, pdu::transfer_tag::reserved);
        EXPECT_EQ(out.data_sn.value, sn);
        unsolicited += data.size();
        EXPECT_EQ(out.final, unsolicited == 10000);
    }
    EXPECT_EQ(unsolicited, 10000U);
    EXPECT_TRUE(target.silent());
    target.answer(pdu::r2t{.initiator_task_tag = tag,
                           .target_transfer_tag = pdu::transfer_tag{5},
                           .buffer_offset = 10000,
                           .desired_data_transfer_length = 10000},
                  {},
                  false);
    EXPECT_EQ(target.expect<pdu::data_out>().buffer_offset, 10000U);
}

TEST_F(data_transfer, write_without_r2t_for_all_of_it_is_no_success) {
    target.target_keys.push_back({"FirstBurstLength", "8192"});
    target.log_in();
    const auto tag = write(20000);
    (void)target.expect<pdu::scsi_command>();
    good(tag);
    EXPECT_EQ(only_outcome().failed.code, make_error_code(protocol_errc::remote_short_data));
}

TEST_F(data_transfer, r2ts_of_two_commands_are_answered_in_the_order_of_their_arrival) {
    target.target_keys = {{"InitialR2T", "Yes"}, {"ImmediateData", "No"}, {"MaxRecvDataSegmentLength", "8192"}};
    target.log_in();
    memory = pattern(4096);
    const auto first = target.core.submit({.data_out = memory}, &owner, target.now);
    const auto second = target.core.submit({.data_out = memory}, &owner, target.now);
    (void)target.expect<pdu::scsi_command>();
    (void)target.expect<pdu::scsi_command>();
    for (const auto tag : {second, first}) {
        target.answer(pdu::r2t{.initiator_task_tag = tag,
                               .target_transfer_tag = pdu::transfer_tag{1},
                               .desired_data_transfer_length = 4096},
                      {},
                      false);
    }
    EXPECT_EQ(target.expect<pdu::data_out>().initiator_task_tag, second);
    EXPECT_EQ(target.expect<pdu::data_out>().initiator_task_tag, first);
}

TEST_F(data_transfer, illegal_r2ts_lose_the_connection) {
    const auto legal = pdu::r2t{.target_transfer_tag = pdu::transfer_tag{1}, .desired_data_transfer_length = 512};
    const auto with = [&](auto change) {
        auto r2t = legal;
        change(r2t);
        return r2t;
    };
    const std::vector<pdu::r2t> illegal = {
        with([](auto& r2t) { r2t.desired_data_transfer_length = 0; }),
        with([](auto& r2t) { r2t.desired_data_transfer_length = 4097; }),
        with([](auto& r2t) { r2t.buffer_offset = 512; }),
        with([](auto& r2t) { r2t.buffer_offset = 0xfffffe00; }),
        with([](auto& r2t) { r2t.r2t_sn = {1}; }),
        with([](auto& r2t) { r2t.target_transfer_tag = pdu::transfer_tag::reserved; }),
    };
    for (auto r2t : illegal) {
        core_harness fresh{plain_options()};
        fresh.target_keys = {{"InitialR2T", "Yes"}, {"ImmediateData", "No"}};
        fresh.log_in();
        memory = pattern(4096);
        r2t.initiator_task_tag = fresh.core.submit({.data_out = memory}, &owner, fresh.now);
        (void)fresh.expect<pdu::scsi_command>();
        fresh.answer(r2t, {}, false);
        EXPECT_EQ(fresh.core.last_failure().code, make_error_code(protocol_errc::remote_bad_r2t));
        EXPECT_EQ(fresh.core.state(), session_state::reconnecting);
    }
}

TEST_F(data_transfer, commands_wait_for_the_command_window) {
    target.window = 2;
    target.log_in();
    for (int i = 0; i < 3; ++i) (void)read(512);
    EXPECT_EQ(target.expect<pdu::scsi_command>().cmd_sn.value, 1U);
    EXPECT_EQ(target.expect<pdu::scsi_command>().cmd_sn.value, 2U);
    EXPECT_TRUE(target.silent());
    target.exp_cmd_sn = {2};
    target.answer(pdu::nop_in{}, {}, false);
    EXPECT_EQ(target.expect<pdu::scsi_command>().cmd_sn.value, 3U);
}

TEST_F(data_transfer, status_with_a_skipped_stat_sn_loses_the_connection) {
    target.log_in();
    const auto tag = read(512);
    target.stat_sn = target.stat_sn.plus(5);
    good(tag);
    expect_lost(protocol_errc::remote_status_sequence_gap);
}

TEST_F(data_transfer, sense_reaches_the_caller_with_its_status) {
    target.log_in();
    const auto tag = read(512);
    const std::vector<std::byte> sense = {std::byte{0x70}, {}, std::byte{0x05}, {}};
    std::vector<std::byte> segment = {std::byte{0}, std::byte{4}};
    segment.insert(segment.end(), sense.begin(), sense.end());
    target.answer(pdu::scsi_response{.underflow = true, .status = 2, .initiator_task_tag = tag, .residual_count = 512},
                  segment);
    const auto outcome = only_outcome();
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.sense, sense);
}

TEST_F(data_transfer, sense_length_beyond_the_segment_is_cut_to_it) {
    target.log_in();
    const auto tag = read(512);
    target.answer(pdu::scsi_response{.underflow = true, .status = 2, .initiator_task_tag = tag, .residual_count = 512},
                  {std::byte{0xff}, std::byte{0xff}, std::byte{0x70}});
    EXPECT_EQ(only_outcome().sense.size(), 1U);
}

TEST_F(data_transfer, data_with_a_wrong_digest_is_not_delivered_and_read_again) {
    auto options = plain_options();
    options.login.data_digest = digest_wish::crc32c;
    core_harness strict{options};
    strict.target_keys.push_back({"DataDigest", "CRC32C"});
    strict.log_in();
    (void)strict.core.submit({.data_in = std::span(memory).first(512)}, &owner, strict.now);
    const auto command = strict.expect<pdu::scsi_command>();
    auto bad = pdu::frame(pdu::encode(pdu::data_in{.final = true,
                                                   .has_status = true,
                                                   .initiator_task_tag = command.initiator_task_tag,
                                                   .stat_sn = strict.stat_sn}),
                          pattern(512),
                          {.header = false, .data = true});
    std::vector<std::byte> bytes;
    for (const auto piece : {bad.head(), bad.data(), bad.tail()}) bytes.insert(bytes.end(), piece.begin(), piece.end());
    bytes.back() ^= std::byte{1};
    strict.receive(bytes);
    EXPECT_EQ(strict.core.last_failure().code, make_error_code(protocol_errc::remote_data_digest_mismatch));
    EXPECT_TRUE(strict.take<session::scsi_finished>().empty());
    strict.log_in();
    EXPECT_EQ(strict.expect<pdu::scsi_command>().expected_data_transfer_length, 512U);
}

}  // namespace
}  // namespace persiscsi::test
