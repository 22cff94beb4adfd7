// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace persiscsi::scsi {

/// Logical block address.
enum class lba : std::uint64_t {};

/// A number of logical blocks.
enum class block_count : std::uint32_t {};

}  // namespace persiscsi::scsi
