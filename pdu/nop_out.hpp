// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// NOP-Out (RFC 7143 §11.18).
struct nop_out {
    static constexpr auto opcode = pdu::opcode::nop_out;
    static constexpr std::string_view title = "NOP-Out";

    bool immediate = false;
    lun_id lun{};
    task_tag initiator_task_tag = task_tag::reserved;
    transfer_tag target_transfer_tag = transfer_tag::reserved;
    command_sn cmd_sn{};
    status_sn exp_stat_sn{};

    static constexpr auto layout = bhs_layout(flag<0, 1>("I", &nop_out::immediate),
                                              one<1, 0>(),
                                              field<8>("LUN", &nop_out::lun),
                                              field<16>("ITT", &nop_out::initiator_task_tag),
                                              field<20>("TTT", &nop_out::target_transfer_tag),
                                              field<24>("CmdSN", &nop_out::cmd_sn),
                                              field<28>("ExpStatSN", &nop_out::exp_stat_sn));
};

}  // namespace persiscsi::pdu
