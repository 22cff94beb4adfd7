// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace persiscsi::cli {

class invocation;

/// The name under which `chap set` keeps the secret that targets prove to this host.
inline constexpr const char* host_mutual_secret = "host-mutual";

/// Secrets by name for a request that logs in: --chap-secret, --mutual-secret, --mutual. Throws command_error (usage)
/// where they meet options that say the same by other means.
void add_stored_secrets(const invocation& line, const std::string& url_user, boost::json::object& request);

/// --label, of a request that stores something.
[[nodiscard]] boost::json::object labels_of(const invocation& line);

}  // namespace persiscsi::cli
