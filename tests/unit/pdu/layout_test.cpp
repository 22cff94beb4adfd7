// SPDX-License-Identifier: Apache-2.0
#include "pdu/layout.hpp"

#include "pdu/any_pdu.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace persiscsi::pdu {
namespace {

constexpr auto lun = lun_id{0x0102030405060708};
constexpr auto itt = task_tag{0x11121314};
constexpr auto ttt = transfer_tag{0x21222324};

/// A PDU with a different number in each field, what RFC 7143's figure makes of it, and the bits of a received header
/// that the figure gives a meaning to (or fixes to one).
struct layout_example {
    any_pdu pdu;
    const char* wire;
    const char* meaningful;
};

std::vector<layout_example> initiator_examples() {
    return {
        {nop_out{.immediate = true,
                 .lun = lun,
                 .initiator_task_tag = itt,
                 .target_transfer_tag = ttt,
                 .cmd_sn = {0x31323334},
                 .exp_stat_sn = {0x41424344}},
         "40800000 00000000 01020304 05060708 11121314 21222324 31323334 41424344 00000000 00000000 00000000 00000000",
         "40800000 00000000 ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 00000000 00000000 00000000 00000000"},
        {scsi_command{.immediate = true,
                      .final = true,
                      .read = true,
                      .write = false,
                      .attribute = task_attribute::head_of_queue,
                      .lun = lun,
                      .initiator_task_tag = itt,
                      .expected_data_transfer_length = 0x51525354,
                      .cmd_sn = {0x31323334},
                      .exp_stat_sn = {0x41424344},
                      .cdb = {std::byte{0x88},
                              std::byte{0x01},
                              std::byte{0x02},
                              std::byte{0x03},
                              std::byte{0x04},
                              std::byte{0x05},
                              std::byte{0x06},
                              std::byte{0x07},
                              std::byte{0x08},
                              std::byte{0x09},
                              std::byte{0x0a},
                              std::byte{0x0b},
                              std::byte{0x0c},
                              std::byte{0x0d},
                              std::byte{0x0e},
                              std::byte{0x0f}}},
         "41c30000 00000000 01020304 05060708 11121314 51525354 31323334 41424344 88010203 04050607 08090a0b 0c0d0e0f",
         "41e70000 00000000 ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff"},
        {task_management_request{.immediate = true,
                                 .function = task_management_function::logical_unit_reset,
                                 .lun = lun,
                                 .initiator_task_tag = itt,
                                 .referenced_task_tag = task_tag{0x61626364},
                                 .cmd_sn = {0x31323334},
                                 .exp_stat_sn = {0x41424344},
                                 .ref_cmd_sn = {0x71727374},
                                 .exp_data_sn = {0x81828384}},
         "42850000 00000000 01020304 05060708 11121314 61626364 31323334 41424344 71727374 81828384 00000000 00000000",
         "42ff0000 00000000 ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 00000000 00000000"},
        {login_request{.transit = true,
                       .continued = false,
                       .current_stage = login_stage::operational_negotiation,
                       .next_stage = login_stage::full_feature_phase,
                       .version_max = 0x09,
                       .version_min = 0x0a,
                       .isid = isid{0x80a1a2a3a4a5},
                       .tsih = tsih{0xb1b2},
                       .initiator_task_tag = itt,
                       .cid = connection_id{0xc1c2},
                       .cmd_sn = {0x31323334},
                       .exp_stat_sn = {0x41424344}},
         "4387090a 00000000 80a1a2a3 a4a5b1b2 11121314 c1c20000 31323334 41424344 00000000 00000000 00000000 00000000",
         "43cfffff 00000000 ffffffff ffffffff ffffffff ffff0000 ffffffff ffffffff 00000000 00000000 00000000 00000000"},
        {text_request{.immediate = true,
                      .final = false,
                      .continued = true,
                      .lun = lun,
                      .initiator_task_tag = itt,
                      .target_transfer_tag = ttt,
                      .cmd_sn = {0x31323334},
                      .exp_stat_sn = {0x41424344}},
         "44400000 00000000 01020304 05060708 11121314 21222324 31323334 41424344 00000000 00000000 00000000 00000000",
         "44c00000 00000000 ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 00000000 00000000 00000000 00000000"},
        {data_out{.final = true,
                  .lun = lun,
                  .initiator_task_tag = itt,
                  .target_transfer_tag = ttt,
                  .exp_stat_sn = {0x41424344},
                  .data_sn = {0x91929394},
                  .buffer_offset = 0xd1d2d3d4},
         "05800000 00000000 01020304 05060708 11121314 21222324 00000000 41424344 00000000 91929394 d1d2d3d4 00000000",
         "05800000 00000000 ffffffff ffffffff ffffffff ffffffff 00000000 ffffffff 00000000 ffffffff ffffffff 00000000"},
        {logout_request{.immediate = true,
                        .reason = logout_reason::remove_connection_for_recovery,
                        .initiator_task_tag = itt,
                        .cid = connection_id{0xc1c2},
                        .cmd_sn = {0x31323334},
                        .exp_stat_sn = {0x41424344}},
         "46820000 00000000 00000000 00000000 11121314 c1c20000 31323334 41424344 00000000 00000000 00000000 00000000",
         "46ff0000 00000000 00000000 00000000 ffffffff ffff0000 ffffffff ffffffff 00000000 00000000 00000000 00000000"},
        {snack_request{.type = snack_type::r_data,
                       .lun = lun,
                       .initiator_task_tag = itt,
                       .target_transfer_tag = ttt,
                       .exp_stat_sn = {0x41424344},
                       .beg_run = 0xe1e2e3e4,
                       .run_length = 0xf1f2f3f4},
         "10830000 00000000 01020304 05060708 11121314 21222324 00000000 41424344 00000000 00000000 e1e2e3e4 f1f2f3f4",
         "108f0000 00000000 ffffffff ffffffff ffffffff ffffffff 00000000 ffffffff 00000000 00000000 ffffffff ffffffff"},
    };
}

std::vector<layout_example> target_examples() {
    return {
        {nop_in{.lun = lun,
                .initiator_task_tag = itt,
                .target_transfer_tag = ttt,
                .stat_sn = {0x31323334},
                .exp_cmd_sn = {0x41424344},
                .max_cmd_sn = {0x51525354}},
         "20800000 00000000 01020304 05060708 11121314 21222324 31323334 41424344 51525354 00000000 00000000 00000000",
         "20800000 00000000 ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 00000000 00000000 00000000"},
        {scsi_response{.bidirectional_read_overflow = true,
                       .bidirectional_read_underflow = false,
                       .overflow = false,
                       .underflow = true,
                       .response = service_response::target_failure,
                       .status = 0x28,
                       .initiator_task_tag = itt,
                       .snack_tag = snack_tag{0x61626364},
                       .stat_sn = {0x31323334},
                       .exp_cmd_sn = {0x41424344},
                       .max_cmd_sn = {0x51525354},
                       .exp_data_sn = {0x81828384},
                       .bidirectional_read_residual_count = 0x91929394,
                       .residual_count = 0xd1d2d3d4},
         "21920128 00000000 00000000 00000000 11121314 61626364 31323334 41424344 51525354 81828384 91929394 d1d2d3d4",
         "219effff 00000000 00000000 00000000 ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff"},
        {task_management_response{.response = task_management_outcome::function_rejected,
                                  .initiator_task_tag = itt,
                                  .stat_sn = {0x31323334},
                                  .exp_cmd_sn = {0x41424344},
                                  .max_cmd_sn = {0x51525354}},
         "2280ff00 00000000 00000000 00000000 11121314 00000000 31323334 41424344 51525354 00000000 00000000 00000000",
         "2280ff00 00000000 00000000 00000000 ffffffff 00000000 ffffffff ffffffff ffffffff 00000000 00000000 00000000"},
        {login_response{.transit = false,
                        .continued = true,
                        .current_stage = login_stage::full_feature_phase,
                        .next_stage = login_stage::operational_negotiation,
                        .version_max = 0x09,
                        .version_active = 0x0a,
                        .isid = isid{0x80a1a2a3a4a5},
                        .tsih = tsih{0xb1b2},
                        .initiator_task_tag = itt,
                        .stat_sn = {0x31323334},
                        .exp_cmd_sn = {0x41424344},
                        .max_cmd_sn = {0x51525354},
                        .status = login_status::not_found},
         "234d090a 00000000 80a1a2a3 a4a5b1b2 11121314 00000000 31323334 41424344 51525354 02030000 00000000 00000000",
         "23cfffff 00000000 ffffffff ffffffff ffffffff 00000000 ffffffff ffffffff ffffffff ffff0000 00000000 00000000"},
        {text_response{.final = true,
                       .continued = false,
                       .lun = lun,
                       .initiator_task_tag = itt,
                       .target_transfer_tag = ttt,
                       .stat_sn = {0x31323334},
                       .exp_cmd_sn = {0x41424344},
                       .max_cmd_sn = {0x51525354}},
         "24800000 00000000 01020304 05060708 11121314 21222324 31323334 41424344 51525354 00000000 00000000 00000000",
         "24c00000 00000000 ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 00000000 00000000 00000000"},
        {data_in{.final = true,
                 .acknowledge = false,
                 .overflow = false,
                 .underflow = true,
                 .has_status = true,
                 .status = 0x08,
                 .lun = lun,
                 .initiator_task_tag = itt,
                 .target_transfer_tag = ttt,
                 .stat_sn = {0x31323334},
                 .exp_cmd_sn = {0x41424344},
                 .max_cmd_sn = {0x51525354},
                 .data_sn = {0x61626364},
                 .buffer_offset = 0x71727374,
                 .residual_count = 0x81828384},
         "25830008 00000000 01020304 05060708 11121314 21222324 31323334 41424344 51525354 61626364 71727374 81828384",
         "25c700ff 00000000 ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff"},
        {logout_response{.response = logout_outcome::cleanup_failed,
                         .initiator_task_tag = itt,
                         .stat_sn = {0x31323334},
                         .exp_cmd_sn = {0x41424344},
                         .max_cmd_sn = {0x51525354},
                         .time2wait = 0x6162,
                         .time2retain = 0x7172},
         "26800300 00000000 00000000 00000000 11121314 00000000 31323334 41424344 51525354 00000000 61627172 00000000",
         "2680ff00 00000000 00000000 00000000 ffffffff 00000000 ffffffff ffffffff ffffffff 00000000 ffffffff 00000000"},
        {r2t{.lun = lun,
             .initiator_task_tag = itt,
             .target_transfer_tag = ttt,
             .stat_sn = {0x31323334},
             .exp_cmd_sn = {0x41424344},
             .max_cmd_sn = {0x51525354},
             .r2t_sn = {0x61626364},
             .buffer_offset = 0x71727374,
             .desired_data_transfer_length = 0x81828384},
         "31800000 00000000 01020304 05060708 11121314 21222324 31323334 41424344 51525354 61626364 71727374 81828384",
         "31800000 00000000 ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff"},
        {async_message{.lun = lun,
                       .stat_sn = {0x31323334},
                       .exp_cmd_sn = {0x41424344},
                       .max_cmd_sn = {0x51525354},
                       .event = async_event::session_drop,
                       .vendor_code = 0x61,
                       .parameter1 = 0x7172,
                       .parameter2 = 0x8182,
                       .parameter3 = 0x9192},
         "32800000 00000000 01020304 05060708 ffffffff 00000000 31323334 41424344 51525354 03617172 81829192 00000000",
         "32800000 00000000 ffffffff ffffffff ffffffff 00000000 ffffffff ffffffff ffffffff ffffffff ffffffff 00000000"},
        {reject{.reason = reject_reason::invalid_pdu_field,
                .stat_sn = {0x31323334},
                .exp_cmd_sn = {0x41424344},
                .max_cmd_sn = {0x51525354},
                .data_sn = {0x61626364}},
         "3f800900 00000000 00000000 00000000 ffffffff 00000000 31323334 41424344 51525354 61626364 00000000 00000000",
         "3f80ff00 00000000 00000000 00000000 ffffffff 00000000 ffffffff ffffffff ffffffff ffffffff 00000000 00000000"},
    };
}

bhs_bytes header(const char* hex) {
    bhs_bytes bhs{};
    const auto bytes = test::from_hex(hex);
    EXPECT_EQ(bytes.size(), bhs.size());
    std::copy(bytes.begin(), bytes.end(), bhs.begin());
    return bhs;
}

bhs_bytes encode_any(const any_pdu& pdu) {
    return std::visit([](const auto& one) { return encode(one); }, pdu);
}

const char* title_of(const any_pdu& pdu) {
    return std::visit([](const auto& one) { return one.title.data(); }, pdu);
}

std::vector<layout_example> all_examples() {
    auto examples = initiator_examples();
    for (auto& example : target_examples()) examples.push_back(example);
    return examples;
}

TEST(layout, every_pdu_has_an_example) {
    const auto examples = all_examples();
    ASSERT_EQ(examples.size(), std::variant_size_v<any_pdu>);
    for (std::size_t i = 0; i < examples.size(); ++i) EXPECT_EQ(examples[i].pdu.index(), i);
}

TEST(layout, every_pdu_encodes_as_the_figure_of_the_rfc_shows) {
    for (const auto& example : all_examples())
        EXPECT_EQ(encode_any(example.pdu), header(example.wire)) << title_of(example.pdu);
}

TEST(layout, every_pdu_decodes_back_from_the_wire) {
    for (const auto& example : all_examples()) {
        const auto decoded = decode_any(header(example.wire));
        ASSERT_TRUE(decoded) << title_of(example.pdu);
        EXPECT_EQ(decoded->index(), example.pdu.index());
        EXPECT_EQ(encode_any(*decoded), header(example.wire)) << title_of(example.pdu);
    }
}

TEST(layout, reserved_bits_are_not_looked_at_and_sent_as_zero) {
    for (const auto& example : all_examples()) {
        bhs_bytes noisy{};
        noisy.fill(std::byte{0xff});
        noisy[0] = header(example.wire)[0] | std::byte{0xc0};
        const auto decoded = decode_any(noisy);
        ASSERT_TRUE(decoded) << title_of(example.pdu);
        EXPECT_EQ(encode_any(*decoded), header(example.meaningful)) << title_of(example.pdu);
    }
}

TEST(layout, the_read_10_command_of_the_rfc_appendix_encodes_as_printed_there) {
    scsi_command command{.final = true,
                         .read = true,
                         .attribute = task_attribute::untagged,
                         .initiator_task_tag = task_tag{0x14000000},
                         .expected_data_transfer_length = 0x400,
                         .cmd_sn = {0x14},
                         .exp_stat_sn = {0x18}};
    command.cdb[0] = std::byte{0x28};
    command.cdb[8] = std::byte{0x02};
    EXPECT_EQ(encode(command),
              header("01c00000 00000000 00000000 00000000 14000000 00000400"
                     "00000014 00000018 28000000 00000000 02000000 00000000"));
}

TEST(layout, a_member_wider_than_its_bits_does_not_spill_into_its_neighbours) {
    const login_request request{.current_stage = static_cast<login_stage>(0xff), .next_stage = {}};
    EXPECT_EQ(encode(request)[1], std::byte{0x0c});
    const login_request long_isid{.isid = isid{0xffff000000000000}};
    EXPECT_EQ(encode(long_isid)[8], std::byte{0});
    EXPECT_EQ(encode(long_isid)[7], std::byte{0});
}

TEST(layout, opcodes_that_the_rfc_does_not_name_decode_to_nothing) {
    std::size_t named = 0;
    for (unsigned value = 0; value < 0x40; ++value) {
        bhs_bytes bhs{};
        bhs[0] = static_cast<std::byte>(value);
        const auto decoded = decode_any(bhs);
        if (!decoded) continue;
        ++named;
        EXPECT_EQ(encode_any(*decoded)[0] & std::byte{0x3f}, static_cast<std::byte>(value));
    }
    EXPECT_EQ(named, std::variant_size_v<any_pdu>);
}

TEST(serial_number, precedes_follows_rfc_1982_across_the_wrap) {
    EXPECT_TRUE(command_sn{1}.precedes({2}));
    EXPECT_FALSE(command_sn{2}.precedes({1}));
    EXPECT_FALSE(command_sn{2}.precedes({2}));
    EXPECT_TRUE(command_sn{0xffffffff}.precedes({0}));
    EXPECT_FALSE(command_sn{0}.precedes({0xffffffff}));
    EXPECT_EQ(command_sn{0xfffffffe}.distance_to({3}), 5);
    EXPECT_EQ(command_sn{3}.distance_to({0xfffffffe}), -5);
    EXPECT_EQ(command_sn{0xffffffff}.next(), command_sn{0});
    EXPECT_EQ(command_sn{0xfffffff0}.plus(0x20), command_sn{0x10});
}

}  // namespace
}  // namespace persiscsi::pdu
