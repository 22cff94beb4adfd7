// SPDX-License-Identifier: Apache-2.0
#include "tests/target/command_window.hpp"

#include <utility>

namespace persiscsi::target {
namespace {

constexpr std::size_t most_held_bytes = 64 * 1024 * 1024;

}  // namespace

command_window::place command_window::place_of(pdu::command_sn cmd_sn) const {
    if (cmd_sn.precedes(exp_cmd_sn_)) return place::below;
    if (max_cmd_sn_.precedes(cmd_sn)) return place::above;
    return cmd_sn == exp_cmd_sn_ ? place::due : place::ahead;
}

bool command_window::hold(pdu::command_sn cmd_sn, held request) {
    if (held_bytes_ + request.data.size() > most_held_bytes) return false;
    held_bytes_ += request.data.size();
    held_.emplace(cmd_sn.value, std::move(request));
    return true;
}

std::optional<command_window::held> command_window::take_next() {
    auto found = held_.extract(exp_cmd_sn_.value);
    if (found.empty()) return std::nullopt;
    held_bytes_ -= found.mapped().data.size();
    take();
    return std::move(found.mapped());
}

std::size_t command_window::discard(const full_feature& by) {
    return std::erase_if(held_, [&](const auto& each) {
        if (each.second.by != &by) return false;
        held_bytes_ -= each.second.data.size();
        return true;
    });
}

}  // namespace persiscsi::target
