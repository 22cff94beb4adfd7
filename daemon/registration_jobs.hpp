// SPDX-License-Identifier: Apache-2.0
// What disconnect, register and unregister do to the table: one transaction for each request. Plain functions: they run
// on the table's thread and know nothing of the network.
#pragma once

#include "daemon/item_results.hpp"
#include "daemon/requests.hpp"
#include "persistence/session_table.hpp"

#include <set>
#include <vector>

namespace persiscsi::daemon {

// `rehearsal`, where it is not null: what a dry run would have left in the table.

/// Forgets the sessions, and unregisters them when asked; a registration that stays comes back in the next boot, not in
/// this one. They are still to be logged out.
[[nodiscard]] std::vector<item_result> forget_sessions(persistence::session_table& table,
                                                       const disconnect_request& request,
                                                       std::optional<table_view>* rehearsal = nullptr);

[[nodiscard]] std::vector<item_result> register_sessions(persistence::session_table& table,
                                                         const register_request& request,
                                                         std::optional<table_view>* rehearsal = nullptr);

/// `never_up` are sessions that have not been logged in yet in this boot: without their registration nothing asks for
/// them, so they are forgotten with it.
[[nodiscard]] std::vector<item_result> unregister_sessions(persistence::session_table& table,
                                                           const unregister_request& request,
                                                           const std::set<persistence::session_id>& never_up,
                                                           std::optional<table_view>* rehearsal = nullptr);

/// Forgets every live session (an orderly stop). Their registrations come back at the next start.
std::size_t forget_all_sessions(persistence::session_table& table);

}  // namespace persiscsi::daemon
