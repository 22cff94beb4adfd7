// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// SCSI Data-In (RFC 7143 §11.7).
/// StatSN, Status, O, U and ResidualCount mean something only where the S bit is set.
struct data_in {
    static constexpr auto opcode = pdu::opcode::data_in;
    static constexpr std::string_view title = "SCSI Data-In";

    bool final = false;
    bool acknowledge = false;
    bool overflow = false;
    bool underflow = false;
    bool has_status = false;
    std::uint8_t status = 0;
    lun_id lun{};
    task_tag initiator_task_tag = task_tag::reserved;
    transfer_tag target_transfer_tag = transfer_tag::reserved;
    status_sn stat_sn{};
    command_sn exp_cmd_sn{};
    command_sn max_cmd_sn{};
    pdu::data_sn data_sn{};
    std::uint32_t buffer_offset = 0;
    std::uint32_t residual_count = 0;

    static constexpr auto layout = bhs_layout(flag<1, 0>("F", &data_in::final),
                                              flag<1, 1>("A", &data_in::acknowledge),
                                              flag<1, 5>("O", &data_in::overflow),
                                              flag<1, 6>("U", &data_in::underflow),
                                              flag<1, 7>("S", &data_in::has_status),
                                              field<3>("Status", &data_in::status),
                                              field<8>("LUN", &data_in::lun),
                                              field<16>("ITT", &data_in::initiator_task_tag),
                                              field<20>("TTT", &data_in::target_transfer_tag),
                                              field<24>("StatSN", &data_in::stat_sn),
                                              field<28>("ExpCmdSN", &data_in::exp_cmd_sn),
                                              field<32>("MaxCmdSN", &data_in::max_cmd_sn),
                                              field<36>("DataSN", &data_in::data_sn),
                                              field<40>("BufferOffset", &data_in::buffer_offset),
                                              field<44>("ResidualCount", &data_in::residual_count));
};

}  // namespace persiscsi::pdu
