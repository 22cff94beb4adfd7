// SPDX-License-Identifier: Apache-2.0
// The resources of the control API as JSON. No secret has a way in here.
#pragma once

#include "daemon/item_results.hpp"
#include "daemon/secret_jobs.hpp"
#include "daemon/supervisor.hpp"
#include "persistence/session_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace persiscsi::daemon {

/// RFC 3339 in UTC, whole seconds: "2026-11-22T12:00:00Z".
[[nodiscard]] std::string time_text(persistence::timestamp when);

/// null for an empty text.
[[nodiscard]] boost::json::value text_or_null(std::string_view text);

[[nodiscard]] boost::json::object session_json(const kept_session& session,
                                               std::optional<persistence::registration_id> registration);
/// `fulfilled_by` and `live`: the session that stands for it, as the table and as the supervisor know it. `boot_id`:
/// that of this boot.
[[nodiscard]] boost::json::object registration_json(const persistence::registration& registration,
                                                    std::optional<persistence::session_id> fulfilled_by,
                                                    const kept_session* live,
                                                    std::string_view boot_id);
/// Those that are up, by CID.
[[nodiscard]] boost::json::array connections_json(const kept_session& session);

[[nodiscard]] boost::json::object secret_json(const listed_secret& secret);
[[nodiscard]] boost::json::object damaged_json(const persistence::damaged_row& row);

}  // namespace persiscsi::daemon
