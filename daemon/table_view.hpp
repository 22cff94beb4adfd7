// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "persistence/session_table.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace persiscsi::daemon {

/// What the table holds at one moment.
struct table_view {
    std::vector<persistence::registration> registrations;
    std::vector<persistence::live_session> live;
    std::size_t secrets = 0;
    std::vector<persistence::damaged_row> damaged;
    std::set<std::string> discovered;  // names of targets that portals told of, in lower case

    [[nodiscard]] std::optional<persistence::registration_id> registration_of(persistence::session_id id) const;
    [[nodiscard]] std::optional<persistence::session_id> session_of(persistence::registration_id id) const;
    /// Registrations without a session.
    [[nodiscard]] std::size_t orphans() const;
    /// Sessions without a registration.
    [[nodiscard]] std::size_t unregistered() const;
};

/// Registrations and live sessions; `discovered` stays empty.
[[nodiscard]] table_view view_table(persistence::session_table& table);
/// With `discovered`: what session_json() needs.
[[nodiscard]] table_view view_with_discovered(persistence::session_table& table);
/// All of it; reads every row.
[[nodiscard]] table_view view_with_damage(persistence::session_table& table);

}  // namespace persiscsi::daemon
