// SPDX-License-Identifier: Apache-2.0
#include "tests/target/byte_ranges.hpp"

#include <algorithm>

namespace persiscsi::target {

void byte_ranges::add(byte_range range) {
    if (range.length == 0) return;
    part fresh{range.offset, range.end()};
    if (!parts_.empty() && parts_.back().end == fresh.begin) {  // data in order
        parts_.back().end = fresh.end;
        return;
    }
    const auto first =
        std::find_if(parts_.begin(), parts_.end(), [&](const part& each) { return each.end >= fresh.begin; });
    const auto last = std::find_if(first, parts_.end(), [&](const part& each) { return each.begin > fresh.end; });
    for (auto each = first; each != last; ++each) {
        fresh.begin = std::min(fresh.begin, each->begin);
        fresh.end = std::max(fresh.end, each->end);
    }
    parts_.insert(parts_.erase(first, last), fresh);
}

bool byte_ranges::touches(byte_range range) const {
    return std::any_of(parts_.begin(), parts_.end(), [&](const part& each) {
        return each.begin < range.end() && range.offset < each.end;
    });
}

std::vector<byte_range> byte_ranges::missing(byte_range range) const {
    std::vector<byte_range> result;
    std::uint64_t from = range.offset;
    const auto leave_out = [&](std::uint64_t to) {
        if (to > from) result.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to - from)});
    };
    for (const auto& each : parts_) {
        if (each.end <= from) continue;
        if (each.begin >= range.end()) break;
        leave_out(each.begin);
        from = each.end;
    }
    leave_out(range.end());
    return result;
}

std::vector<byte_range> byte_ranges::present() const {
    std::vector<byte_range> result;
    for (const auto& each : parts_)
        result.push_back({static_cast<std::uint32_t>(each.begin), static_cast<std::uint32_t>(each.end - each.begin)});
    return result;
}

}  // namespace persiscsi::target
