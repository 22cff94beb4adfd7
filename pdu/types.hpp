// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace persiscsi::pdu {

/// Initiator Task Tag (RFC 7143 §11.2.1.8): names a task for as long as the initiator or the target knows of it.
enum class task_tag : std::uint32_t { reserved = 0xffffffffU };

/// Target Transfer Tag (RFC 7143 §11.7.4): chosen by the target, echoed by the initiator.
enum class transfer_tag : std::uint32_t { reserved = 0xffffffffU };

/// SNACK Tag (RFC 7143 §11.4.4).
enum class snack_tag : std::uint32_t { none = 0 };

/// Logical Unit Number as the 8 bytes of SAM-5, first byte most significant.
enum class lun_id : std::uint64_t {};

/// Initiator Session ID (RFC 7143 §11.12.5): 6 bytes, the low 48 bits of the number.
enum class isid : std::uint64_t {};

/// Target Session Identifying Handle (RFC 7143 §11.12.6). `fresh` asks for a new session.
enum class tsih : std::uint16_t { fresh = 0 };

/// Connection ID (RFC 7143 §11.12.7).
enum class connection_id : std::uint16_t {};

/// A sequence number of 32-bit serial number arithmetic (RFC 7143 §4.2.2, RFC 1982). There is no `<`: ask `precedes`.
template <class Tag>
struct serial_number {
    std::uint32_t value = 0;

    [[nodiscard]] constexpr serial_number next() const { return {value + 1}; }
    [[nodiscard]] constexpr serial_number plus(std::uint32_t n) const { return {value + n}; }

    /// How far `later` lies ahead of this number; negative where it lies behind.
    [[nodiscard]] constexpr std::int32_t distance_to(serial_number later) const {
        return static_cast<std::int32_t>(later.value - value);
    }
    [[nodiscard]] constexpr bool precedes(serial_number other) const { return distance_to(other) > 0; }

    friend constexpr bool operator==(serial_number, serial_number) = default;
};

using command_sn = serial_number<struct command_sn_tag>;  ///< CmdSN, ExpCmdSN, MaxCmdSN, RefCmdSN
using status_sn = serial_number<struct status_sn_tag>;    ///< StatSN, ExpStatSN
using data_sn = serial_number<struct data_sn_tag>;        ///< DataSN, R2TSN, ExpDataSN

/// The CDB field of a SCSI Command PDU: 16 bytes, unused ones zero (RFC 7143 §11.3.5).
using cdb_bytes = std::array<std::byte, 16>;

}  // namespace persiscsi::pdu
