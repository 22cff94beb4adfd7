// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/login_stage.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Login Request (RFC 7143 §11.12). Always immediate.
struct login_request {
    static constexpr auto opcode = pdu::opcode::login_request;
    static constexpr std::string_view title = "Login Request";

    bool transit = false;
    bool continued = false;
    login_stage current_stage = login_stage::security_negotiation;
    login_stage next_stage = login_stage::security_negotiation;
    std::uint8_t version_max = 0;
    std::uint8_t version_min = 0;
    pdu::isid isid{};
    pdu::tsih tsih = pdu::tsih::fresh;
    task_tag initiator_task_tag = task_tag::reserved;
    connection_id cid{};
    command_sn cmd_sn{};
    status_sn exp_stat_sn{};

    static constexpr auto layout = bhs_layout(one<0, 1>(),
                                              flag<1, 0>("T", &login_request::transit),
                                              flag<1, 1>("C", &login_request::continued),
                                              bits<1, 4, 5>("CSG", &login_request::current_stage),
                                              bits<1, 6, 7>("NSG", &login_request::next_stage),
                                              field<2>("VersionMax", &login_request::version_max),
                                              field<3>("VersionMin", &login_request::version_min),
                                              field<8, 6>("ISID", &login_request::isid),
                                              field<14>("TSIH", &login_request::tsih),
                                              field<16>("ITT", &login_request::initiator_task_tag),
                                              field<20>("CID", &login_request::cid),
                                              field<24>("CmdSN", &login_request::cmd_sn),
                                              field<28>("ExpStatSN", &login_request::exp_stat_sn));
};

}  // namespace persiscsi::pdu
