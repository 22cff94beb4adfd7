// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::scsi {

/// An initiator port, as SPC writes it for iSCSI (TransportID of protocol 5h).
struct iscsi_transport_id {
    std::string name{};                   ///< iSCSI name
    std::optional<std::uint64_t> isid{};  ///< 48 bits; nothing: every port of that initiator

    friend bool operator==(const iscsi_transport_id&, const iscsi_transport_id&) = default;
};

/// Preconditions: a name of 1 to 223 bytes (RFC 7143 §4.2.7.1), an ISID below 2^48.
[[nodiscard]] std::vector<std::byte> encode_transport_id(const iscsi_transport_id& port);

/// Of another protocol, without an end to its name, longer than the bytes that are there, or with an ISID that is not
/// twelve hexadecimal digits: malformed.
[[nodiscard]] parsed<iscsi_transport_id> parse_transport_id(std::span<const std::byte> bytes);

}  // namespace persiscsi::scsi
