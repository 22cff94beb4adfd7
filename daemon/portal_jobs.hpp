// SPDX-License-Identifier: Apache-2.0
// What the requests about discovery portals and targets do to the table. Plain functions: they run on its thread.
#pragma once

#include "daemon/requests.hpp"
#include "initiator/discovery.hpp"
#include "persistence/session_table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::daemon {

/// What the table holds about discovery at one moment.
struct discovery_view {
    std::vector<persistence::discovery_portal> portals;
    std::vector<persistence::discovered_place> places;

    /// The last answer of its portal did not have it any more.
    [[nodiscard]] bool is_stale(const persistence::discovered_place& seen) const;
    [[nodiscard]] std::size_t places_of(const persistence::discovery_portal& portal) const;
};
[[nodiscard]] discovery_view view_discovery(persistence::session_table& table);

/// Where to log in to a discovered target: the first place that is not stale, else the first. nullopt: none is known.
[[nodiscard]] std::optional<portal_address> place_to_connect(const discovery_view& view, std::string_view target);

/// Adds the portal with what it told, if it was asked. "created", "replaced", or "unchanged" where it was just so.
[[nodiscard]] std::string_view store_portal(persistence::session_table& table,
                                            add_portal_request& request,
                                            const std::optional<std::vector<discovered_target>>& told);

/// How many places its answer has more, and has no more, than the one before.
struct told_change {
    std::size_t places = 0;
    std::size_t appeared = 0;
    std::size_t gone = 0;
};
[[nodiscard]] told_change record_told(persistence::session_table& table,
                                      const portal_address& portal,
                                      const std::vector<discovered_target>& told);

/// A portal of a request to remove some.
struct removed_portal {
    std::string portal;                      // as it came
    std::string_view result;                 // "removed", "not_found"
    std::vector<std::string> sessions;       // that go over it, and stay
    std::vector<std::string> registrations;  // likewise
};
[[nodiscard]] std::vector<removed_portal> remove_portals(persistence::session_table& table,
                                                         const portals_request& request);

}  // namespace persiscsi::daemon
