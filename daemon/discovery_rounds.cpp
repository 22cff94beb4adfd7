// SPDX-License-Identifier: Apache-2.0
#include "daemon/discovery_rounds.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/at_once.hpp"
#include "daemon/connect_jobs.hpp"
#include "daemon/item_results.hpp"
#include "daemon/portal_jobs.hpp"
#include "daemon/replies.hpp"
#include "daemon/service.hpp"
#include "persistence/errors.hpp"

#include <spdlog/spdlog.h>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

constexpr std::size_t most_at_once = 16;
constexpr std::chrono::seconds one_portal_limit{30};

struct round_result {
    std::string_view result;
    told_change told;
    std::string message;
};

struct stored_discovery {
    persistence::login_record login;
    login_secrets secrets;
};

std::optional<stored_discovery> find_discovery(persistence::session_table& table, const portal_address& portal) {
    for (auto& one : table.portals()) {
        if (!(portal_of(one.login) == portal)) continue;
        auto secrets = load_secrets(table, one.login);
        return stored_discovery{std::move(one.login), std::move(secrets)};
    }
    return std::nullopt;
}

awaitable<round_result> ask_one(service& in, const portal_address& portal, const api_request& request, bool dry_run) {
    std::string why;
    bool cancelled = false;
    try {
        request.go_on_with("ask " + to_string(portal));
        const auto stored = co_await in.table.run([&](auto& table) { return find_discovery(table, portal); });
        if (!stored) co_return round_result{"not_found", {}, "no such portal"};
        if (dry_run) co_return round_result{"refreshed", {}, ""};
        const auto limit = std::min(request.until, deadline::clock::now() + one_portal_limit);
        const auto told = co_await in.sessions.discover(stored->login, stored->secrets, limit, request.cancel);
        const auto change = co_await in.table.run([&](auto& table) { return record_told(table, portal, told); });
        co_return round_result{"refreshed", change, ""};
    } catch (const std::exception&) {
        const auto failed = current_failure();
        why = failed.what();
        cancelled = failed.code() == api_errc::cancelled;
    }
    if (cancelled) co_return round_result{"cancelled", {}, why};
    try {
        co_await in.table.run([&](auto& table) {
            auto change = table.begin();
            change.record_silence(portal.host, portal.port, why);
            change.commit();
            return true;
        });
    } catch (const std::exception&) {
        spdlog::error("portal={} not_recorded=\"{}\"", to_string(portal), current_failure().what());
    }
    co_return round_result{"failed", {}, why};
}

json::object round_json(const std::string& portal, const round_result& round) {
    json::object fields{{"portal", portal},
                        {"result", round.result},
                        {"places", nullptr},
                        {"appeared", nullptr},
                        {"gone", nullptr},
                        {"message", text_or_null(round.message)}};
    if (round.result != "refreshed") return fields;
    fields["places"] = round.told.places;
    fields["appeared"] = round.told.appeared;
    fields["gone"] = round.told.gone;
    return fields;
}

}  // namespace

awaitable<json::array> ask_portals(service& in,
                                   std::vector<std::string> portals,
                                   const api_request& request,
                                   bool dry_run) {
    std::vector<round_result> rounds(portals.size());
    co_await for_each_at_once(portals.size(), most_at_once, [&](std::size_t n) -> awaitable<void> {
        const auto portal = parse_portal_address(portals[n]);
        if (portal)
            rounds[n] = co_await ask_one(in, lowered(*portal), request, dry_run);
        else
            rounds[n] = {"not_found", {}, "no such portal"};
    });
    json::array results;
    for (std::size_t n = 0; n < portals.size(); ++n) {
        if (!dry_run)
            spdlog::info("request=refresh_portal portal={} result={}",
                         persistence::in_quotes(echoed(portals[n])),
                         rounds[n].result);
        results.push_back(round_json(echoed(portals[n]), rounds[n]));
    }
    co_return results;
}

awaitable<std::optional<std::vector<discovered_target>>> ask_new_portal(service& in,
                                                                        add_portal_request& wanted,
                                                                        const api_request& request) {
    const auto secrets = co_await in.table.run([&](auto& table) {
        check_tls_files(wanted.login);  // here, because no session waits for this thread
        return resolve_secrets(table, wanted);
    });
    if (!wanted.ask || wanted.dry_run) co_return std::nullopt;
    auto told = co_await in.sessions.discover(wanted.login, secrets, request.until, request.cancel);
    co_return std::move(told);
}

awaitable<void> settle_place(service& in, persistence::login_record& login) {
    if (!login.portal_host.empty()) co_return;
    const auto view = co_await in.table.run(view_discovery);
    const auto place = place_to_connect(view, login.target);
    if (!place)
        throw api_failure(api_errc::not_found,
                          "connect " + persistence::in_quotes(login.target) +
                              ": no discovery portal told of it; add one, or name its portal");
    login.portal_host = place->host;
    login.portal_port = place->port;
}

}  // namespace persiscsi::daemon
