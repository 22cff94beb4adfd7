// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// MODE SENSE and MODE SELECT in full; what disks are usually asked for is in mode_sense.hpp.

namespace persiscsi::scsi {

/// PC: which values of the pages are wanted.
enum class page_control : std::uint8_t { current = 0, changeable = 1, preset = 2, saved = 3 };

struct mode_query {
    std::uint8_t page = 0x3f;  ///< 3Fh: all
    std::uint8_t subpage = 0;  ///< FFh: all of the page
    page_control values = page_control::current;
    bool block_descriptors = false;  ///< DBD 0
    bool long_lba = false;           ///< LLBAA, of the form (10): block descriptors may be those of 16 bytes
};
[[nodiscard]] cdb mode_sense_6(const mode_query& what, std::uint8_t allocation_length);    // SPC, MODE SENSE (6) (1Ah)
[[nodiscard]] cdb mode_sense_10(const mode_query& what, std::uint16_t allocation_length);  // SPC, MODE SENSE (10) (5Ah)

/// `save`: keep the pages through a loss of power as well. The list is in the pages' format (PF 1).
[[nodiscard]] cdb mode_select_6(std::uint8_t parameter_list_length, bool save);    // SPC, MODE SELECT (6) (15h)
[[nodiscard]] cdb mode_select_10(std::uint16_t parameter_list_length, bool save);  // SPC, MODE SELECT (10) (55h)

struct mode_page_data {
    std::uint8_t page = 0;
    std::uint8_t subpage = 0;
    bool saveable = false;                ///< PS; reserved in MODE SELECT
    std::vector<std::byte> parameters{};  ///< behind the page's own header

    friend bool operator==(const mode_page_data&, const mode_page_data&) = default;
};

/// Mode parameters (SPC): header, block descriptors, pages.
struct mode_data {
    std::uint8_t medium_type = 0;
    std::uint8_t device_specific = 0;
    bool long_lba = false;  ///< the block descriptors are of 16 bytes, else of 8
    std::vector<std::byte> block_descriptors{};
    std::vector<mode_page_data> pages{};

    friend bool operator==(const mode_data&, const mode_data&) = default;
};

/// The header must be there. A reply that ends within block descriptors or a page loses these; one whose own length
/// does is malformed.
[[nodiscard]] parsed<mode_data> parse_mode_data_6(std::span<const std::byte> reply);
[[nodiscard]] parsed<mode_data> parse_mode_data_10(std::span<const std::byte> reply);

/// A parameter list of MODE SELECT. Preconditions: pages of at most 255 parameter bytes without a subpage; what the
/// form (6) has room for: block descriptors of at most 255 bytes.
[[nodiscard]] std::vector<std::byte> mode_parameter_list_6(const mode_data& what);
[[nodiscard]] std::vector<std::byte> mode_parameter_list_10(const mode_data& what);

}  // namespace persiscsi::scsi
