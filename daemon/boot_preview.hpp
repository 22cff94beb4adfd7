// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "persistence/session_table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::daemon {

/// What the next reboot does to one registration, or to a session that has none.
struct boot_outcome {
    std::string id;  // of the registration or the session; "row 3" of a session's damaged row
    std::string_view kind;
    std::string target{};  // empty: a damaged row does not tell
    std::string portal{};
    std::optional<persistence::session_id> session{};  // the live one it is about
    bool will_log_in = false;
    std::string_view reason;  // a word of the control API: registered, disconnected_by_hand, cannot_log_in, …
    std::string message{};    // empty: nothing to add
};
/// Registrations first, in order of creation, then the sessions that will not come back. Writes nothing, and asks no
/// target. Runs on the table's thread.
[[nodiscard]] std::vector<boot_outcome> preview_boot(const persistence::session_table& table);

}  // namespace persiscsi::daemon
