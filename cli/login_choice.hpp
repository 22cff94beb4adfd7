// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/session_options.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace persiscsi::cli {

class console;
class invocation;

/// What the login options of a command line ask for.
struct login_choice {
    std::optional<chap_credentials> chap;
    std::optional<chap_credentials> mutual_chap;
    digest_wish header_digest = digest_wish::none;
    digest_wish data_digest = digest_wish::none;
    std::string initiator_name;  ///< empty: the daemon's
    std::string interface;       ///< empty: the system chooses
    std::uint32_t sessions = 1;
    std::uint16_t connections = 1;  ///< of each session, at most
    std::optional<recovery_policy> recovery;
    tls_options tls;
    std::vector<std::pair<std::string, std::string>> parameters;  ///< --param and --erl, CHAP_A among them
};

/// Reads the options, and the secrets' files. `url_user` is the user of the URL. Throws command_error.
[[nodiscard]] login_choice login_choice_of(invocation& line, const std::string& url_user);

/// For a login of our own to `to`: a fresh random ISID, and the daemon's initiator name where none was chosen.
[[nodiscard]] session_options session_options_of(const login_choice& choice, const invocation& line, const portal& to);

/// Says on standard error what gives up safety.
void warn_of(const login_choice& choice, console& out);

/// The login part of the control API's connect request.
[[nodiscard]] boost::json::object connect_request_of(const login_choice& choice);

}  // namespace persiscsi::cli
