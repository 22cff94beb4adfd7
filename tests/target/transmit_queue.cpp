// SPDX-License-Identifier: Apache-2.0
#include "tests/target/transmit_queue.hpp"

#include <algorithm>
#include <cassert>

namespace persiscsi::target {
namespace {

using byte_span = std::span<const std::byte>;

/// Adds `part` without its first `skip` bytes, and takes from `skip` what it covered.
void add(transmit_queue::spans& to, byte_span part, std::size_t& skip) {
    const auto skipped = std::min(skip, part.size());
    skip -= skipped;
    if (part.size() > skipped) to.push_back(part.subspan(skipped));
}

}  // namespace

void transmit_queue::push(pdu::frame frame) {
    bytes_ += frame.size();
    entries_.emplace_back(std::move(frame));
}

void transmit_queue::push_raw(std::vector<std::byte> bytes) {
    bytes_ += bytes.size();
    entries_.emplace_back(std::move(bytes));
}

void transmit_queue::push_pause(std::chrono::milliseconds time) {
    entries_.emplace_back(pause{time});
}

void transmit_queue::push_close() {
    entries_.emplace_back(close{});
}

void transmit_queue::gather(spans& to, std::size_t most) const {
    auto skip = sent_of_first_;
    for (const auto& each : entries_) {
        if (to.size() + 3 > most) return;
        if (const auto* frame = std::get_if<pdu::frame>(&each)) {
            add(to, frame->head(), skip);
            add(to, frame->data(), skip);
            add(to, frame->tail(), skip);
        } else if (const auto* raw = std::get_if<std::vector<std::byte>>(&each)) {
            add(to, *raw, skip);
        } else {
            return;
        }
    }
}

void transmit_queue::consume(std::size_t count) {
    assert(count <= bytes_);
    bytes_ -= count;
    sent_of_first_ += count;
    while (!entries_.empty()) {
        std::size_t size = 0;
        if (const auto* frame = std::get_if<pdu::frame>(&entries_.front()))
            size = frame->size();
        else if (const auto* raw = std::get_if<std::vector<std::byte>>(&entries_.front()))
            size = raw->size();
        else
            return;
        if (sent_of_first_ < size) return;
        sent_of_first_ -= size;
        entries_.pop_front();
    }
}

std::optional<std::chrono::milliseconds> transmit_queue::take_pause() {
    const auto* found = entries_.empty() ? nullptr : std::get_if<pause>(&entries_.front());
    if (!found) return std::nullopt;
    const auto time = found->time;
    entries_.pop_front();
    return time;
}

bool transmit_queue::close_is_due() const {
    return !entries_.empty() && std::holds_alternative<close>(entries_.front());
}

}  // namespace persiscsi::target
