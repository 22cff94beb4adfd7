// SPDX-License-Identifier: Apache-2.0
// Discovery portals: list, add, refresh, remove.
#include "daemon/api_failure.hpp"
#include "daemon/discovery_rounds.hpp"
#include "daemon/handlers.hpp"
#include "daemon/list_filter.hpp"
#include "daemon/portal_jobs.hpp"
#include "daemon/replies.hpp"

#include <spdlog/spdlog.h>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

json::object removed_json(const removed_portal& item) {
    return {{"portal", item.portal},
            {"result", item.result},
            {"sessions", texts_json(item.sessions)},
            {"registrations", texts_json(item.registrations)},
            {"message", item.result == "removed" ? json::value() : json::value("no such portal")}};
}

}  // namespace

awaitable<api_reply> list_portals(service& in, api_request& request) {
    for (const auto& [name, value] : request.target.query) refuse_filter(name);
    const auto view = co_await in.table.run(view_discovery);
    json::array all;
    for (const auto& portal : view.portals) all.push_back(portal_json(portal, view.places_of(portal)));
    api_reply reply;
    reply.body = json::object{{"portals", std::move(all)}};
    co_return reply;
}

awaitable<api_reply> add_portal(service& in, api_request& request) {
    auto wanted = parse_add_portal(request.body, in.initiator_name);
    check_discovery(with_unnamed_secrets(wanted));
    const auto told = co_await ask_new_portal(in, wanted, request);
    const auto result = co_await in.table.run([&](auto& table) { return store_portal(table, wanted, told); });
    const auto name = to_string(portal_of(wanted.login));
    if (!wanted.dry_run) spdlog::info("request=add_portal portal={} result={}", name, result);
    api_reply reply;
    reply.body = json::object{{"portal", name},
                              {"result", result},
                              {"targets", told ? targets_json(*told) : json::value()},
                              {"dry_run", wanted.dry_run}};
    co_return reply;
}

awaitable<api_reply> refresh_portals(service& in, api_request& request) {
    const auto wanted = parse_portals(request.body, "refresh portals request");
    const auto view = co_await in.table.run(view_discovery);
    auto names = wanted.portals;
    if (wanted.all)
        for (const auto& portal : view.portals) names.push_back(to_string(portal_of(portal.login)));
    auto results = co_await ask_portals(in, std::move(names), request, wanted.dry_run);
    api_reply reply;
    reply.body = json::object{{"results", std::move(results)}};
    co_return reply;
}

awaitable<api_reply> remove_portals(service& in, api_request& request) {
    const auto wanted = parse_portals(request.body, "remove portals request");
    const auto items = co_await in.table.run([&](auto& table) { return remove_portals(table, wanted); });
    json::array results;
    for (const auto& item : items) {
        if (!wanted.dry_run && item.result == "removed") spdlog::info("request=remove_portal portal={}", item.portal);
        results.push_back(removed_json(item));
    }
    api_reply reply;
    reply.body = json::object{{"results", std::move(results)}};
    co_return reply;
}

}  // namespace persiscsi::daemon
