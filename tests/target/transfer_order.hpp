// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/byte_ranges.hpp"

#include <algorithm>
#include <cstdint>

namespace persiscsi::target {

/// How a transfer is cut: into sequences of at most MaxBurstLength, and those into PDUs. Where the order is not agreed
/// to be kept (RFC 7143 §13.18, §13.19), it goes backwards.
class transfer_order {
  public:
    struct rules {
        std::uint32_t max_burst_length = 512;
        bool sequences_in_order = true;
        bool pdus_in_order = true;
    };

    transfer_order() = default;
    transfer_order(byte_range all, rules how) : rest_(all), rules_(how) {}

    [[nodiscard]] bool done() const { return rest_.length == 0 && sequence_.length == 0; }

    struct piece {
        byte_range range;
        bool last_of_sequence = false;
    };
    /// Precondition: not done(), most > 0.
    piece next(std::uint32_t most) {
        if (sequence_.length == 0) sequence_ = cut(rest_, rules_.max_burst_length, rules_.sequences_in_order);
        const auto range = cut(sequence_, most, rules_.pdus_in_order);
        return {range, sequence_.length == 0};
    }

  private:
    /// Takes a part off the front or the back. Going backwards leaves no odd remainder for the end but for the front.
    static byte_range cut(byte_range& from, std::uint32_t most, bool front) {
        const auto length = std::min(most, from.length);
        const byte_range taken{front ? from.offset : from.offset + from.length - length, length};
        if (front) from.offset += length;
        from.length -= length;
        return taken;
    }

    byte_range rest_;
    byte_range sequence_;
    rules rules_;
};

}  // namespace persiscsi::target
