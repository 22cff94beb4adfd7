// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Response codes (RFC 7143 §11.6.1).
enum class task_management_outcome : std::uint8_t {
    function_complete = 0,
    task_does_not_exist = 1,
    lun_does_not_exist = 2,
    task_still_allegiant = 3,
    reassignment_not_supported = 4,
    function_not_supported = 5,
    authorization_failed = 6,
    function_rejected = 255,
};

/// Task Management Function Response (RFC 7143 §11.6).
struct task_management_response {
    static constexpr auto opcode = pdu::opcode::task_management_response;
    static constexpr std::string_view title = "Task Management Function Response";

    task_management_outcome response = task_management_outcome::function_complete;
    task_tag initiator_task_tag = task_tag::reserved;
    status_sn stat_sn{};
    command_sn exp_cmd_sn{};
    command_sn max_cmd_sn{};

    static constexpr auto layout = bhs_layout(one<1, 0>(),
                                              field<2>("Response", &task_management_response::response),
                                              field<16>("ITT", &task_management_response::initiator_task_tag),
                                              field<24>("StatSN", &task_management_response::stat_sn),
                                              field<28>("ExpCmdSN", &task_management_response::exp_cmd_sn),
                                              field<32>("MaxCmdSN", &task_management_response::max_cmd_sn));
};

}  // namespace persiscsi::pdu
