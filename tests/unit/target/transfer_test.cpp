// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.hpp"

#include <gmock/gmock.h>

namespace persiscsi::target::test {
namespace {

using testing::HasSubstr;

/// 64 KiB at LBA 16.
constexpr std::initializer_list<std::uint8_t> write_128 = {0x2a, 0, 0, 0, 0, 16, 0, 0, 128, 0};
constexpr std::initializer_list<std::uint8_t> read_128 = {0x28, 0, 0, 0, 0, 16, 0, 0, 128, 0};
constexpr std::size_t size_128 = 65536;

class transfer_test : public target_test {
  protected:
    raw_initiator& log_in(pdu::text_keys keys) {
        initiator = std::make_unique<raw_initiator>((*target)->port(), raw_initiator::options{.keys = std::move(keys)});
        EXPECT_EQ(initiator->login().status, pdu::login_status::success);
        return *initiator;
    }
    void expect_on_medium(const std::vector<std::byte>& data) {
        const auto read = initiator->run(read_128, size_128);
        EXPECT_EQ(read.status, 0);
        EXPECT_EQ(read.data, data);
    }
    std::unique_ptr<raw_initiator> initiator;
};

TEST_F(transfer_test, write_with_immediate_data_only) {
    start();
    log_in({{"ImmediateData", "Yes"}, {"FirstBurstLength", "65536"}});
    const auto data = pattern(size_128);
    const auto result = initiator->run_write(write_128, data, size_128);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.r2ts, 0U);
    expect_on_medium(data);
}

TEST_F(transfer_test, write_with_immediate_and_unsolicited_data) {
    start();
    log_in({{"InitialR2T", "No"}, {"ImmediateData", "Yes"}, {"FirstBurstLength", "65536"}});
    const auto data = pattern(size_128, 2);
    const auto result = initiator->run_write(write_128, data, 8192, size_128 - 8192);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.r2ts, 0U);
    expect_on_medium(data);
}

TEST_F(transfer_test, write_with_unsolicited_then_solicited_data) {
    start();
    log_in({{"InitialR2T", "No"},
            {"ImmediateData", "No"},
            {"FirstBurstLength", "16384"},
            {"MaxBurstLength", "16384"},
            {"MaxOutstandingR2T", "2"}});
    const auto data = pattern(size_128, 3);
    const auto result = initiator->run_write(write_128, data, 0, 16384);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.r2ts, 3U);
    expect_on_medium(data);
}

TEST_F(transfer_test, write_with_r2ts_only_in_bursts_and_odd_pieces) {
    start();
    log_in({{"InitialR2T", "Yes"}, {"ImmediateData", "No"}, {"MaxBurstLength", "20000"}});
    initiator->piece = 4999;
    const auto data = pattern(size_128, 4);
    const auto result = initiator->run_write(write_128, data);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.r2ts, 4U);
    expect_on_medium(data);
}

TEST_F(transfer_test, max_outstanding_r2t_is_honoured) {
    start();
    log_in({{"ImmediateData", "No"}, {"MaxBurstLength", "8192"}, {"MaxOutstandingR2T", "3"}});
    initiator->send(initiator->command(write_128, size_128, false, true));
    for (std::uint32_t i = 0; i < 3; ++i) {
        const auto r2t = initiator->receive().as<pdu::r2t>();
        EXPECT_EQ(r2t.r2t_sn.value, i);
        EXPECT_EQ(r2t.buffer_offset, i * 8192);
        EXPECT_EQ(r2t.desired_data_transfer_length, 8192U);
    }
    pdu::nop_out ping;
    ping.immediate = true;
    ping.initiator_task_tag = initiator->fresh_tag();
    ping.cmd_sn = initiator->next_cmd_sn();
    initiator->send(ping);
    (void)initiator->receive().as<pdu::nop_in>();  // no fourth R2T came before it
}

TEST_F(transfer_test, read_is_split_by_max_recv_data_segment_length_with_status_in_the_last_pdu) {
    start();
    log_in({{"MaxRecvDataSegmentLength", "5000"}, {"MaxBurstLength", "20000"}});
    const auto result = initiator->run(read_128, size_128);
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(result.status_in_data);
    EXPECT_EQ(result.data.size(), size_128);
    EXPECT_EQ(result.data_in_pdus, 14U);  // three bursts of 4 PDUs, and 5536 bytes in 2
}

TEST_F(transfer_test, read_without_phase_collapse_ends_with_a_scsi_response) {
    auto options = plain_target();
    options.phase_collapse = false;
    start(options);
    log_in({});
    const auto result = initiator->run(read_128, size_128);
    EXPECT_EQ(result.status, 0);
    EXPECT_FALSE(result.status_in_data);
    EXPECT_EQ(result.data.size(), size_128);
}

