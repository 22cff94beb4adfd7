// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/parsed.hpp"
#include "initiator/scsi/sense.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace persiscsi::scsi {

enum class copy_results_action : std::uint8_t {
    copy_status = 0x00,
    received_data = 0x01,  ///< the reply's bytes behind the first four are data that the copy held
    operating_parameters = 0x03,
    failed_segment_details = 0x04,
};
/// `identifier`: of the copy's list; of the operating parameters none.
[[nodiscard]] cdb receive_copy_results(copy_results_action action,
                                       std::uint8_t identifier,
                                       std::uint32_t allocation_length);  // SPC, RECEIVE COPY RESULTS (84h)

enum class copy_state : std::uint8_t { in_progress = 0, completed = 1, failed = 2 };

struct copy_status {
    copy_state state = copy_state::in_progress;
    bool held_data_discarded = false;
    std::uint16_t segments_processed = 0;
    std::uint8_t count_units = 0;   ///< 0 bytes, 1 KiB, 2 MiB … 6 EiB, F1h blocks
    std::uint32_t transferred = 0;  ///< in those units

    friend bool operator==(const copy_status&, const copy_status&) = default;
};
[[nodiscard]] parsed<copy_status> parse_copy_status(std::span<const std::byte> reply);

/// What the device can copy at once; 0 where it does not tell.
struct copy_limits {
    std::uint16_t max_devices = 0;
    std::uint16_t max_segments = 0;
    std::uint32_t max_descriptor_list = 0;  ///< bytes
    std::uint32_t max_segment_length = 0;   ///< bytes
    std::uint32_t max_inline_data = 0;      ///< bytes
    std::uint32_t held_data_limit = 0;      ///< bytes
    std::uint16_t total_concurrent_copies = 0;
    std::uint8_t max_concurrent_copies = 0;
    std::uint8_t granularity_exponent = 0;         ///< of a segment's data, in bytes to the power of two
    std::vector<std::uint8_t> descriptor_types{};  ///< that it knows, as far as they were received

    friend bool operator==(const copy_limits&, const copy_limits&) = default;
};
[[nodiscard]] parsed<copy_limits> parse_operating_parameters(std::span<const std::byte> reply);

struct failed_segment {
    std::uint8_t status = 0;            ///< SAM status of the copy
    std::optional<sense_data> sense{};  ///< nothing where it cannot be read

    friend bool operator==(const failed_segment&, const failed_segment&) = default;
};
[[nodiscard]] parsed<failed_segment> parse_failed_segment_details(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
