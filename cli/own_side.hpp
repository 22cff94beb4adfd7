// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_options.hpp"

#include <filesystem>
#include <string>

namespace persiscsi::cli {

/// The initiator name of this host: from initiator.name in the daemon's state directory, else made of the host's name
/// (the same at every call).
[[nodiscard]] std::string default_initiator_name(const std::filesystem::path& state_dir);

/// An ISID of the random format (RFC 7143 §11.12.5), so that two commands at once are two sessions.
[[nodiscard]] pdu::isid fresh_isid();

/// The IP address to connect from: `interface` itself where it is one, else that network interface's address of the
/// family that `to` is in. Throws command_error.
[[nodiscard]] std::string address_of_interface(const std::string& interface, const portal& to);

}  // namespace persiscsi::cli
