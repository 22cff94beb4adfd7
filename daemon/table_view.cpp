// SPDX-License-Identifier: Apache-2.0
#include "daemon/table_view.hpp"

#include <algorithm>

namespace persiscsi::daemon {

std::optional<persistence::registration_id> table_view::registration_of(persistence::session_id id) const {
    const auto found = std::ranges::find(live, id, &persistence::live_session::id);
    return found == live.end() ? std::nullopt : found->registration;
}

std::optional<persistence::session_id> table_view::session_of(persistence::registration_id id) const {
    const auto found = std::ranges::find(live, std::optional(id), &persistence::live_session::registration);
    return found == live.end() ? std::nullopt : std::optional(found->id);
}

std::size_t table_view::orphans() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(registrations, [this](const auto& one) { return !session_of(one.id); }));
}

std::size_t table_view::unregistered() const {
    return static_cast<std::size_t>(std::ranges::count_if(live, [](const auto& one) { return !one.registration; }));
}

table_view view_table(persistence::session_table& table) {
    return {table.registrations(), table.live_sessions(), 0, {}, {}};
}

table_view view_with_discovered(persistence::session_table& table) {
    auto view = view_table(table);
    for (auto& seen : table.places()) view.discovered.insert(std::move(seen.place.target));
    return view;
}

table_view view_with_damage(persistence::session_table& table) {
    auto view = view_with_discovered(table);
    view.secrets = table.secrets().size();
    view.damaged = table.damaged_rows();
    return view;
}

}  // namespace persiscsi::daemon
