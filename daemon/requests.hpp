// SPDX-License-Identifier: Apache-2.0
// The bodies of the control API's requests, checked at the border. Each parser ends the request with bad_request.
#pragma once

#include "daemon/names.hpp"
#include "persistence/records.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persiscsi::daemon {

inline constexpr std::size_t max_items = 4096;              // ids in one request
inline constexpr std::int64_t max_sessions_a_request = 64;  // logins in one request

/// A secret that came with a request.
struct inline_secret {
    std::string chap_name;
    secret value;
};

/// What every request that logs in says.
struct login_request {
    persistence::login_record login;  // without ISID; the names of inline secrets are not there yet
    std::optional<inline_secret> chap;
    std::optional<inline_secret> mutual;
    bool dry_run = false;
};

/// Its login before the table is asked: an inline secret stands there under a name that no stored one has.
[[nodiscard]] persistence::login_record with_unnamed_secrets(const login_request& request);

/// Without a portal (login.portal_host is empty) it is about a target that was discovered.
struct connect_request : login_request {
    std::int64_t sessions = 1;
    bool register_them = false;
    bool another = false;  // also where such a session is live
};
/// Takes the secrets out of `body` and wipes them there.
[[nodiscard]] connect_request parse_connect(boost::json::value& body, const std::string& default_initiator_name);

/// A discovery portal. Its login has no target.
struct add_portal_request : login_request {
    bool ask = true;  // for targets, at once; it is added only if it answers
};
[[nodiscard]] add_portal_request parse_add_portal(boost::json::value& body, const std::string& default_initiator_name);

/// {"portals": ["HOST:PORT", …]} or {"all": true}
struct portals_request {
    std::vector<std::string> portals;  // as they came
    bool all = false;
    bool dry_run = false;
};
/// `what` names the request in errors: "refresh request".
[[nodiscard]] portals_request parse_portals(const boost::json::value& body, const std::string& what);

struct disconnect_request {
    std::vector<std::string> ids;
    bool all = false;
    std::optional<std::string> target;
    bool unregister = false;
    bool dry_run = false;
    bool pass_thru = false;  // the objects before and after go into the answer
};
[[nodiscard]] disconnect_request parse_disconnect(const boost::json::value& body);

struct register_request {
    std::vector<std::string> ids;
    std::int64_t sessions = 1;
    bool atomic = false;
    bool dry_run = false;
    bool pass_thru = false;
};
[[nodiscard]] register_request parse_register(const boost::json::value& body);

struct unregister_request {
    std::vector<std::string> ids;
    bool all = false;
    bool orphans = false;
    std::optional<std::string> target;
    std::optional<portal_address> portal;
    bool strict = false;
    bool atomic = false;
    bool dry_run = false;
    bool pass_thru = false;
};
[[nodiscard]] unregister_request parse_unregister(const boost::json::value& body);

/// {"names": […], "dry_run"}
struct remove_secrets_request {
    std::vector<std::string> names;
    bool dry_run = false;
};
[[nodiscard]] remove_secrets_request parse_remove_secrets(const boost::json::value& body);

/// A login as login_json() writes it. A discovery portal's has no target. `what` names it in errors.
[[nodiscard]] persistence::login_record parse_stored_login(const boost::json::value& from,
                                                           bool of_portal,
                                                           const std::string& what);

/// {"chap_name", "secret"}
[[nodiscard]] inline_secret parse_secret(boost::json::value& body, std::string_view what);

}  // namespace persiscsi::daemon
