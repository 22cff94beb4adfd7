// SPDX-License-Identifier: Apache-2.0
// Backup and restore of the table. Plain functions: they run on the table's thread.
#pragma once

#include "daemon/item_results.hpp"
#include "daemon/table_document.hpp"
#include "persistence/session_table.hpp"

#include <string_view>
#include <vector>

namespace persiscsi::daemon {

/// Damaged rows stay out.
[[nodiscard]] table_copy copy_table(const persistence::session_table& table);

/// "created", "unchanged", "replaced", "refused" (it is there and differs) or "failed", in the order of the document:
/// secrets, portals, registrations.
struct imported_item {
    std::string_view kind;
    item_result item;
};
/// Adds what is missing, in one transaction. Live sessions stay as they are, and so does what is there and differs,
/// unless `replace`; a registration is never replaced. An automatic secret may get another name.
[[nodiscard]] std::vector<imported_item> import_table(persistence::session_table& table, const import_request& request);

}  // namespace persiscsi::daemon
