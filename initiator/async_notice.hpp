// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/async_message.hpp"
#include "pdu/types.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace persiscsi {

/// An Asynchronous Message of the target (RFC 7143 §11.9). What the protocol demands in answer (logout, reconnect,
/// negotiation) the session does by itself; a SCSI event and vendor-specific ones are for its user.
struct async_notice {
    pdu::async_event event{};
    pdu::lun_id lun{};
    std::uint8_t vendor_code = 0;               ///< of a vendor-specific event
    std::array<std::uint16_t, 3> parameters{};  ///< Parameter1 to Parameter3, by event
    std::vector<std::byte> data{};              ///< of a SCSI event: SenseLength and sense (§11.9.4)
};

}  // namespace persiscsi
