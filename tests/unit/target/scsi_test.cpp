// SPDX-License-Identifier: Apache-2.0
#include "pdu/endian.hpp"
#include "tests/unit/target/target_fixture.hpp"

#include <gmock/gmock.h>

#include <span>

namespace persiscsi::target::test {
namespace {

class scsi_test : public target_test {
  protected:
    raw_initiator& log_in() {
        initiator = std::make_unique<raw_initiator>((*target)->port(), raw_initiator::options{});
        EXPECT_EQ(initiator->login().status, pdu::login_status::success);
        return *initiator;
    }
    command_result run_on(std::uint64_t lun, std::initializer_list<std::uint8_t> cdb, std::uint32_t length) {
        auto command = initiator->command(cdb, length, length > 0, false);
        command.lun = static_cast<pdu::lun_id>(lun << 48U);
        initiator->send(command);
        return initiator->finish(command.initiator_task_tag);
    }
    std::unique_ptr<raw_initiator> initiator;
};

std::string text(std::span<const std::byte> bytes) {
    std::string result;
    for (const auto byte : bytes) result += static_cast<char>(byte);
    return result;
}

TEST_F(scsi_test, inquiry_and_its_pages_name_the_unit) {
    auto options = plain_target();
    options.luns[0].serial = "SN-42";
    start(options);
    log_in();
    const auto standard = initiator->run({0x12, 0, 0, 0, 96, 0}, 96);
    EXPECT_EQ(standard.status, 0);
    EXPECT_EQ(standard.data.size(), 74U);
    EXPECT_TRUE(standard.underflow);
    EXPECT_EQ(std::to_integer<unsigned>(standard.data[0]), 0U);
    EXPECT_EQ(text(std::span(standard.data).subspan(8, 8)), "PERSI   ");
    const auto serial = initiator->run({0x12, 1, 0x80, 0, 96, 0}, 96).data;
    EXPECT_EQ(text(std::span(serial).subspan(4)), "SN-42");
    EXPECT_THAT(text(initiator->run({0x12, 1, 0x83, 0, 250, 0}, 250).data),
                testing::HasSubstr("iqn.2026-01.example:disk,t,0x0001"));
    EXPECT_EQ(initiator->run({0x12, 1, 0xb0, 0, 96, 0}, 96).data.size(), 64U);
    EXPECT_EQ(initiator->run({0x12, 1, 0xb2, 0, 96, 0}, 96).data.size(), 8U);
    const auto pages = initiator->run({0x12, 1, 0x00, 0, 96, 0}, 96).data;
    EXPECT_EQ(pages.size(), 10U);
    for (const auto page : std::span(pages).subspan(4))
        EXPECT_EQ(initiator->run({0x12, 1, std::to_integer<std::uint8_t>(page), 0, 250, 0}, 250).status, 0);
    EXPECT_EQ(initiator->run({0x12, 1, 0xc7, 0, 96, 0}, 96).sense_code(), 0x052400U);
}

TEST_F(scsi_test, capacity_comes_in_10_and_16_bytes) {
    auto options = plain_target();
    options.luns[0].blocks = 0x1'0000'0001;
    options.luns[0].block_size = 4096;
    options.luns[0].kind = lun_options::store::null;
    start(options);
    log_in();
    const auto ten = initiator->run({0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 8);
    EXPECT_EQ(pdu::load_be<4>(ten.data.data()), 0xffffffffU);
    EXPECT_EQ(pdu::load_be<4>(ten.data.data() + 4), 4096U);
    const auto sixteen = initiator->run({0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0}, 32);
    EXPECT_EQ(pdu::load_be<8>(sixteen.data.data()), 0x1'0000'0000U);
    EXPECT_EQ(pdu::load_be<4>(sixteen.data.data() + 8), 4096U);
}

TEST_F(scsi_test, wrong_requests_give_their_sense) {
    auto options = plain_target();
    options.luns.push_back(options.luns[0]);
    options.luns[1].lun = 7;
    options.luns[1].read_only = true;
    start(options);
    log_in();
    EXPECT_EQ(initiator->run({0x28, 0, 0, 0, 0x20, 0, 0, 0, 1, 0}, 512).sense_code(), 0x052100U);
    EXPECT_EQ(initiator->run({0x28, 0, 0, 0, 0x1f, 0xff, 0, 0, 2, 0}, 1024).sense_code(), 0x052100U);
    EXPECT_EQ(initiator->run({0x28, 0, 0, 0, 0x1f, 0xff, 0, 0, 1, 0}, 512).status, 0);
    EXPECT_EQ(
        initiator->run({0x88, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0}, 512)
            .sense_code(),
        0x052100U);
    EXPECT_EQ(initiator->run({0xd1, 0, 0, 0, 0, 0}).sense_code(), 0x052000U);
    EXPECT_EQ(run_on(3, {0, 0, 0, 0, 0, 0}, 0).sense_code(), 0x052500U);
    EXPECT_EQ(run_on(7, {0, 0, 0, 0, 0, 0}, 0).status, 0);
    EXPECT_EQ(run_on(7, {0x1a, 0, 0x3f, 0, 192, 0}, 192).data.at(2), std::byte{0x90});  // WP, DPOFUA
    auto command =
        initiator->command(std::initializer_list<std::uint8_t>{0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, 512, false, true);
    command.lun = static_cast<pdu::lun_id>(std::uint64_t{7} << 48U);
    initiator->send(command, pattern(512));
    EXPECT_EQ(initiator->finish(command.initiator_task_tag).sense_code(), 0x072700U);
}

TEST_F(scsi_test, absent_unit_answers_inquiry_and_report_luns) {
    start();
    log_in();
    EXPECT_EQ(run_on(5, {0x12, 0, 0, 0, 96, 0}, 96).data.at(0), std::byte{0x7f});
    const auto luns = run_on(5, {0xa0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0}, 64);
    EXPECT_EQ(
        luns.data,
        std::vector<std::byte>(
            {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{8}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}));
}

TEST_F(scsi_test, unit_attention_is_told_once_and_not_to_inquiry) {
    auto options = plain_target();
    options.unit_attention = true;
    start(options);
    log_in();
    EXPECT_EQ(initiator->run({0x12, 0, 0, 0, 96, 0}, 96).status, 0);
    EXPECT_EQ(initiator->run({0, 0, 0, 0, 0, 0}).sense_code(), 0x062900U);
    EXPECT_EQ(initiator->run({0, 0, 0, 0, 0, 0}).status, 0);
}

TEST_F(scsi_test, unmap_and_write_same_change_exactly_their_blocks) {
    start();
    log_in();
    auto expected = pattern(4 * 512);
    ASSERT_EQ(initiator->run_write({0x2a, 0, 0, 0, 0, 0, 0, 0, 4, 0}, expected, expected.size()).status, 0);
    std::vector<std::byte> list(24);
    pdu::store_be<2>(list.data(), 22);
    pdu::store_be<2>(list.data() + 2, 16);
    pdu::store_be<8>(list.data() + 8, 1);
    pdu::store_be<4>(list.data() + 16, 1);
    EXPECT_EQ(initiator->run_write({0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0}, list, list.size()).status, 0);
    const auto block = pattern(512, 7);
    EXPECT_EQ(initiator->run_write({0x93, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0}, block, 512).status, 0);
    std::fill_n(expected.begin() + 512, 512, std::byte{0});
    std::copy(block.begin(), block.end(), expected.begin() + 1024);
    EXPECT_EQ(initiator->run({0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0}, 2048).data, expected);
    pdu::store_be<8>(list.data() + 8, 8192);
    EXPECT_EQ(initiator->run_write({0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0}, list, list.size()).sense_code(), 0x052100U);
}

TEST_F(scsi_test, verify_compares) {
    start();
    log_in();
    const auto block = pattern(512);
    ASSERT_EQ(initiator->run_write({0x2a, 0, 0, 0, 0, 3, 0, 0, 1, 0}, block, 512).status, 0);
    EXPECT_EQ(initiator->run_write({0x2f, 2, 0, 0, 0, 3, 0, 0, 1, 0}, block, 512).status, 0);
    EXPECT_EQ(initiator->run_write({0x2f, 2, 0, 0, 0, 4, 0, 0, 1, 0}, block, 512).sense_code(), 0x0e1d00U);
}

TEST_F(scsi_test, null_store_reads_zeroes_and_takes_writes) {
    auto options = plain_target();
    options.luns[0].kind = lun_options::store::null;
    start(options);
    log_in();
    EXPECT_EQ(initiator->run_write({0x2a, 0, 0, 0, 0, 0, 0, 0, 128, 0}, pattern(65536), 4096).status, 0);
    EXPECT_EQ(initiator->run({0x28, 0, 0, 0, 0, 0, 0, 0, 128, 0}, 65536).data, std::vector<std::byte>(65536));
}

}  // namespace
}  // namespace persiscsi::target::test
