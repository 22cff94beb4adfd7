// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/scsi_response.hpp"
#include "tests/target/scsi_task.hpp"

#include <algorithm>
#include <cstdint>

namespace persiscsi::target {

/// Residual of a command (RFC 7143 §11.4.5) against what the initiator expected.
template <class Response>
void set_residual(Response& response, const scsi_task& task) {
    const auto expected = task.command.expected_data_transfer_length;
    const auto wanted = task.plan.length;
    response.overflow = wanted > task.transferable;
    response.underflow = !response.overflow && wanted < expected;
    const auto residual = response.overflow ? wanted - task.transferable : expected - wanted;
    if (response.overflow || response.underflow)
        response.residual_count = static_cast<std::uint32_t>(std::min<std::uint64_t>(residual, 0xffffffffU));
}

/// The same of the read part of a command that goes both ways (RFC 7143 §11.4.6).
inline void set_read_residual(pdu::scsi_response& response, const scsi_task& task) {
    if (!task.command.read || !task.command.write) return;
    const auto wanted = task.plan.outcome.good() ? task.plan.read_length : 0;
    response.bidirectional_read_overflow = wanted > task.read_transferable;
    response.bidirectional_read_underflow = wanted < task.read_length;
    const auto residual =
        response.bidirectional_read_overflow ? wanted - task.read_transferable : task.read_length - wanted;
    if (response.bidirectional_read_overflow || response.bidirectional_read_underflow)
        response.bidirectional_read_residual_count =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(residual, 0xffffffffU));
}

}  // namespace persiscsi::target
