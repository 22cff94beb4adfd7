// SPDX-License-Identifier: Apache-2.0
#include "tests/target/session_state.hpp"

#include "tests/target/full_feature.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi::target {

void session_state::deliver_due() {
    while (auto next = window.take_next()) {
        if (next->by)
            next->by->on_turn(*next);
        else
            window.finish();
    }
}

full_feature* session_state::owner_of(pdu::task_tag tag) const {
    const auto found =
        std::find_if(connections.begin(), connections.end(), [&](const auto* each) { return each->has_task(tag); });
    return found == connections.end() ? nullptr : *found;
}

void session_state::continue_aborts() {
    if (aborts.empty() || std::exchange(continuing_, true)) return;
    // Each step may end connections, and with them aborts of theirs.
    for (;;) {
        const auto ended =
            std::find_if(aborts.begin(), aborts.end(), [](auto& each) { return each.by->continue_abort(each); });
        if (ended == aborts.end()) break;
        const auto done = *ended;
        aborts.erase(ended);
        done.by->conclude_abort(done.request);
    }
    continuing_ = false;
}

void session_state::announce_termination(std::optional<pdu::lun_id> lun, const full_feature* issuing) {
    if (agreed.reporting != task_reporting::fast_abort) return;
    for (auto* each : connections)
        if (each != issuing) each->announce_termination(lun);
}

bool session_state::knows_task(pdu::task_tag tag) const {
    return orphans.contains(static_cast<std::uint32_t>(tag)) || owner_of(tag) ||
           std::any_of(
               connections.begin(), connections.end(), [&](const auto* each) { return each->has_concluded_task(tag); });
}

bool session_state::is_released(pdu::task_tag tag) const {
    const auto found = orphans.find(static_cast<std::uint32_t>(tag));
    return found != orphans.end() && found->second.task && found->second.released;
}

void session_state::abort_tasks(std::optional<pdu::lun_id> lun) {
    for (auto* each : connections) each->abort_tasks(lun);
    std::erase_if(orphans, [&](const auto& each) {
        const auto& orphan = each.second;
        const bool affected = orphan.task && (!lun || orphan.task->command.lun == *lun);
        if (affected) end_orphan(orphan);
        return affected;
    });
}

bool session_state::has_orphans(std::uint64_t loss) const {
    return std::any_of(orphans.begin(), orphans.end(), [&](const auto& each) { return each.second.loss == loss; });
}

void session_state::release_orphans(std::uint64_t loss, std::optional<pdu::status_sn> exp_stat_sn) {
    for (auto& [tag, orphan] : orphans)
        if (orphan.loss == loss) orphan.released = true;
    if (!exp_stat_sn) return;
    std::erase_if(orphans, [&](const auto& each) {
        const auto& [task, of, released] = each.second;
        return of == loss && task && task->concluded && task->concluded->precedes(*exp_stat_sn);
    });
}

void session_state::end_orphans(std::uint64_t loss) {
    std::erase_if(orphans, [&](const auto& each) {
        if (each.second.loss != loss) return false;
        if (each.second.task && !each.second.task->concluded) tell_cleared(each.second.task->command.lun);
        end_orphan(each.second);
        return true;
    });
}

void session_state::end_orphan(const orphaned_task& orphan) {
    if (orphan.task && !orphan.task->finished) window.finish();
}

void session_state::tell_cleared(pdu::lun_id lun) {
    const auto number = lun_number(lun);
    if (number && devices && devices->options().unit_attention)
        attentions.emplace(*number, sense::cleared_by_protocol_event);
}

}  // namespace persiscsi::target
