// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Ready To Transfer (RFC 7143 §11.8).
struct r2t {
    static constexpr auto opcode = pdu::opcode::r2t;
    static constexpr std::string_view title = "Ready To Transfer";

    lun_id lun{};
    task_tag initiator_task_tag = task_tag::reserved;
    transfer_tag target_transfer_tag = transfer_tag::reserved;
    status_sn stat_sn{};
    command_sn exp_cmd_sn{};
    command_sn max_cmd_sn{};
    data_sn r2t_sn{};
    std::uint32_t buffer_offset = 0;
    std::uint32_t desired_data_transfer_length = 0;

    static constexpr auto layout =
        bhs_layout(one<1, 0>(),
                   field<8>("LUN", &r2t::lun),
                   field<16>("ITT", &r2t::initiator_task_tag),
                   field<20>("TTT", &r2t::target_transfer_tag),
                   field<24>("StatSN", &r2t::stat_sn),
                   field<28>("ExpCmdSN", &r2t::exp_cmd_sn),
                   field<32>("MaxCmdSN", &r2t::max_cmd_sn),
                   field<36>("R2TSN", &r2t::r2t_sn),
                   field<40>("BufferOffset", &r2t::buffer_offset),
                   field<44>("DesiredDataTransferLength", &r2t::desired_data_transfer_length));
};

}  // namespace persiscsi::pdu
