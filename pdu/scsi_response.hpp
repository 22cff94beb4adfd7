// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// iSCSI service response (RFC 7143 §11.4.3); 0x80-0xff are vendor specific.
enum class service_response : std::uint8_t { completed = 0x00, target_failure = 0x01 };

/// SCSI Response (RFC 7143 §11.4).
struct scsi_response {
    static constexpr auto opcode = pdu::opcode::scsi_response;
    static constexpr std::string_view title = "SCSI Response";

    bool bidirectional_read_overflow = false;
    bool bidirectional_read_underflow = false;
    bool overflow = false;
    bool underflow = false;
    service_response response = service_response::completed;
    std::uint8_t status = 0;
    task_tag initiator_task_tag = task_tag::reserved;
    pdu::snack_tag snack_tag = pdu::snack_tag::none;
    status_sn stat_sn{};
    command_sn exp_cmd_sn{};
    command_sn max_cmd_sn{};
    data_sn exp_data_sn{};
    std::uint32_t bidirectional_read_residual_count = 0;
    std::uint32_t residual_count = 0;

    static constexpr auto layout =
        bhs_layout(one<1, 0>(),
                   flag<1, 3>("o", &scsi_response::bidirectional_read_overflow),
                   flag<1, 4>("u", &scsi_response::bidirectional_read_underflow),
                   flag<1, 5>("O", &scsi_response::overflow),
                   flag<1, 6>("U", &scsi_response::underflow),
                   field<2>("Response", &scsi_response::response),
                   field<3>("Status", &scsi_response::status),
                   field<16>("ITT", &scsi_response::initiator_task_tag),
                   field<20>("SNACKTag", &scsi_response::snack_tag),
                   field<24>("StatSN", &scsi_response::stat_sn),
                   field<28>("ExpCmdSN", &scsi_response::exp_cmd_sn),
                   field<32>("MaxCmdSN", &scsi_response::max_cmd_sn),
                   field<36>("ExpDataSN", &scsi_response::exp_data_sn),
                   field<40>("BidirectionalReadResidualCount", &scsi_response::bidirectional_read_residual_count),
                   field<44>("ResidualCount", &scsi_response::residual_count));
};

}  // namespace persiscsi::pdu
