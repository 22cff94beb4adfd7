// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persiscsi::scsi {

/// PC: which values of the parameters are meant.
enum class log_values : std::uint8_t { threshold = 0, cumulative = 1, preset_threshold = 2, preset_cumulative = 3 };

struct log_query {
    std::uint8_t page = 0;  ///< 0: which pages there are
    std::uint8_t subpage = 0;
    log_values values = log_values::cumulative;
    std::uint16_t first_parameter = 0;  ///< PARAMETER POINTER
    bool save = false;                  ///< SP: save the parameters as well
};
[[nodiscard]] cdb log_sense(const log_query& what, std::uint16_t allocation_length);  // SPC, LOG SENSE (4Dh)

struct log_change {
    std::uint8_t page = 0;
    std::uint8_t subpage = 0;
    log_values values = log_values::cumulative;
    bool reset = false;  ///< PCR: all parameters to their presets; no list then
    bool save = false;   ///< SP
};
[[nodiscard]] cdb log_select(const log_change& what, std::uint16_t parameter_list_length);  // SPC, LOG SELECT (4Ch)

struct log_parameter {
    std::uint16_t code = 0;
    std::uint8_t control = 0;  ///< the control byte: format and linking, thresholds
    std::vector<std::byte> value{};

    friend bool operator==(const log_parameter&, const log_parameter&) = default;
};

struct log_page {
    std::uint8_t page = 0;
    std::uint8_t subpage = 0;
    std::vector<std::byte> bytes{};  ///< behind the header, as received
    std::uint64_t whole_size = 0;    ///< the allocation length that all of it takes, in bytes

    friend bool operator==(const log_page&, const log_page&) = default;
};
[[nodiscard]] parsed<log_page> parse_log_page(std::span<const std::byte> reply);

/// The parameters of a page that is made of them. A page that was cut loses the one that was; one whose own length ends
/// within a parameter is malformed.
[[nodiscard]] parsed<std::vector<log_parameter>> parse_log_parameters(std::span<const std::byte> reply);

/// Page 00h, subpage 00h: the page codes.
[[nodiscard]] parsed<std::vector<std::uint8_t>> parse_supported_log_pages(std::span<const std::byte> reply);

/// The list of LOG SELECT: one page.
[[nodiscard]] std::vector<std::byte> log_parameter_list(std::uint8_t page,
                                                        std::uint8_t subpage,
                                                        std::span<const log_parameter> parameters);

}  // namespace persiscsi::scsi
