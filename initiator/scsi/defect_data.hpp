// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persiscsi::scsi {

/// DEFECT LIST FORMAT: how the places are written.
enum class defect_format : std::uint8_t {
    short_block = 0,
    long_block = 3,
    bytes_from_index = 4,
    physical_sector = 5,
};

/// Which lists are wanted.
struct defect_lists {
    bool primary = true;  ///< PLIST: those of the factory
    bool grown = true;    ///< GLIST

    friend bool operator==(const defect_lists&, const defect_lists&) = default;
};

[[nodiscard]] cdb read_defect_data_10(defect_lists which,
                                      defect_format format,
                                      std::uint16_t allocation_length);  // SBC, READ DEFECT DATA (10) (37h)
/// From the descriptor number `index` on.
[[nodiscard]] cdb read_defect_data_12(defect_lists which,
                                      defect_format format,
                                      std::uint32_t index,
                                      std::uint32_t allocation_length);  // SBC, READ DEFECT DATA (12) (B7h)

struct defect_data {
    defect_lists lists{.primary = false, .grown = false};  ///< those that the reply holds
    defect_format format = defect_format::short_block;     ///< need not be the one that was asked for
    std::vector<std::uint64_t> places{};                   ///< descriptors as numbers: 4 or 8 bytes each
    std::uint64_t whole_size = 0;                          ///< the allocation length that all of it takes, in bytes

    friend bool operator==(const defect_data&, const defect_data&) = default;
};

/// The descriptors that were received whole. A length that is no multiple of a descriptor's, and a format of which the
/// descriptors have no known size, are malformed.
[[nodiscard]] parsed<defect_data> parse_defect_data_10(std::span<const std::byte> reply);
[[nodiscard]] parsed<defect_data> parse_defect_data_12(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
