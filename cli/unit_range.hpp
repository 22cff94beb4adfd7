// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace persiscsi::cli {

class invocation;
class unit_access;

struct geometry {
    std::uint64_t blocks = 0;
    std::uint32_t block_size = 0;  ///< bytes
};

/// Asks for the capacity. Throws command_error where the answer makes no sense.
[[nodiscard]] geometry geometry_of(unit_access& unit);

/// Throws command_error (I/O error) with the numbers where a block of the range lies past the end.
void check_range(const unit_access& unit, const geometry& size, std::uint64_t lba, std::uint64_t blocks);

/// Commands that destroy data do not guess the LUN: throws command_error (usage) where the operand has none.
void require_lun(const invocation& line);

}  // namespace persiscsi::cli