TEST_F(transfer_test, many_reads_larger_than_the_send_queue_all_complete) {
    auto options = plain_target();
    start(options);
    log_in({{"MaxRecvDataSegmentLength", "262144"}});
    const std::initializer_list<std::uint8_t> read_4_mib = {0x28, 0, 0, 0, 0, 0, 0, 0x20, 0, 0};
    std::vector<pdu::task_tag> tags;
    for (int i = 0; i < 16; ++i) {
        const auto command = initiator->command(read_4_mib, 4 * 1024 * 1024, true, false);
        tags.push_back(command.initiator_task_tag);
        initiator->send(command);
    }
    for (const auto tag : tags) EXPECT_EQ(initiator->finish(tag).data.size(), 4U * 1024 * 1024);
}

TEST_F(transfer_test, shorter_and_longer_expectations_give_residuals) {
    start();
    log_in({});
    const auto under = initiator->run(read_128, size_128 + 512);
    EXPECT_TRUE(under.underflow);
    EXPECT_EQ(under.residual, 512U);
    EXPECT_EQ(under.data.size(), size_128);
    const auto over = initiator->run(read_128, 1024);
    EXPECT_TRUE(over.overflow);
    EXPECT_EQ(over.residual, size_128 - 1024);
    EXPECT_EQ(over.data.size(), 1024U);
}

struct broken_rule {
    const char* name;
    pdu::data_out out;
    std::size_t size;
    const char* complaint;
};

class data_out_rule : public transfer_test, public testing::WithParamInterface<broken_rule> {};

TEST_P(data_out_rule, is_enforced_by_closing) {
    violations_expected = true;
    start();
    log_in({{"ImmediateData", "No"}, {"MaxBurstLength", "8192"}});
    const auto command = initiator->command(write_128, size_128, false, true);
    initiator->send(command);
    const auto r2t = initiator->receive().as<pdu::r2t>();
    auto out = GetParam().out;
    out.initiator_task_tag = command.initiator_task_tag;
    if (out.target_transfer_tag == pdu::transfer_tag{}) out.target_transfer_tag = r2t.target_transfer_tag;
    initiator->send(out, pattern(GetParam().size));
    EXPECT_TRUE(initiator->is_closed());
    ASSERT_EQ((*target)->violations().size(), 1U);
    EXPECT_THAT((*target)->violations()[0], HasSubstr(GetParam().complaint));
}

pdu::data_out data_out(bool final, std::uint32_t offset, std::uint32_t sn, std::uint32_t ttt = 0) {
    pdu::data_out out;
    out.final = final;
    out.target_transfer_tag = static_cast<pdu::transfer_tag>(ttt);
    out.buffer_offset = offset;
    out.data_sn.value = sn;
    return out;
}

INSTANTIATE_TEST_SUITE_P(
    ,
    data_out_rule,
    testing::Values(broken_rule{"wrong_data_sn", data_out(true, 0, 1), 8192, "DataSN 1, expected 0"},
                    broken_rule{"wrong_offset", data_out(true, 4, 0), 8192, "BufferOffset 4, expected 0"},
                    broken_rule{"too_much", data_out(true, 0, 0), 8196, "data up to 8196, allowed from 0 to 8192"},
                    broken_rule{"too_little", data_out(true, 0, 0), 8188, "F bit 1 at 8188 of 8192"},
                    broken_rule{"no_f_bit", data_out(false, 0, 0), 8192, "F bit 0 at 8192 of 8192"},
                    broken_rule{
                        "unsolicited", data_out(true, 0, 0, 0xffffffff), 512, "unsolicited data after the F bit"},
                    broken_rule{"unknown_ttt", data_out(true, 0, 0, 0x7777), 8192, "TTT 30583, expected"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(transfer_test, immediate_data_after_immediate_data_no_closes) {
    violations_expected = true;
    start();
    log_in({{"ImmediateData", "No"}});
    initiator->send(initiator->command(write_128, size_128, false, true), pattern(512));
    EXPECT_TRUE(initiator->is_closed());
}

TEST_F(transfer_test, data_segment_above_the_declared_length_closes_before_it_is_read) {
    violations_expected = true;
    auto options = plain_target();
    options.limits.max_recv_data_segment_length = 4096;
    start(options);
    log_in({});
    auto bhs = pdu::encode(initiator->command(write_128, size_128, false, true));
    pdu::store_be<3>(bhs.data() + 5, 4097);
    initiator->send_bytes(bhs);
    EXPECT_TRUE(initiator->is_closed());
    EXPECT_THAT((*target)->violations()[0], HasSubstr("4097 bytes, allowed 4096"));
}

}  // namespace
}  // namespace persiscsi::target::test
