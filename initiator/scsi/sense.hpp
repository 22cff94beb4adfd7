// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace persiscsi::scsi {

/// SPC, sense key. 0xc is reserved.
enum class sense_key : std::uint8_t {
    no_sense = 0x0,
    recovered_error = 0x1,
    not_ready = 0x2,
    medium_error = 0x3,
    hardware_error = 0x4,
    illegal_request = 0x5,
    unit_attention = 0x6,
    data_protect = 0x7,
    blank_check = 0x8,
    vendor_specific = 0x9,
    copy_aborted = 0xa,
    aborted_command = 0xb,
    volume_overflow = 0xd,
    miscompare = 0xe,
    completed = 0xf,
};

/// What a target says about a CHECK CONDITION.
struct sense_data {
    sense_key key = sense_key::no_sense;
    std::uint8_t asc = 0;   ///< additional sense code
    std::uint8_t ascq = 0;  ///< additional sense code qualifier
    /// For a medium error the address of the block that failed.
    std::optional<std::uint64_t> information{};
    /// It is about an earlier command, of which the status was already given; the one it came with did nothing.
    bool deferred = false;

    friend bool operator==(const sense_data&, const sense_data&) = default;
};

/// Parses fixed (70h, 71h) and descriptor (72h, 73h) format (SPC, sense data). Lengths inside are believed only as far
/// as there are bytes. Nothing where no sense key can be read: another response code, or too few bytes.
[[nodiscard]] std::optional<sense_data> parse_sense(std::span<const std::byte> sense);

/// Of the data segment of a SCSI Response, where SenseLength stands before it (RFC 7143 §11.4.7).
[[nodiscard]] std::optional<sense_data> parse_response_sense(std::span<const std::byte> data_segment);

/// "ILLEGAL REQUEST".
[[nodiscard]] std::string_view to_string(sense_key key);

/// "ILLEGAL REQUEST, logical block address out of range (21/00)".
[[nodiscard]] std::string describe(const sense_data& sense);

}  // namespace persiscsi::scsi
