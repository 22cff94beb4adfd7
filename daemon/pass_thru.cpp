// SPDX-License-Identifier: Apache-2.0
#include "daemon/pass_thru.hpp"

#include "daemon/replies.hpp"

#include <algorithm>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

json::value registration_named(const service& in, const table_view& view, persistence::registration_id id) {
    const auto found = std::ranges::find(view.registrations, id, &persistence::registration::id);
    if (found == view.registrations.end()) return nullptr;
    const auto session = view.session_of(id);
    const auto live = session ? in.sessions.find(*session) : nullptr;
    return registration_json(*found, session, live.get(), in.boot_id);
}

json::value session_by_view(const service& in, const table_view& view, persistence::session_id id) {
    const auto found = std::ranges::find(view.live, id, &persistence::live_session::id);
    const auto live = found != view.live.end() ? in.sessions.find(id) : nullptr;
    return live ? json::value(session_json(*live, view)) : json::value();
}

}  // namespace

witnessed_change witness(persistence::session_table& table,
                         bool wanted,
                         const std::function<std::vector<item_result>(std::optional<table_view>& rehearsal)>& change) {
    witnessed_change seen;
    if (wanted) seen.before = view_with_discovered(table);
    std::optional<table_view> rehearsal;
    seen.items = change(rehearsal);
    if (wanted) seen.after = rehearsal ? std::move(*rehearsal) : view_with_discovered(table);
    return seen;
}

json::value object_named(const service& in, const table_view& view, const std::string& id) {
    if (const auto registration = persistence::parse_registration_id(id))
        return registration_named(in, view, *registration);
    if (const auto session = persistence::parse_session_id(id)) return session_by_view(in, view, *session);
    return nullptr;
}

}  // namespace persiscsi::daemon
