// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Text Request (RFC 7143 §11.10).
struct text_request {
    static constexpr auto opcode = pdu::opcode::text_request;
    static constexpr std::string_view title = "Text Request";

    bool immediate = false;
    bool final = false;
    bool continued = false;
    lun_id lun{};
    task_tag initiator_task_tag = task_tag::reserved;
    transfer_tag target_transfer_tag = transfer_tag::reserved;
    command_sn cmd_sn{};
    status_sn exp_stat_sn{};

    static constexpr auto layout = bhs_layout(flag<0, 1>("I", &text_request::immediate),
                                              flag<1, 0>("F", &text_request::final),
                                              flag<1, 1>("C", &text_request::continued),
                                              field<8>("LUN", &text_request::lun),
                                              field<16>("ITT", &text_request::initiator_task_tag),
                                              field<20>("TTT", &text_request::target_transfer_tag),
                                              field<24>("CmdSN", &text_request::cmd_sn),
                                              field<28>("ExpStatSN", &text_request::exp_stat_sn));
};

}  // namespace persiscsi::pdu
