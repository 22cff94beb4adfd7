// SPDX-License-Identifier: Apache-2.0
// Targets: those that were discovered, and those that sessions and registrations go to.
#include "daemon/api_failure.hpp"
#include "daemon/discovery_rounds.hpp"
#include "daemon/handlers.hpp"
#include "daemon/json_fields.hpp"
#include "daemon/list_filter.hpp"
#include "daemon/portal_jobs.hpp"
#include "daemon/replies.hpp"
#include "daemon/table_view.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

struct known_place {
    std::optional<std::uint16_t> portal_group_tag;
    std::set<std::string> told_by;
    persistence::timestamp last_seen{};
    bool stale = true;
};

struct known_target {
    std::map<std::string, known_place> places;  // by address
    persistence::timestamp first_seen{};        // 1970: never discovered
    persistence::timestamp last_seen{};
    std::vector<std::string> sessions;
    std::vector<std::string> registrations;
    bool connected = false;
};

using known_targets = std::map<std::string, known_target>;

void add_seen(known_targets& all, const persistence::discovered_place& seen, bool stale) {
    auto& target = all[seen.place.target];
    auto& place = target.places[to_string(portal_address{seen.place.host, seen.place.port})];
    place.portal_group_tag = seen.place.portal_group_tag;
    place.told_by.insert(to_string(portal_address{seen.portal_host, seen.portal_port}));
    place.last_seen = std::max(place.last_seen, seen.last_seen);
    place.stale = place.stale && stale;
    const bool first = target.first_seen == persistence::timestamp{};
    target.first_seen = first ? seen.first_seen : std::min(target.first_seen, seen.first_seen);
    target.last_seen = std::max(target.last_seen, seen.last_seen);
}

// Nobody told of it, somebody uses it.
known_target& used(known_targets& all, const persistence::login_record& login) {
    auto& target = all[lowered(login.target)];
    target.places[to_string(lowered(portal_of(login)))];
    return target;
}

known_targets gather(const service& in, const discovery_view& discovery, const table_view& view) {
    known_targets all;
    for (const auto& seen : discovery.places) add_seen(all, seen, discovery.is_stale(seen));
    for (const auto& [id, session] : in.sessions.all()) {
        auto& target = used(all, session->login);
        target.sessions.push_back(to_string(id));
        target.connected = target.connected || session->state() == session_state::logged_in;
    }
    for (const auto& registration : view.registrations)
        used(all, registration.login).registrations.push_back(to_string(registration.id));
    return all;
}

json::value time_or_null(persistence::timestamp when) {
    return when == persistence::timestamp{} ? json::value() : json::value(time_text(when));
}

json::object place_json(const std::string& address, const known_place& place) {
    const bool told = !place.told_by.empty();
    return {{"address", address},
            {"portal_group_tag", place.portal_group_tag ? json::value(*place.portal_group_tag) : json::value()},
            {"discovered_by", texts_json(place.told_by)},
            {"last_seen", time_or_null(place.last_seen)},
            {"stale", told && place.stale}};
}

json::object target_json(const std::string& name, const known_target& target) {
    json::array portals;
    bool told = false;
    bool stale = true;
    for (const auto& [address, place] : target.places) {
        portals.push_back(place_json(address, place));
        told = told || !place.told_by.empty();
        stale = stale && (place.told_by.empty() || place.stale);
    }
    return {{"target", name},
            {"portals", std::move(portals)},
            {"first_seen", time_or_null(target.first_seen)},
            {"last_seen", time_or_null(target.last_seen)},
            {"stale", told && stale},
            {"is_connected", target.connected},
            {"sessions", texts_json(target.sessions)},
            {"registrations", texts_json(target.registrations)},
            {"node_address", name}};
}

}  // namespace

awaitable<api_reply> list_targets(service& in, api_request& request) {
    std::set<std::string> wanted;
    for (const auto& [key, value] : request.target.query)
        if (key == "target")
            wanted.insert(lowered(value));
        else
            refuse_filter(key);
    const auto discovery = co_await in.table.run(view_discovery);
    const auto view = co_await in.table.run(view_table);
    json::array all;
    for (const auto& [name, target] : gather(in, discovery, view))
        if (wanted.empty() || wanted.contains(name)) all.push_back(target_json(name, target));
    api_reply reply;
    reply.body = json::object{{"targets", std::move(all)}};
    co_return reply;
}

awaitable<api_reply> refresh_targets(service& in, api_request& request) {
    const json_fields fields(request.body, "refresh targets request");
    const auto wanted = fields.texts("targets", max_items);
    const bool all = fields.flag("all");
    if (all != wanted.empty())
        fields.refuse("targets", all ? "cannot be combined with all" : "is missing, and \"all\" is not said");
    const auto view = co_await in.table.run(view_discovery);
    std::set<std::string> portals;
    json::array unknown;
    for (const auto& name : wanted) {
        bool told = false;
        for (const auto& seen : view.places) {
            if (!same_name(seen.place.target, name)) continue;
            portals.insert(to_string(portal_address{seen.portal_host, seen.portal_port}));
            told = true;
        }
        if (!told)
            unknown.push_back(json::object{{"target", name.substr(0, max_iscsi_name)},
                                           {"result", "not_found"},
                                           {"message", "no portal told of it"}});
    }
    if (all)
        for (const auto& portal : view.portals) portals.insert(to_string(portal_of(portal.login)));
    auto results = co_await ask_portals(in, {portals.begin(), portals.end()}, request, fields.flag("dry_run"));
    for (auto& one : unknown) results.push_back(std::move(one));
    api_reply reply;
    reply.body = json::object{{"results", std::move(results)}};
    co_return reply;
}

}  // namespace persiscsi::daemon
