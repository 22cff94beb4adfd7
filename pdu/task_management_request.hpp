// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Function codes (RFC 7143 §11.5.1).
enum class task_management_function : std::uint8_t {
    abort_task = 1,
    abort_task_set = 2,
    clear_aca = 3,
    clear_task_set = 4,
    logical_unit_reset = 5,
    target_warm_reset = 6,
    target_cold_reset = 7,
    task_reassign = 8,
};

/// Task Management Function Request (RFC 7143 §11.5).
struct task_management_request {
    static constexpr auto opcode = pdu::opcode::task_management_request;
    static constexpr std::string_view title = "Task Management Function Request";

    bool immediate = false;
    task_management_function function = task_management_function::abort_task;
    lun_id lun{};
    task_tag initiator_task_tag = task_tag::reserved;
    task_tag referenced_task_tag = task_tag::reserved;
    command_sn cmd_sn{};
    status_sn exp_stat_sn{};
    command_sn ref_cmd_sn{};
    data_sn exp_data_sn{};

    static constexpr auto layout =
        bhs_layout(flag<0, 1>("I", &task_management_request::immediate),
                   one<1, 0>(),
                   bits<1, 1, 7>("Function", &task_management_request::function),
                   field<8>("LUN", &task_management_request::lun),
                   field<16>("ITT", &task_management_request::initiator_task_tag),
                   field<20>("ReferencedTaskTag", &task_management_request::referenced_task_tag),
                   field<24>("CmdSN", &task_management_request::cmd_sn),
                   field<28>("ExpStatSN", &task_management_request::exp_stat_sn),
                   field<32>("RefCmdSN", &task_management_request::ref_cmd_sn),
                   field<36>("ExpDataSN", &task_management_request::exp_data_sn));
};

}  // namespace persiscsi::pdu
