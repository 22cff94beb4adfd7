// SPDX-License-Identifier: Apache-2.0
#include "pdu/print.hpp"

#include "pdu/frame.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi::pdu {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(print, a_command_shows_flags_tags_counts_and_its_cdb) {
    scsi_command command{.final = true,
                         .read = true,
                         .lun = lun_id{0x0001000000000000},
                         .initiator_task_tag = task_tag{0x1f},
                         .expected_data_transfer_length = 4096,
                         .cmd_sn = {7},
                         .exp_stat_sn = {4294967295U}};
    command.cdb[0] = std::byte{0x28};
    EXPECT_EQ(print(command),
              "SCSI Command I=0 F=1 R=1 W=0 ATTR=1 LUN=0x0001000000000000 ITT=0x0000001f "
              "ExpectedDataTransferLength=4096 CmdSN=7 ExpStatSN=4294967295 CDB=28000000000000000000000000000000");
}

TEST(print, a_login_response_shows_codes_in_the_width_of_their_field) {
    EXPECT_EQ(print(login_response{.transit = true,
                                   .next_stage = login_stage::full_feature_phase,
                                   .isid = isid{0x80123456789a},
                                   .tsih = tsih{0x12},
                                   .initiator_task_tag = task_tag{1},
                                   .status = login_status::not_found}),
              "Login Response T=1 C=0 CSG=0 NSG=3 VersionMax=0x00 VersionActive=0x00 ISID=0x80123456789a TSIH=0x0012 "
              "ITT=0x00000001 StatSN=0 ExpCmdSN=0 MaxCmdSN=0 StatusClass/StatusDetail=0x0203");
}

TEST(print, rows_that_the_rfc_fixes_are_left_out) {
    EXPECT_EQ(print(reject{.reason = reject_reason::protocol_error}),
              "Reject Reason=0x04 StatSN=0 ExpCmdSN=0 MaxCmdSN=0 DataSN/R2TSN=0");
    EXPECT_THAT(print(logout_request{.cid = connection_id{10}}), HasSubstr("CID=10 "));
}

TEST(print, a_header_from_the_wire_shows_its_lengths_in_bytes_and_no_data) {
    const auto secret = test::bytes_of("CHAP_R=0x123");
    const frame sent(encode(login_request{}), test::bytes(8), secret, {});
    bhs_bytes bhs{};
    std::copy_n(sent.head().begin(), bhs.size(), bhs.begin());
    const auto line = print(bhs);
    EXPECT_THAT(line, testing::StartsWith("Login Request T=0"));
    EXPECT_THAT(line, testing::EndsWith(" TotalAHSLength=8 DataSegmentLength=12"));
    EXPECT_THAT(line, Not(HasSubstr("CHAP")));
}

TEST(print, an_unknown_opcode_is_named) {
    bhs_bytes bhs{};
    bhs[0] = std::byte{0x5e};
    bhs[7] = std::byte{9};
    EXPECT_EQ(print(bhs), "unknown opcode 0x1e TotalAHSLength=0 DataSegmentLength=9");
}

TEST(print, every_pdu_gives_one_line_that_begins_with_its_title) {
    for (unsigned value = 0; value < 0x40; ++value) {
        bhs_bytes bhs{};
        bhs[0] = static_cast<std::byte>(value);
        const auto decoded = decode_any(bhs);
        if (!decoded) continue;
        const std::string line = print(*decoded);
        const auto title = std::visit([](const auto& one) { return std::string(one.title); }, *decoded);
        EXPECT_THAT(line, testing::StartsWith(title + " "));
        EXPECT_THAT(line, Not(HasSubstr("\n")));
    }
}

}  // namespace
}  // namespace persiscsi::pdu
