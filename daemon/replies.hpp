// SPDX-License-Identifier: Apache-2.0
// The resources of the control API as JSON. No secret has a way in here.
#pragma once

#include "daemon/item_results.hpp"
#include "daemon/secret_jobs.hpp"
#include "daemon/supervisor.hpp"
#include "daemon/table_view.hpp"
#include "initiator/discovery.hpp"
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

template <class Texts>
[[nodiscard]] boost::json::array texts_json(const Texts& texts) {
    boost::json::array all;
    for (const auto& text : texts) all.emplace_back(text);
    return all;
}

/// null for an empty text.
[[nodiscard]] boost::json::value text_or_null(std::string_view text);

/// All of it, as parse_stored_login() reads it again.
[[nodiscard]] boost::json::object login_json(const persistence::login_record& login);
/// `view` says whether it is registered, and its target discovered.
[[nodiscard]] boost::json::object session_json(const kept_session& session, const table_view& view);
/// `fulfilled_by` and `live`: the session that stands for it, as the table and as the supervisor know it. `boot_id`:
/// that of this boot.
[[nodiscard]] boost::json::object registration_json(const persistence::registration& registration,
                                                    std::optional<persistence::session_id> fulfilled_by,
                                                    const kept_session* live,
                                                    std::string_view boot_id);
/// Those that are up, by CID.
[[nodiscard]] boost::json::array connections_json(const kept_session& session);

/// `places`: how many its last answer had.
[[nodiscard]] boost::json::object portal_json(const persistence::discovery_portal& portal, std::size_t places);
/// As `discover` prints them.
[[nodiscard]] boost::json::array targets_json(const std::vector<discovered_target>& told);

[[nodiscard]] boost::json::object secret_json(const listed_secret& secret);
[[nodiscard]] boost::json::object damaged_json(const persistence::damaged_row& row);

}  // namespace persiscsi::daemon
