// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// NOP-In (RFC 7143 §11.19).
struct nop_in {
    static constexpr auto opcode = pdu::opcode::nop_in;
    static constexpr std::string_view title = "NOP-In";

    lun_id lun{};
    task_tag initiator_task_tag = task_tag::reserved;
    transfer_tag target_transfer_tag = transfer_tag::reserved;
    status_sn stat_sn{};
    command_sn exp_cmd_sn{};
    command_sn max_cmd_sn{};

    static constexpr auto layout = bhs_layout(one<1, 0>(),
                                              field<8>("LUN", &nop_in::lun),
                                              field<16>("ITT", &nop_in::initiator_task_tag),
                                              field<20>("TTT", &nop_in::target_transfer_tag),
                                              field<24>("StatSN", &nop_in::stat_sn),
                                              field<28>("ExpCmdSN", &nop_in::exp_cmd_sn),
                                              field<32>("MaxCmdSN", &nop_in::max_cmd_sn));
};

}  // namespace persiscsi::pdu
