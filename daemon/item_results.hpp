// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/table_view.hpp"
#include "persistence/session_table.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::daemon {

/// One item of a request. `result` is the word of the control API for it.
struct item_result {
    std::string id{};
    std::string_view result{};
    std::optional<persistence::session_id> session{};            // the one it is about, as far as there is one
    std::optional<persistence::registration_id> registration{};  // likewise
    std::string target{};
    std::string message{};          // empty: nothing to add
    std::string_view before{};      // unregister: "registered", "not_registered", "damaged"; empty: unknown
    std::string_view after{};       // likewise
    std::string returns_because{};  // empty: it will not come back by itself
    bool unregistered = false;      // disconnect: its registration was removed
    bool dropped = false;           // unregister: the session goes too, because it never was up
};

/// An id as it came, short enough to be sent back.
[[nodiscard]] std::string echoed(const std::string& id);

/// "no such <kind>".
[[nodiscard]] item_result item_not_found(const std::string& id, std::string_view kind);

/// Runs `act`; a store_error that concerns only this item becomes its result, others pass.
[[nodiscard]] item_result guarded(const std::string& id, const std::function<item_result()>& act);

[[nodiscard]] bool is_bad(const item_result& item);

/// How a request with several items ends.
struct ending {
    bool atomic = false;                             // all or nothing
    bool dry_run = false;                            // a rehearsal
    std::string_view undone = "failed";              // the result of good items when all or nothing came to nothing
    std::optional<table_view>* rehearsal = nullptr;  // where what a rehearsal would leave goes
};

/// Makes the change durable, or undoes it where `how` says so.
void finish(persistence::session_table& table,
            persistence::transaction change,
            std::vector<item_result>& items,
            const ending& how);

}  // namespace persiscsi::daemon
