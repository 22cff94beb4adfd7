// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Event codes (RFC 7143 §11.9.1).
enum class async_event : std::uint8_t {
    scsi_event = 0,
    logout_request = 1,
    connection_drop = 2,
    session_drop = 3,
    negotiation_request = 4,
    task_termination = 5,
    vendor_specific = 255,
};

/// Asynchronous Message (RFC 7143 §11.9).
struct async_message {
    static constexpr auto opcode = pdu::opcode::async_message;
    static constexpr std::string_view title = "Asynchronous Message";

    lun_id lun{};
    status_sn stat_sn{};
    command_sn exp_cmd_sn{};
    command_sn max_cmd_sn{};
    async_event event = async_event::scsi_event;
    std::uint8_t vendor_code = 0;
    std::uint16_t parameter1 = 0;
    std::uint16_t parameter2 = 0;
    std::uint16_t parameter3 = 0;

    static constexpr auto layout = bhs_layout(one<1, 0>(),
                                              field<8>("LUN", &async_message::lun),
                                              reserved_tag<16>(),
                                              field<24>("StatSN", &async_message::stat_sn),
                                              field<28>("ExpCmdSN", &async_message::exp_cmd_sn),
                                              field<32>("MaxCmdSN", &async_message::max_cmd_sn),
                                              field<36>("AsyncEvent", &async_message::event),
                                              field<37>("AsyncVCode", &async_message::vendor_code),
                                              field<38>("Parameter1", &async_message::parameter1),
                                              field<40>("Parameter2", &async_message::parameter2),
                                              field<42>("Parameter3", &async_message::parameter3));
};

}  // namespace persiscsi::pdu
