// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace persiscsi {

/// Serial numbers of PDUs (StatSN of a connection, DataSN and R2TSN of a task) that arrive mostly in order: which one
/// is next, and which runs are missing (RFC 7143 §7.9).
template <class Sn>
class arrivals {
  public:
    struct run {
        Sn first;
        std::uint32_t count = 0;

        friend bool operator==(const run&, const run&) = default;
    };
    enum class kind { in_order, after_gap, fills_gap, duplicate };

    /// Gaps beyond this many are no accident.
    static constexpr std::size_t most_runs = 256;
    [[nodiscard]] bool has_too_many_gaps() const { return missing_.size() >= most_runs; }

    arrivals() = default;
    explicit arrivals(Sn next) : next_(next) {}

    /// The number after the highest that has come.
    [[nodiscard]] Sn next() const { return next_; }
    [[nodiscard]] bool complete() const { return missing_.empty(); }
    /// All numbers before this one have come.
    [[nodiscard]] Sn first_missing() const { return missing_.empty() ? next_ : missing_.front().first; }
    [[nodiscard]] const std::vector<run>& missing() const { return missing_; }

    [[nodiscard]] kind judge(Sn sn) const {
        if (sn == next_) return kind::in_order;
        if (next_.precedes(sn)) return kind::after_gap;
        return find(sn) == missing_.end() ? kind::duplicate : kind::fills_gap;
    }

    /// `sn` has come. Gives the gap that this reveals. Precondition: it is no duplicate.
    std::optional<run> take(Sn sn) {
        if (sn == next_) {
            next_ = next_.next();
            return std::nullopt;
        }
        if (next_.precedes(sn)) {
            auto gap = miss_before(sn);
            next_ = sn.next();
            return gap;
        }
        fill(sn);
        return std::nullopt;
    }

    /// All numbers before `end` should have come by now. Gives the gap that this reveals.
    std::optional<run> miss_before(Sn end) {
        if (!next_.precedes(end)) return std::nullopt;
        const run gap{next_, static_cast<std::uint32_t>(next_.distance_to(end))};
        if (!missing_.empty() && missing_.back().first.plus(missing_.back().count) == next_) {
            missing_.back().count += gap.count;
        } else {
            missing_.push_back(gap);
        }
        next_ = end;
        return gap;
    }

  private:
    using iterator = typename std::vector<run>::const_iterator;

    [[nodiscard]] iterator find(Sn sn) const {
        return std::find_if(missing_.begin(), missing_.end(), [&](const run& gap) {
            const auto ahead = gap.first.distance_to(sn);
            return ahead >= 0 && static_cast<std::uint32_t>(ahead) < gap.count;
        });
    }
    void fill(Sn sn) {
        const auto found = missing_.begin() + (find(sn) - missing_.cbegin());
        const auto ahead = static_cast<std::uint32_t>(found->first.distance_to(sn));
        const run after{sn.next(), found->count - ahead - 1};
        found->count = ahead;
        const auto behind = after.count > 0 ? missing_.insert(found + 1, after) - 1 : found;
        if (behind->count == 0) missing_.erase(behind);
    }

    Sn next_{};
    std::vector<run> missing_;  ///< ascending
};

}  // namespace persiscsi
