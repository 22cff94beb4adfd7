// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Reason codes (RFC 7143 §11.17.1).
enum class reject_reason : std::uint8_t {
    data_digest_error = 0x02,
    snack_reject = 0x03,
    protocol_error = 0x04,
    command_not_supported = 0x05,
    immediate_command_reject = 0x06,
    task_in_progress = 0x07,
    invalid_data_ack = 0x08,
    invalid_pdu_field = 0x09,
    long_operation_reject = 0x0a,
    negotiation_reset = 0x0b,
    waiting_for_logout = 0x0c,
};

/// Reject (RFC 7143 §11.17). The data segment is the header of the PDU it rejects.
struct reject {
    static constexpr auto opcode = pdu::opcode::reject;
    static constexpr std::string_view title = "Reject";

    reject_reason reason = reject_reason::protocol_error;
    status_sn stat_sn{};
    command_sn exp_cmd_sn{};
    command_sn max_cmd_sn{};
    pdu::data_sn data_sn{};

    static constexpr auto layout = bhs_layout(one<1, 0>(),
                                              field<2>("Reason", &reject::reason),
                                              reserved_tag<16>(),
                                              field<24>("StatSN", &reject::stat_sn),
                                              field<28>("ExpCmdSN", &reject::exp_cmd_sn),
                                              field<32>("MaxCmdSN", &reject::max_cmd_sn),
                                              field<36>("DataSN/R2TSN", &reject::data_sn));
};

}  // namespace persiscsi::pdu
