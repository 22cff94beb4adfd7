// SPDX-License-Identifier: Apache-2.0
#include "daemon/item_results.hpp"

#include "daemon/connect_jobs.hpp"
#include "daemon/names.hpp"
#include "persistence/errors.hpp"

#include <algorithm>

namespace persiscsi::daemon {
namespace {

using persistence::store_errc;

// Errors after which the transaction may go on with the next item.
bool concerns_one_item(store_errc code) {
    return code == store_errc::not_found || code == store_errc::in_use || code == store_errc::already_exists ||
           code == store_errc::misuse || code == store_errc::damaged;
}

}  // namespace

std::string echoed(const std::string& id) {
    return id.size() <= max_id ? id : id.substr(0, max_id) + "...";
}

item_result item_not_found(const std::string& id, std::string_view kind) {
    item_result item{.id = echoed(id), .result = "not_found"};
    item.message = "no such " + std::string(kind);
    return item;
}

item_result guarded(const std::string& id, const std::function<item_result()>& act) {
    try {
        return act();
    } catch (const persistence::store_error& error) {
        if (!concerns_one_item(error.errc())) throw;
        item_result item{.id = echoed(id), .result = "failed"};
        item.message = error.what();
        return item;
    }
}

bool is_bad(const item_result& item) {
    return item.result == "not_found" || item.result == "failed" || item.result == "refused";
}

void finish(persistence::session_table& table,
            persistence::transaction change,
            std::vector<item_result>& items,
            const ending& how) {
    const auto bad = std::ranges::find_if(items, is_bad);
    if (how.atomic && bad != items.end()) {
        const auto reason = "nothing was changed: all or nothing was asked for, and " + bad->id + " is at fault";
        for (auto& item : items) {
            if (is_bad(item)) continue;
            item.result = how.undone;
            item.message = reason;
            item.after = item.before;
            item.dropped = false;
        }
        return;
    }
    if (how.dry_run) {
        if (how.rehearsal != nullptr) *how.rehearsal = view_with_discovered(table);
        return;
    }
    drop_unused_secrets(table, change);
    change.commit();
}

}  // namespace persiscsi::daemon
