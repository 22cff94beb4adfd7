// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/login_stage.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Status-Class in the high byte, Status-Detail in the low one (RFC 7143 §11.13.5).
enum class login_status : std::uint16_t {
    success = 0x0000,
    target_moved_temporarily = 0x0101,
    target_moved_permanently = 0x0102,
    initiator_error = 0x0200,
    authentication_failure = 0x0201,
    authorization_failure = 0x0202,
    not_found = 0x0203,
    target_removed = 0x0204,
    unsupported_version = 0x0205,
    too_many_connections = 0x0206,
    missing_parameter = 0x0207,
    cannot_include_in_session = 0x0208,
    session_type_not_supported = 0x0209,
    session_does_not_exist = 0x020a,
    invalid_during_login = 0x020b,
    target_error = 0x0300,
    service_unavailable = 0x0301,
    out_of_resources = 0x0302,
};

/// Login Response (RFC 7143 §11.13).
struct login_response {
    static constexpr auto opcode = pdu::opcode::login_response;
    static constexpr std::string_view title = "Login Response";

    bool transit = false;
    bool continued = false;
    login_stage current_stage = login_stage::security_negotiation;
    login_stage next_stage = login_stage::security_negotiation;
    std::uint8_t version_max = 0;
    std::uint8_t version_active = 0;
    pdu::isid isid{};
    pdu::tsih tsih = pdu::tsih::fresh;
    task_tag initiator_task_tag = task_tag::reserved;
    status_sn stat_sn{};
    command_sn exp_cmd_sn{};
    command_sn max_cmd_sn{};
    login_status status = login_status::success;

    static constexpr auto layout = bhs_layout(flag<1, 0>("T", &login_response::transit),
                                              flag<1, 1>("C", &login_response::continued),
                                              bits<1, 4, 5>("CSG", &login_response::current_stage),
                                              bits<1, 6, 7>("NSG", &login_response::next_stage),
                                              field<2>("VersionMax", &login_response::version_max),
                                              field<3>("VersionActive", &login_response::version_active),
                                              field<8, 6>("ISID", &login_response::isid),
                                              field<14>("TSIH", &login_response::tsih),
                                              field<16>("ITT", &login_response::initiator_task_tag),
                                              field<24>("StatSN", &login_response::stat_sn),
                                              field<28>("ExpCmdSN", &login_response::exp_cmd_sn),
                                              field<32>("MaxCmdSN", &login_response::max_cmd_sn),
                                              field<36>("StatusClass/StatusDetail", &login_response::status));
};

}  // namespace persiscsi::pdu
