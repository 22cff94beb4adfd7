// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/async_message.hpp"
#include "pdu/data_in.hpp"
#include "pdu/data_out.hpp"
#include "pdu/login_request.hpp"
#include "pdu/login_response.hpp"
#include "pdu/logout_request.hpp"
#include "pdu/logout_response.hpp"
#include "pdu/nop_in.hpp"
#include "pdu/nop_out.hpp"
#include "pdu/r2t.hpp"
#include "pdu/reject.hpp"
#include "pdu/scsi_command.hpp"
#include "pdu/scsi_response.hpp"
#include "pdu/snack_request.hpp"
#include "pdu/task_management_request.hpp"
#include "pdu/task_management_response.hpp"
#include "pdu/text_request.hpp"
#include "pdu/text_response.hpp"

#include <optional>
#include <variant>

namespace persiscsi::pdu {

/// One of the PDUs of RFC 7143 §11, in the order of their opcodes.
using any_pdu = std::variant<nop_out,
                             scsi_command,
                             task_management_request,
                             login_request,
                             text_request,
                             data_out,
                             logout_request,
                             snack_request,
                             nop_in,
                             scsi_response,
                             task_management_response,
                             login_response,
                             text_response,
                             data_in,
                             logout_response,
                             r2t,
                             async_message,
                             reject>;

/// Decodes by the opcode of the header; nothing where RFC 7143 does not name that opcode.
constexpr std::optional<any_pdu> decode_any(const bhs_bytes& bhs) {
    std::optional<any_pdu> found;
    const auto try_one = [&]<class Pdu>(std::in_place_type_t<Pdu>) {
        if (!found && opcode_of(bhs) == Pdu::opcode) found = decode<Pdu>(bhs);
    };
    [&]<class... Pdu>(std::in_place_type_t<std::variant<Pdu...>>) {
        (try_one(std::in_place_type<Pdu>), ...);
    }(std::in_place_type<any_pdu>);
    return found;
}

}  // namespace persiscsi::pdu
