// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/types.hpp"

namespace persiscsi {

/// The command numbering of a session (RFC 7143 §4.2.2.1): our CmdSN, and how far the target lets it run.
class command_window {
  public:
    /// Closed until the target's first word about it.
    explicit command_window(pdu::command_sn first = {}) : next_(first), expected_(first), max_{first.value - 1} {}

    [[nodiscard]] pdu::command_sn next() const { return next_; }
    /// ExpCmdSN: the target has taken in all commands before it.
    [[nodiscard]] pdu::command_sn expected() const { return expected_; }
    [[nodiscard]] bool acknowledges(pdu::command_sn sent) const { return sent.precedes(expected_); }
    /// Whether a non-immediate command may be sent now.
    [[nodiscard]] bool open() const { return !max_.precedes(next_); }
    /// The CmdSN for a non-immediate command. Precondition: open().
    pdu::command_sn take() {
        const auto taken = next_;
        next_ = next_.next();
        return taken;
    }

    /// Takes in ExpCmdSN and MaxCmdSN of a PDU. A pair with MaxCmdSN before ExpCmdSN-1 is ignored, as are values that
    /// lie behind what we have: PDUs of several connections may overtake each other.
    void update(pdu::command_sn expected, pdu::command_sn max) {
        if (max.plus(1).precedes(expected)) return;
        if (expected_.precedes(expected)) expected_ = expected;
        if (max_.precedes(max)) max_ = max;
    }

  private:
    pdu::command_sn next_;
    pdu::command_sn expected_;
    pdu::command_sn max_;
};

}  // namespace persiscsi
