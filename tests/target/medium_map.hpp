// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace persiscsi::target {

/// Which blocks are mapped (SBC-3 §4.7), kept per granule: a granule is mapped when any block of it was written, and
/// unmapped when all of it was unmapped in one request.
class medium_map {
  public:
    /// Nothing is mapped. Of 0 blocks: no account is kept, everything counts as mapped.
    medium_map(std::uint64_t blocks, std::uint64_t blocks_per_granule)
        : blocks_(blocks), per_granule_(blocks_per_granule), mapped_((blocks + per_granule_ - 1) / per_granule_) {}

    void map(std::uint64_t lba, std::uint64_t count);
    void unmap(std::uint64_t lba, std::uint64_t count);

    struct run {
        std::uint64_t blocks;
        bool mapped;
    };
    /// From that block to the next that is in another state. Precondition: an account is kept, and `lba` is inside.
    [[nodiscard]] run run_at(std::uint64_t lba) const;
    [[nodiscard]] bool kept() const { return blocks_ != 0; }
    [[nodiscard]] std::uint64_t mapped_blocks() const;

  private:
    std::uint64_t blocks_;
    std::uint64_t per_granule_;
    std::vector<bool> mapped_;
};

}  // namespace persiscsi::target
