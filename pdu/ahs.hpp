// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace persiscsi::pdu {

/// AHS codes (RFC 7143 §11.2.2.1).
enum class ahs_type : std::uint8_t { extended_cdb = 1, bidirectional_read_expected_data_transfer_length = 2 };

/// What the Additional Header Segments of a SCSI Command say (RFC 7143 §11.2.2).
struct additional_headers {
    /// The bytes of the CDB behind the 16 of the BHS; empty where it has no more.
    std::vector<std::byte> extended_cdb{};
    /// In bytes, of a command that both reads and writes.
    std::optional<std::uint32_t> bidirectional_read_expected_data_transfer_length{};

    friend bool operator==(const additional_headers&, const additional_headers&) = default;
};

/// The longest extended CDB of which encode_ahs() makes a segment that fits TotalAHSLength with the other one beside
/// it.
inline constexpr std::size_t max_extended_cdb = 255 * 4 - 8 - 4;

/// The segments one behind the other, each padded to whole words: ready for a frame.
/// Precondition: no more than max_extended_cdb bytes of extended CDB.
[[nodiscard]] std::vector<std::byte> encode_ahs(const additional_headers& headers);

/// Parses all segments of one PDU. Lengths that lie, reserved codes and a code twice give an error and a detail that
/// names the place, never a part of what was there. Reserved bits and padding are not looked at.
struct parsed_ahs {
    additional_headers headers;
    std::error_code error;
    std::string detail;
};
[[nodiscard]] parsed_ahs parse_ahs(std::span<const std::byte> ahs);

}  // namespace persiscsi::pdu
