// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/frame.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace persiscsi::target {

/// What a connection has still to send, in order: PDUs, and what a fault script put between them.
class transmit_queue {
  public:
    using spans = std::vector<std::span<const std::byte>>;

    void push(pdu::frame frame);
    void push_raw(std::vector<std::byte> bytes);
    void push_pause(std::chrono::milliseconds time);
    void push_close();

    /// Bytes of PDUs that wait.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] bool empty() const { return entries_.empty(); }

    /// The next bytes for one gathered write, at most `most` spans; none before a pause or a close. They stay valid
    /// until consumed.
    void gather(spans& to, std::size_t most) const;
    void consume(std::size_t count);

    /// The pause that is due now is taken off.
    [[nodiscard]] std::optional<std::chrono::milliseconds> take_pause();
    [[nodiscard]] bool close_is_due() const;

  private:
    struct pause {
        std::chrono::milliseconds time;
    };
    struct close {};
    using entry = std::variant<pdu::frame, std::vector<std::byte>, pause, close>;

    std::deque<entry> entries_;
    std::size_t sent_of_first_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace persiscsi::target
