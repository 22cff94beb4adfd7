// SPDX-License-Identifier: Apache-2.0
#include "daemon/names.hpp"
#include "daemon/registration_jobs.hpp"

namespace persiscsi::daemon {
namespace {

using persistence::session_table;
using persistence::transaction;

std::vector<std::string> selected_sessions(const session_table& table, const disconnect_request& request) {
    if (!request.ids.empty()) return request.ids;
    std::vector<std::string> ids;
    for (const auto& live : table.live_sessions())
        if (!request.target || same_name(*request.target, live.login.target)) ids.push_back(to_string(live.id));
    return ids;
}

item_result forget_one(const session_table& table, transaction& change, const std::string& id, bool unregister) {
    const auto session = persistence::parse_session_id(id);
    const auto live = session ? table.find_live_session(*session) : std::nullopt;
    if (!live) return item_not_found(id, "session");
    item_result item{.id = echoed(id), .result = "disconnected", .session = session};
    item.target = live->login.target;
    item.registration = live->registration;
    if (live->registration && unregister) item.unregistered = change.remove_registration(*live->registration);
    if (live->registration && !item.unregistered) {
        item.returns_because = to_string(*live->registration);
        change.leave_disconnected(*live->registration);
    }
    change.remove_live_session(*session);
    return item;
}

}  // namespace

std::vector<item_result> forget_sessions(session_table& table,
                                         const disconnect_request& request,
                                         std::optional<table_view>* rehearsal) {
    auto change = table.begin();
    std::vector<item_result> items;
    for (const auto& id : selected_sessions(table, request))
        items.push_back(guarded(id, [&] { return forget_one(table, change, id, request.unregister); }));
    finish(table, std::move(change), items, {false, request.dry_run, "failed", rehearsal});
    return items;
}

std::size_t forget_all_sessions(session_table& table) {
    auto change = table.begin();
    const auto live = table.live_sessions();
    for (const auto& session : live) change.remove_live_session(session.id);
    change.commit();
    return live.size();
}

}  // namespace persiscsi::daemon
