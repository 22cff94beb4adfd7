// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/fault_script.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace persiscsi::target {

/// A script under way: counts PDUs and says which steps are due.
class fault_play {
  public:
    using clock = std::chrono::steady_clock;

    explicit fault_play(fault_script script = {}, clock::time_point began = clock::now())
        : script_(std::move(script)), began_(began), counts_(script_.size()) {}

    /// Nothing to count: the caller may skip `due`.
    [[nodiscard]] bool empty() const { return script_.empty(); }

    /// Counts one PDU of the connection with that CID (0: none yet) under its kinds (opcode, direction, kind of
    /// command) and calls `carry_out(action)` for each step that is due now.
    template <std::size_t N, class CarryOut>
    void due(const std::array<watched, N>& kinds, std::uint16_t cid, CarryOut carry_out) {
        std::vector<fault_action> actions;  // one of them may replace the script
        for (std::size_t i = 0; i < script_.size(); ++i) {
            const auto& when = script_[i].when;
            if (!reaches(when, cid) || std::find(kinds.begin(), kinds.end(), when.what) == kinds.end()) continue;
            const auto count = ++counts_[i];
            if (when.when == trigger::kind::on ? count == when.n : count % when.n == 0)
                actions.push_back(script_[i].what);
        }
        for (const auto& action : actions) carry_out(action);
    }

    /// As `due`, for the steps by the clock. Periods that passed without a call are not made up for.
    template <class CarryOut>
    void due_by_clock(clock::time_point now, std::uint16_t cid, CarryOut carry_out) {
        const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_).count();
        std::vector<fault_action> actions;
        for (std::size_t i = 0; i < script_.size(); ++i) {
            const auto& when = script_[i].when;
            if (when.what != watched::millisecond || !reaches(when, cid)) continue;
            const auto period = static_cast<std::uint64_t>(passed) / when.n;
            if (period == counts_[i]) continue;
            counts_[i] = period;
            actions.push_back(script_[i].what);
        }
        for (const auto& action : actions) carry_out(action);
    }

  private:
    [[nodiscard]] static bool reaches(const trigger& when, std::uint16_t cid) {
        return when.cid == 0 || when.cid == cid;
    }

    fault_script script_;
    clock::time_point began_;
    /// Of each step the PDUs it watches; of one by the clock, the last period it was carried out in.
    std::vector<std::uint64_t> counts_;
};

/// The kind of a PDU by its opcode; nothing for opcodes that RFC 7143 does not name.
[[nodiscard]] std::optional<watched> watched_of(pdu::opcode opcode);

}  // namespace persiscsi::target
