// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Text Response (RFC 7143 §11.11).
struct text_response {
    static constexpr auto opcode = pdu::opcode::text_response;
    static constexpr std::string_view title = "Text Response";

    bool final = false;
    bool continued = false;
    lun_id lun{};
    task_tag initiator_task_tag = task_tag::reserved;
    transfer_tag target_transfer_tag = transfer_tag::reserved;
    status_sn stat_sn{};
    command_sn exp_cmd_sn{};
    command_sn max_cmd_sn{};

    static constexpr auto layout = bhs_layout(flag<1, 0>("F", &text_response::final),
                                              flag<1, 1>("C", &text_response::continued),
                                              field<8>("LUN", &text_response::lun),
                                              field<16>("ITT", &text_response::initiator_task_tag),
                                              field<20>("TTT", &text_response::target_transfer_tag),
                                              field<24>("StatSN", &text_response::stat_sn),
                                              field<28>("ExpCmdSN", &text_response::exp_cmd_sn),
                                              field<32>("MaxCmdSN", &text_response::max_cmd_sn));
};

}  // namespace persiscsi::pdu
