// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/fault_script.hpp"

#include <array>
#include <chrono>
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
        : script_(std::move(script)), began_(began), periods_(script_.size()) {}

    /// Nothing to count: the caller may skip `due`.
    [[nodiscard]] bool empty() const { return script_.empty(); }

    /// Counts one PDU under its kinds (opcode, direction, kind of command) and calls `carry_out(action)` for each step
    /// that is due now. A kind named twice counts once.
    template <std::size_t N, class CarryOut>
    void due(const std::array<watched, N>& kinds, CarryOut carry_out) {
        for (std::size_t i = 0; i < N; ++i)
            if (first_mention(kinds, i)) ++counts_[static_cast<std::size_t>(kinds[i])];
        for (const auto& step : script_)
            for (std::size_t i = 0; i < N; ++i)
                if (first_mention(kinds, i) && step.when.what == kinds[i] && reached(step.when)) carry_out(step.what);
    }

    /// As `due`, for the steps by the clock. Periods that passed without a call are not made up for.
    template <class CarryOut>
    void due_by_clock(clock::time_point now, CarryOut carry_out) {
        const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_).count();
        for (std::size_t i = 0; i < script_.size(); ++i) {
            if (script_[i].when.what != watched::millisecond) continue;
            const auto period = static_cast<std::uint64_t>(passed) / script_[i].when.n;
            if (period == periods_[i]) continue;
            periods_[i] = period;
            carry_out(script_[i].what);
        }
    }

  private:
    template <std::size_t N>
    [[nodiscard]] static bool first_mention(const std::array<watched, N>& kinds, std::size_t at) {
        for (std::size_t i = 0; i < at; ++i)
            if (kinds[i] == kinds[at]) return false;
        return true;
    }

    [[nodiscard]] bool reached(const trigger& when) const {
        const auto count = counts_[static_cast<std::size_t>(when.what)];
        return when.when == trigger::kind::on ? count == when.n : count % when.n == 0;
    }

    fault_script script_;
    clock::time_point began_;
    std::vector<std::uint64_t> periods_;  ///< of each step by the clock, the last one it was carried out in
    std::array<std::uint64_t, static_cast<std::size_t>(watched::sent) + 1> counts_{};
};

/// The kind of a PDU by its opcode; nothing for opcodes that RFC 7143 does not name.
[[nodiscard]] std::optional<watched> watched_of(pdu::opcode opcode);

}  // namespace persiscsi::target
