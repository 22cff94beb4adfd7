// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/command_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace persiscsi::target {

inline constexpr std::uint16_t relative_target_port = 1;
inline constexpr std::uint32_t most_atomic_blocks = 256;

/// Who a logical unit says it is.
struct unit_identity {
    std::string target_name;
    std::uint16_t portal_group_tag = 1;
    std::uint64_t lun = 0;
    std::string serial;
    std::uint32_t block_size = 512;
};

/// INQUIRY (SPC-4 §6.6): standard data, VPD pages 00, 80, 83, B0, B1, B2.
[[nodiscard]] command_plan inquiry(std::span<const std::byte> cdb, const unit_identity& identity);

/// INQUIRY for a LUN that does not exist: qualifier 011b, type 1Fh (SPC-4 §6.6.2).
[[nodiscard]] command_plan inquiry_of_absent_unit(std::span<const std::byte> cdb);

}  // namespace persiscsi::target
