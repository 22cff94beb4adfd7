// SPDX-License-Identifier: Apache-2.0
#include "tests/target/medium_map.hpp"

#include <algorithm>

namespace persiscsi::target {

void medium_map::map(std::uint64_t lba, std::uint64_t count) {
    if (!kept() || count == 0) return;
    const auto last = (lba + count - 1) / per_granule_;
    for (auto granule = lba / per_granule_; granule <= last; ++granule) mapped_[granule] = true;
}

void medium_map::unmap(std::uint64_t lba, std::uint64_t count) {
    if (!kept()) return;
    const auto end = lba + count;
    const auto past = end == blocks_ ? mapped_.size() : end / per_granule_;  // the last granule may be a short one
    for (auto granule = (lba + per_granule_ - 1) / per_granule_; granule < past; ++granule) mapped_[granule] = false;
}

medium_map::run medium_map::run_at(std::uint64_t lba) const {
    auto granule = lba / per_granule_;
    const bool mapped = mapped_[granule];
    while (granule < mapped_.size() && mapped_[granule] == mapped) ++granule;
    return {std::min(granule * per_granule_, blocks_) - lba, mapped};
}

std::uint64_t medium_map::mapped_blocks() const {
    const auto granules = static_cast<std::uint64_t>(std::count(mapped_.begin(), mapped_.end(), true));
    return std::min(granules * per_granule_, blocks_);
}

}  // namespace persiscsi::target
