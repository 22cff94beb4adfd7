// SPDX-License-Identifier: Apache-2.0
#include "tests/target/session_state.hpp"

#include "tests/target/full_feature.hpp"

#include <algorithm>

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

void session_state::abort_tasks(std::optional<pdu::lun_id> lun) {
    for (auto* each : connections) each->abort_tasks(lun);
}

}  // namespace persiscsi::target
