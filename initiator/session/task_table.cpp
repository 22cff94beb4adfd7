// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/task_table.hpp"

#include <utility>

namespace persiscsi {
namespace {

constexpr std::size_t slot_of(pdu::task_tag tag) {
    return static_cast<std::uint32_t>(tag) & 0xffffU;
}

/// Slot 0xffff is never given, so no tag is the reserved 0xffffffff.
constexpr pdu::task_tag make_tag(std::uint16_t generation, std::size_t slot) {
    return static_cast<pdu::task_tag>((std::uint32_t{generation} << 16U) | static_cast<std::uint32_t>(slot));
}

}  // namespace

void task::rewind() {
    input = arrivals<pdu::data_sn>{};
    input_restarts = false;
    received = {};
    promised = {};
    open_r2ts = 0;
    acknowledged = {};
    acknowledgement_wanted.reset();
    data_is_lost = false;
    held.reset();
}

void task::rewind_input() {
    input = arrivals<pdu::data_sn>(acknowledged.next);
    received = acknowledged.received;
    acknowledgement_wanted.reset();
}

task* task_table::insert(task_kind kind, task_owner owner) {
    if (free_.empty()) {
        if (slots_.size() == max_tasks) return nullptr;
        free_.push_back(static_cast<std::uint16_t>(slots_.size()));
        slots_.emplace_back();
        generations_.push_back(0);
    }
    const auto slot = free_.back();
    free_.pop_back();
    ++used_;
    auto& added = slots_[slot];
    added = task{};
    added.kind = kind;
    added.state = task_state::waiting;
    added.owner = owner;
    added.tag = make_tag(++generations_[slot], slot);
    return &added;
}

task* task_table::find(pdu::task_tag tag) {
    const auto slot = slot_of(tag);
    if (slot >= slots_.size() || slots_[slot].state == task_state::free || slots_[slot].tag != tag) return nullptr;
    return &slots_[slot];
}

task* task_table::first_waiting() {
    while (!waiting_.empty()) {
        auto* first = find(waiting_.front());
        if (first && first->state == task_state::waiting) return first;
        waiting_.pop_front();
    }
    return nullptr;
}

void task_table::queue_first(const std::vector<task*>& tasks) {
    for (auto last = tasks.rbegin(); last != tasks.rend(); ++last) waiting_.push_front((*last)->tag);
}

void task_table::erase(task& task) {
    const auto slot = slot_of(task.tag);
    task = {};
    free_.push_back(static_cast<std::uint16_t>(slot));
    --used_;
}

}  // namespace persiscsi
