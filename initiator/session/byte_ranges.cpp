// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/byte_ranges.hpp"

#include <algorithm>
#include <cstddef>

namespace persiscsi {

std::uint64_t byte_ranges::size() const {
    std::uint64_t total = prefix_;
    for (const auto& one : beyond_) total += one.end - one.begin;
    return total;
}

bool byte_ranges::touches(std::uint32_t offset, std::uint32_t count) const {
    if (count == 0) return false;
    if (offset < prefix_) return true;
    return std::any_of(beyond_.begin(), beyond_.end(), [&](const range& one) {
        return offset < one.end && one.begin < offset + count;
    });
}

void byte_ranges::add(std::uint32_t offset, std::uint32_t count) {
    range added{offset, offset + count};
    if (beyond_.empty() && added.begin <= prefix_) {
        prefix_ = std::max(prefix_, added.end);
        return;
    }
    if (count == 0) return;
    const auto first =
        std::find_if(beyond_.begin(), beyond_.end(), [&](const range& one) { return one.end >= added.begin; });
    const auto last = std::find_if(first, beyond_.end(), [&](const range& one) { return one.begin > added.end; });
    if (first != last) added = {std::min(added.begin, first->begin), std::max(added.end, (last - 1)->end)};
    beyond_.insert(beyond_.erase(first, last), added);
    if (beyond_.front().begin > prefix_) return;
    prefix_ = std::max(prefix_, beyond_.front().end);
    beyond_.erase(beyond_.begin());
}

}  // namespace persiscsi
