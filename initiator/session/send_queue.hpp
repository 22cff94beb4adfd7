// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/frame.hpp"
#include "pdu/types.hpp"

#include <cstddef>
#include <deque>
#include <span>
#include <utility>
#include <vector>

namespace persiscsi {

/// Frames on their way out, in order, as a gather list for one system call. A frame may refer to the memory of the
/// task it belongs to; `release` ends that.
class send_queue {
  public:
    void push(pdu::frame frame, pdu::task_tag owner);

    [[nodiscard]] bool empty() const { return frames_.empty(); }
    [[nodiscard]] std::size_t frame_count() const { return frames_.size(); }
    /// Bytes not yet sent.
    [[nodiscard]] std::size_t size() const { return size_; }

    /// Fills `into` from its start with the next unsent pieces and returns how many it used. They stay valid until
    /// the queue is changed.
    [[nodiscard]] std::size_t gather(std::span<std::span<const std::byte>> into) const;
    /// The first `count` bytes of what `gather` gave were sent. Precondition: count <= size().
    void sent(std::size_t count);

    /// After this no frame refers to memory of the task: its unsent Data-Out frames are dropped, one that is partly
    /// sent is finished from a copy.
    void release(pdu::task_tag owner);

  private:
    struct entry {
        pdu::frame frame;
        pdu::task_tag owner;
    };

    std::deque<entry> frames_;
    std::size_t sent_of_first_ = 0;
    std::size_t size_ = 0;
    std::vector<std::byte> copied_;  ///< rest of a partly sent frame whose task is gone; goes out first
    std::size_t sent_of_copied_ = 0;
};

}  // namespace persiscsi
