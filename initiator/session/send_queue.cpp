// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/send_queue.hpp"

#include <algorithm>
#include <cassert>

namespace persiscsi {
namespace {

/// Calls `visit(piece)` for head, data and tail of a frame, without the first `skip` bytes and without empty pieces.
template <class Visit>
bool for_each_piece(const pdu::frame& frame, std::size_t skip, Visit visit) {
    for (auto piece : {frame.head(), frame.data(), frame.tail()}) {
        const auto skipped = std::min(skip, piece.size());
        skip -= skipped;
        piece = piece.subspan(skipped);
        if (!piece.empty() && !visit(piece)) return false;
    }
    return true;
}

}  // namespace

void send_queue::push(pdu::frame frame, pdu::task_tag owner) {
    size_ += frame.size();
    frames_.push_back({std::move(frame), owner});
}

std::size_t send_queue::gather(std::span<std::span<const std::byte>> into) const {
    std::size_t used = 0;
    const auto add = [&](std::span<const std::byte> piece) {
        if (used == into.size()) return false;
        into[used++] = piece;
        return true;
    };
    if (!copied_.empty() && !add(std::span(copied_).subspan(sent_of_copied_))) return used;
    auto skip = sent_of_first_;
    for (const auto& queued : frames_) {
        if (!for_each_piece(queued.frame, skip, add)) break;
        skip = 0;
    }
    return used;
}

void send_queue::sent(std::size_t count) {
    assert(count <= size_);
    size_ -= count;
    if (!copied_.empty()) {
        const auto of_copied = std::min(count, copied_.size() - sent_of_copied_);
        sent_of_copied_ += of_copied;
        count -= of_copied;
        if (sent_of_copied_ < copied_.size()) return;
        copied_.clear();
        sent_of_copied_ = 0;
    }
    sent_of_first_ += count;
    while (!frames_.empty() && sent_of_first_ >= frames_.front().frame.size()) {
        sent_of_first_ -= frames_.front().frame.size();
        frames_.pop_front();
    }
}

void send_queue::release(pdu::task_tag owner) {
    if (!frames_.empty() && frames_.front().owner == owner && sent_of_first_ > 0) {
        for_each_piece(frames_.front().frame, sent_of_first_, [&](std::span<const std::byte> piece) {
            copied_.insert(copied_.end(), piece.begin(), piece.end());
            return true;
        });
        frames_.pop_front();
        sent_of_first_ = 0;
    }
    std::erase_if(frames_, [&](const entry& queued) {
        if (queued.owner != owner) return false;
        size_ -= queued.frame.size();
        return true;
    });
}

}  // namespace persiscsi
