// SPDX-License-Identifier: Apache-2.0
// What the secret requests do to the table. Plain functions: they run on the table's thread.
#pragma once

#include "daemon/requests.hpp"
#include "persistence/session_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::daemon {

struct listed_secret {
    persistence::secret_row row;
    std::vector<std::string> used_by;  // ids of registrations and sessions, addresses of portals
};
[[nodiscard]] std::vector<listed_secret> list_secrets(const persistence::session_table& table);

/// Whether there was one of that name before.
[[nodiscard]] bool put_secret(persistence::session_table& table, std::string_view name, const inline_secret& given);

struct secret_result {
    std::string name;
    std::string_view result;  // "removed", "not_found", "refused"
    std::string message;
};
[[nodiscard]] std::vector<secret_result> remove_secrets(persistence::session_table& table,
                                                        const remove_secrets_request& request);

}  // namespace persiscsi::daemon
