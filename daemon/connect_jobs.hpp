// SPDX-License-Identifier: Apache-2.0
// What a start and a connect request do to the table. Plain functions: they run on the table's thread.
#pragma once

#include "daemon/login_translation.hpp"
#include "daemon/requests.hpp"
#include "persistence/session_table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::daemon {

/// A session the daemon has to keep logged in from its start on.
struct planned_session {
    persistence::session_id id;
    persistence::login_record login;
    persistence::timestamp created_at{};
    login_secrets secrets;
    std::string broken;    // why the login cannot even be tried; empty: it can
    bool resumed = false;  // it was live before, in this boot
};

struct boot_plan {
    std::vector<planned_session> sessions;
    std::vector<std::string> skipped;  // registrations that could not be planned, one line each
    bool same_boot = false;
    std::size_t forgotten = 0;  // live sessions of another boot
};
/// Boot scope: on the same boot every session that was live comes back with its id and ISID, and every registration
/// without one gets a new session, unless it was disconnected by hand in this boot; after a reboot every registration
/// gets one, and nothing else comes back. Durable when it returns.
[[nodiscard]] boot_plan plan_boot(persistence::session_table& table, std::string_view boot_id);

/// A registration, and the session that plan_boot() would make for it after a reboot (without id).
struct foreseen_session {
    persistence::registration registration;
    planned_session planned;
};
/// Whom plan_boot() would bring back after a reboot, by the same steps. Writes nothing.
[[nodiscard]] std::vector<foreseen_session> foresee_boot(const persistence::session_table& table);

/// The secrets of a request. Gives its login the names of inline secrets the table has already. bad_request or
/// not_found where a named secret does not exist.
[[nodiscard]] login_secrets resolve_secrets(const persistence::session_table& table, login_request& request);
/// The name under which the secret is kept from now on: that of an automatic one with the same content, or a new one.
std::string keep_secret(persistence::session_table& table,
                        persistence::transaction& change,
                        const inline_secret& given);
/// Keeps the inline secrets of a request from now on, and fills their names in.
void keep_secrets(persistence::session_table& table, persistence::transaction& change, login_request& request);

struct prepared_connect {
    login_secrets secrets;
    /// Registrations without a session which ask for just this login: new sessions fulfil them, with their ISIDs.
    std::vector<persistence::registration> orphans;
};
/// Loads the secrets, and gives the login the names of inline secrets the table has already. `replaced` are sessions
/// that the new ones take the place of. bad_request or not_found where a named secret does not exist.
[[nodiscard]] prepared_connect prepare_connect(persistence::session_table& table,
                                               connect_request& request,
                                               const std::vector<persistence::session_id>& replaced);

/// A session that has logged in and is to be recorded.
struct new_session {
    persistence::session_id id;
    persistence::login_record login;
    std::optional<persistence::registration_id> claimed;
};
/// Records all of them, registered when asked, with their inline secrets; fills the names of those in.
void record_sessions(persistence::session_table& table,
                     connect_request& request,
                     std::vector<new_session>& sessions,
                     const std::vector<persistence::session_id>& replaced);

/// Removes the automatic secrets nobody refers to any more.
void drop_unused_secrets(persistence::session_table& table, persistence::transaction& change);

/// The secrets `login` names. store_error where one cannot be had.
[[nodiscard]] login_secrets load_secrets(const persistence::session_table& table,
                                         const persistence::login_record& login);

}  // namespace persiscsi::daemon
