// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/command_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persiscsi::target {

/// The mode pages of a logical unit: caching (08h) and control (0Ah). Two bits can be changed: WCE, which does nothing,
/// and SWP. MODE SENSE and MODE SELECT, 6 and 10 (SPC-4 §6.11 to §6.14).
class mode_pages {
  public:
    struct medium {
        std::uint64_t blocks;
        std::uint32_t block_size;
        bool read_only;
    };
    [[nodiscard]] command_plan sense(std::span<const std::byte> cdb, const medium& of) const;
    [[nodiscard]] static command_plan plan_select(std::span<const std::byte> cdb);
    [[nodiscard]] scsi_outcome select(std::span<const std::byte> cdb,
                                      std::span<const std::byte> list,
                                      const medium& of);

    [[nodiscard]] bool write_protected() const { return software_write_protect_; }
    void reset() { *this = {}; }

  private:
    [[nodiscard]] std::vector<std::byte> page(unsigned code, bool changeable) const;
    [[nodiscard]] bool change(unsigned code, std::span<const std::byte> to);

    bool write_cache_ = false;             ///< WCE
    bool software_write_protect_ = false;  ///< SWP
};

}  // namespace persiscsi::target
