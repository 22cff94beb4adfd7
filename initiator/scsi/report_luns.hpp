// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persiscsi::scsi {

/// REPORT LUNS parameter data (SPC).
struct lun_list {
    std::vector<std::uint64_t> luns{};  ///< see lun.hpp
    /// The allocation length that the whole list takes; more than was received where the list was cut.
    std::uint64_t whole_size = 0;
};

/// As many LUNs as were received. A list length that is no multiple of 8 is malformed.
[[nodiscard]] parsed<lun_list> parse_report_luns(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
