// SPDX-License-Identifier: Apache-2.0
#include "tests/target/sent_statuses.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi::target {
namespace {

constexpr std::size_t most_kept = 4096;

}  // namespace

void sent_statuses::keep(entry sent) {
    if (auto* same = find(sent.stat_sn)) {
        *same = std::move(sent);
        return;
    }
    entries_.push_back(std::move(sent));
    if (entries_.size() > most_kept) entries_.pop_front();
}

bool sent_statuses::take_acknowledged(pdu::status_sn exp_stat_sn, entry& taken) {
    if (entries_.empty() || !entries_.front().stat_sn.precedes(exp_stat_sn)) return false;
    taken = std::move(entries_.front());
    entries_.pop_front();
    return true;
}

sent_statuses::entry* sent_statuses::find(pdu::status_sn stat_sn) {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const entry& each) { return each.stat_sn == stat_sn; });
    return found == entries_.end() ? nullptr : &*found;
}

}  // namespace persiscsi::target
