// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/reject.hpp"
#include "tests/target/scsi_outcome.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace persiscsi::target {

/// What a script does to a received PDU.
struct received_fault {
    bool ignore = false;
    std::optional<scsi_outcome> status;
    std::chrono::milliseconds delay{};
    std::optional<pdu::reject_reason> reject;
    std::optional<std::uint8_t> tmf_response;
    bool endless_text = false;
};

/// A PDU as the connection hands it over; the spans hold for the call.
struct arrived_pdu {
    pdu::bhs_bytes bhs{};
    std::span<const std::byte> ahs{};
    std::span<const std::byte> data{};
    bool placed = false;  ///< the data went where place_for said
};

}  // namespace persiscsi::target
