// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "pdu/types.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace persiscsi {

/// A SCSI command for a session. The spans are the caller's and must stay until the command has completed; before that
/// `data_in` holds nothing to rely on.
struct scsi_task {
    pdu::lun_id lun{};
    pdu::cdb_bytes cdb{};
    /// The bytes of a CDB beyond its 16th; they go out in an Extended CDB AHS (RFC 7143 §11.2.2.3). At most
    /// pdu::max_extended_cdb.
    std::span<const std::byte> cdb_rest{};
    std::span<std::byte> data_in{};         ///< where data read goes; at most 2^32-1 bytes
    std::span<const std::byte> data_out{};  ///< what is written; together with data_in: a bidirectional command
    /// Zero: the session's own task time-out.
    std::chrono::milliseconds timeout{};
    /// Whether the command may be sent again when its answer was lost (READ, WRITE: yes; COMPARE AND WRITE: no), and
    /// after BUSY, TASK SET FULL or a UNIT ATTENTION.
    bool repeatable = true;
};

/// How a SCSI command ended. `failed.code` is empty when the target answered at all; then `status` tells how.
struct scsi_outcome {
    failure failed{};
    std::uint8_t status = 0;           ///< SAM-5 status
    std::vector<std::byte> sense{};    ///< as sent, without the SenseLength field; empty when there was none
    std::size_t data_in_size = 0;      ///< bytes at the front of data_in that came from the target
    std::uint32_t residual_count = 0;  ///< bytes, as the target stated; of a bidirectional command: of its write part
    bool overflow = false;
    bool underflow = false;
    std::uint32_t bidi_read_residual_count = 0;  ///< bytes, of the read part of a bidirectional command
    bool bidi_read_overflow = false;
    bool bidi_read_underflow = false;
};

}  // namespace persiscsi
