// SPDX-License-Identifier: Apache-2.0
#pragma once

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

}  // namespace persiscsi::target
