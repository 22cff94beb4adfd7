// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/session_options.hpp"
#include "persistence/records.hpp"

#include <optional>

namespace persiscsi::daemon {

/// Ends the request with bad_request where a login could never be carried out: a name, address or parameter that makes
/// no sense, a key of the login that has an option of its own, options of TLS that contradict each other or name a file
/// by a relative path.
void check_login(const persistence::login_record& login);

/// Likewise of a discovery portal, whose login has no target.
void check_discovery(const persistence::login_record& login);

/// Ends the request where the files of its TLS options cannot be used now: forbidden where this process may not read
/// one, else bad_request. Never tells what is in a file. Blocks on the disk.
void check_tls_files(const persistence::login_record& login);

/// The secrets of one login, out of their seal.
struct login_secrets {
    std::optional<persistence::stored_secret> chap;
    std::optional<persistence::stored_secret> mutual;
};

/// What the initiator needs to carry the login out. The parameter CHAP_A ("7,5") becomes the list of CHAP algorithms,
/// in that order; all others are offered as they are. Precondition: check_login() let it pass.
[[nodiscard]] session_options options_of(const persistence::login_record& login, const login_secrets& secrets);

}  // namespace persiscsi::daemon
