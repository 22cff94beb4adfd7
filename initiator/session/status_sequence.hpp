// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/session/arrivals.hpp"
#include "pdu/types.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace persiscsi {

/// The statuses of one connection (RFC 7143 §4.2.2.2): which have come, and up to where we acknowledge them.
class status_sequence {
  public:
    using numbers = arrivals<pdu::status_sn>;

    explicit status_sequence(pdu::status_sn expected) : numbers_(expected) {}

    /// Up to here, exclusive, statuses are acknowledged: ExpStatSN. A status that is held, and all behind it, is not.
    [[nodiscard]] pdu::status_sn exp_stat_sn() const {
        auto first = numbers_.first_missing();
        for (const auto held : held_)
            if (held.precedes(first)) first = held;
        return first;
    }
    [[nodiscard]] const numbers& received() const { return numbers_; }
    [[nodiscard]] numbers::kind judge(pdu::status_sn sn) const { return numbers_.judge(sn); }
    std::optional<numbers::run> take(pdu::status_sn sn) { return numbers_.take(sn); }
    std::optional<numbers::run> miss_before(pdu::status_sn end) { return numbers_.miss_before(end); }

    /// The status has come, but the data that belongs to it has not: not to be acknowledged (RFC 7143 §7.9).
    void hold(pdu::status_sn sn) { held_.push_back(sn); }
    void let_go(pdu::status_sn sn) { std::erase(held_, sn); }

  private:
    numbers numbers_;
    std::vector<pdu::status_sn> held_;
};

}  // namespace persiscsi
