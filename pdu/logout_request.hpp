// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Reason codes (RFC 7143 §11.14.1).
enum class logout_reason : std::uint8_t { close_session = 0, close_connection = 1, remove_connection_for_recovery = 2 };

/// Logout Request (RFC 7143 §11.14).
struct logout_request {
    static constexpr auto opcode = pdu::opcode::logout_request;
    static constexpr std::string_view title = "Logout Request";

    bool immediate = false;
    logout_reason reason = logout_reason::close_session;
    task_tag initiator_task_tag = task_tag::reserved;
    connection_id cid{};
    command_sn cmd_sn{};
    status_sn exp_stat_sn{};

    static constexpr auto layout = bhs_layout(flag<0, 1>("I", &logout_request::immediate),
                                              one<1, 0>(),
                                              bits<1, 1, 7>("ReasonCode", &logout_request::reason),
                                              field<16>("ITT", &logout_request::initiator_task_tag),
                                              field<20>("CID", &logout_request::cid),
                                              field<24>("CmdSN", &logout_request::cmd_sn),
                                              field<28>("ExpStatSN", &logout_request::exp_stat_sn));
};

}  // namespace persiscsi::pdu
