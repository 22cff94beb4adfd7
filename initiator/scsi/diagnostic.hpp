// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// Self-tests, diagnostic pages and buffers.

namespace persiscsi::scsi {

enum class self_test : std::uint8_t {
    none = 0,  ///< of the codes; `default_test` may be wanted
    background_short = 1,
    background_extended = 2,
    abort_background = 4,
    foreground_short = 5,
    foreground_extended = 6,
};
struct diagnostic_request {
    self_test test = self_test::none;
    bool default_test = false;    ///< SELFTEST: the device's own; without a code and without a list
    bool page_format = false;     ///< PF: the list is a diagnostic page
    bool device_offline = false;  ///< DEVOFFL: tests may disturb other logical units
    bool unit_offline = false;    ///< UNITOFFL: tests may change the medium
};
[[nodiscard]] cdb send_diagnostic(const diagnostic_request& what,
                                  std::uint16_t parameter_list_length);  // SPC, SEND DIAGNOSTIC (1Dh)
[[nodiscard]] cdb receive_diagnostic_results(
    std::uint8_t page,
    std::uint16_t allocation_length);  // SPC, RECEIVE DIAGNOSTIC RESULTS (1Ch), PCV 1

struct diagnostic_page {
    std::uint8_t page = 0;
    std::uint8_t specific = 0;       ///< page specific byte
    std::vector<std::byte> bytes{};  ///< behind the header, as received
    std::uint64_t whole_size = 0;    ///< the allocation length that all of it takes, in bytes

    friend bool operator==(const diagnostic_page&, const diagnostic_page&) = default;
};
[[nodiscard]] parsed<diagnostic_page> parse_diagnostic_page(std::span<const std::byte> reply);

/// MODE of READ BUFFER and WRITE BUFFER; the others are firmware's.
enum class buffer_mode : std::uint8_t { data = 0x02, descriptor = 0x03, echo = 0x0a, echo_descriptor = 0x0b };

/// Offset and length below 2^24.
[[nodiscard]] cdb read_buffer(buffer_mode mode,
                              std::uint8_t buffer,
                              std::uint32_t offset,
                              std::uint32_t allocation_length);  // SPC, READ BUFFER (10) (3Ch)
[[nodiscard]] cdb write_buffer(buffer_mode mode,
                               std::uint8_t buffer,
                               std::uint32_t offset,
                               std::uint32_t parameter_list_length);  // SPC, WRITE BUFFER (3Bh)

struct buffer_descriptor {
    std::uint8_t offset_boundary_exponent = 0;  ///< offsets are multiples of 2 to this power; FFh: only 0
    std::uint32_t capacity = 0;                 ///< bytes

    friend bool operator==(const buffer_descriptor&, const buffer_descriptor&) = default;
};
[[nodiscard]] parsed<buffer_descriptor> parse_buffer_descriptor(std::span<const std::byte> reply);

struct echo_buffer_descriptor {
    bool overwritten_by_others = true;  ///< EBOS 0: what was written may be another initiator's when it is read
    std::uint16_t capacity = 0;         ///< bytes

    friend bool operator==(const echo_buffer_descriptor&, const echo_buffer_descriptor&) = default;
};
[[nodiscard]] parsed<echo_buffer_descriptor> parse_echo_buffer_descriptor(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
