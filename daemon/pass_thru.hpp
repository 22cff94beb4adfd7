// SPDX-License-Identifier: Apache-2.0
// What a change did, seen in the table itself ("pass_thru" of a request).
#pragma once

#include "daemon/item_results.hpp"
#include "daemon/service.hpp"
#include "daemon/table_view.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <vector>

namespace persiscsi::daemon {

/// A change with what the table held before it and after it.
struct witnessed_change {
    std::vector<item_result> items;
    table_view before;
    table_view after;  // of a rehearsal: what it would hold
};

/// Runs `change`, on the table's thread, so that nothing comes between it and the two views. They stay empty unless
/// `wanted`. `change` fills in its argument where it is a rehearsal.
[[nodiscard]] witnessed_change witness(
    persistence::session_table& table,
    bool wanted,
    const std::function<std::vector<item_result>(std::optional<table_view>& rehearsal)>& change);

/// The session or registration of that id, as the lists print it, by that view; null where it has none.
[[nodiscard]] boost::json::value object_named(const service& in, const table_view& view, const std::string& id);

}  // namespace persiscsi::daemon
