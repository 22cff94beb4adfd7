// SPDX-License-Identifier: Apache-2.0
#include "daemon/portal_jobs.hpp"

#include "daemon/connect_jobs.hpp"
#include "daemon/item_results.hpp"

#include <algorithm>
#include <set>

namespace persiscsi::daemon {
namespace {

using persistence::discovered_place;
using persistence::discovery_portal;
using persistence::session_table;

bool is_of(const discovered_place& seen, const discovery_portal& portal) {
    return seen.portal_port == portal.login.portal_port && seen.portal_host == portal.login.portal_host;
}

bool same_portal(const persistence::login_record& login, const portal_address& portal) {
    return login.portal_port == portal.port && same_name(login.portal_host, portal.host);
}

std::vector<persistence::target_place> places_in(const std::vector<discovered_target>& told) {
    std::vector<persistence::target_place> places;
    for (const auto& target : told)
        for (const auto& at : target.portals)
            places.push_back({lowered(target.name), at.address.host, at.address.port, at.portal_group_tag});
    return places;
}

// Secrets under automatic names are the same secret by their content, which resolve_secrets() has looked up.
bool asks_alike(const session_table& table, const login_request& request) {
    const bool new_secret =
        (request.chap && request.login.chap_secret.empty()) || (request.mutual && request.login.mutual_secret.empty());
    return !new_secret &&
           std::ranges::any_of(table.portals(), [&](const auto& portal) { return portal.login == request.login; });
}

using place_set = std::set<persistence::target_place>;

// The places of the portal's last answer.
place_set told_last(session_table& table, const portal_address& portal) {
    const auto view = view_discovery(table);
    place_set places;
    for (const auto& seen : view.places)
        if (seen.portal_port == portal.port && seen.portal_host == portal.host && !view.is_stale(seen))
            places.insert(seen.place);
    return places;
}

std::size_t missing_in(const place_set& all, const place_set& from) {
    return static_cast<std::size_t>(std::ranges::count_if(from, [&](const auto& one) { return !all.contains(one); }));
}

removed_portal remove_one(const session_table& table, persistence::transaction& change, const std::string& name) {
    removed_portal item;
    item.portal = echoed(name);
    item.result = "not_found";
    const auto parsed = parse_portal_address(name);
    if (!parsed) return item;
    const auto portal = lowered(*parsed);
    if (!change.remove_portal(portal.host, portal.port)) return item;
    item.result = "removed";
    for (const auto& session : table.live_sessions())
        if (same_portal(session.login, portal)) item.sessions.push_back(to_string(session.id));
    for (const auto& registration : table.registrations())
        if (same_portal(registration.login, portal)) item.registrations.push_back(to_string(registration.id));
    return item;
}

}  // namespace

bool discovery_view::is_stale(const discovered_place& seen) const {
    const auto portal = std::ranges::find_if(portals, [&](const auto& one) { return is_of(seen, one); });
    return portal == portals.end() || seen.last_seen < portal->answered_at;
}

std::size_t discovery_view::places_of(const discovery_portal& portal) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(places, [&](const auto& seen) { return is_of(seen, portal) && !is_stale(seen); }));
}

discovery_view view_discovery(session_table& table) {
    return {table.portals(), table.places()};
}

std::optional<portal_address> place_to_connect(const discovery_view& view, std::string_view target) {
    const discovered_place* best = nullptr;
    for (const auto& seen : view.places) {
        if (!same_name(seen.place.target, target)) continue;
        if (best == nullptr || (view.is_stale(*best) && !view.is_stale(seen))) best = &seen;
    }
    if (best == nullptr) return std::nullopt;
    return portal_address{best->place.host, best->place.port};
}

std::string_view store_portal(session_table& table,
                              add_portal_request& request,
                              const std::optional<std::vector<discovered_target>>& told) {
    const bool unchanged = asks_alike(table, request);
    auto change = table.begin();
    keep_secrets(table, change, request);
    const bool created = change.put_portal(request.login);
    if (told) change.record_answer(request.login.portal_host, request.login.portal_port, places_in(*told));
    drop_unused_secrets(table, change);
    if (!request.dry_run) change.commit();
    return created ? "created" : unchanged ? "unchanged" : "replaced";
}

told_change record_told(session_table& table,
                        const portal_address& portal,
                        const std::vector<discovered_target>& told) {
    const auto before = told_last(table, portal);
    auto change = table.begin();
    change.record_answer(portal.host, portal.port, places_in(told));
    change.commit();
    const auto after = told_last(table, portal);
    return {after.size(), missing_in(before, after), missing_in(after, before)};
}

std::vector<removed_portal> remove_portals(session_table& table, const portals_request& request) {
    auto names = request.portals;
    if (request.all)
        for (const auto& portal : table.portals()) names.push_back(to_string(portal_of(portal.login)));
    auto change = table.begin();
    std::vector<removed_portal> items;
    for (const auto& name : names) items.push_back(remove_one(table, change, name));
    drop_unused_secrets(table, change);
    if (!request.dry_run) change.commit();
    return items;
}

}  // namespace persiscsi::daemon
