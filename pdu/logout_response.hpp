// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Response codes (RFC 7143 §11.15.1).
enum class logout_outcome : std::uint8_t {
    closed = 0,
    cid_not_found = 1,
    recovery_not_supported = 2,
    cleanup_failed = 3,
};

/// Logout Response (RFC 7143 §11.15). Both times are in seconds.
struct logout_response {
    static constexpr auto opcode = pdu::opcode::logout_response;
    static constexpr std::string_view title = "Logout Response";

    logout_outcome response = logout_outcome::closed;
    task_tag initiator_task_tag = task_tag::reserved;
    status_sn stat_sn{};
    command_sn exp_cmd_sn{};
    command_sn max_cmd_sn{};
    std::uint16_t time2wait = 0;
    std::uint16_t time2retain = 0;

    static constexpr auto layout = bhs_layout(one<1, 0>(),
                                              field<2>("Response", &logout_response::response),
                                              field<16>("ITT", &logout_response::initiator_task_tag),
                                              field<24>("StatSN", &logout_response::stat_sn),
                                              field<28>("ExpCmdSN", &logout_response::exp_cmd_sn),
                                              field<32>("MaxCmdSN", &logout_response::max_cmd_sn),
                                              field<40>("Time2Wait", &logout_response::time2wait),
                                              field<42>("Time2Retain", &logout_response::time2retain));
};

}  // namespace persiscsi::pdu
