// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/logical_unit.hpp"

#include <string>

namespace persiscsi::target {

/// Who a logical unit says it is.
struct unit_identity {
    std::string target_name;
    std::uint16_t portal_group_tag = 1;
    std::uint64_t lun = 0;
    std::string serial;
    std::uint32_t block_size = 512;
};

/// INQUIRY (SPC-4 §6.6): standard data, VPD pages 00, 80, 83, B0, B1, B2.
[[nodiscard]] command_plan inquiry(const pdu::cdb_bytes& cdb, const unit_identity& identity);

/// INQUIRY for a LUN that does not exist: qualifier 011b, type 1Fh (SPC-4 §6.6.2).
[[nodiscard]] command_plan inquiry_of_absent_unit(const pdu::cdb_bytes& cdb);

/// MODE SENSE 6 and 10 (SPC-4 §6.13): caching and control page.
[[nodiscard]] command_plan mode_sense(const pdu::cdb_bytes& cdb,
                                      std::uint64_t blocks,
                                      std::uint32_t block_size,
                                      bool read_only);

}  // namespace persiscsi::target
