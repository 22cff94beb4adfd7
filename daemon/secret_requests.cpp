// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_failure.hpp"
#include "daemon/handlers.hpp"
#include "daemon/replies.hpp"
#include "persistence/errors.hpp"

#include <spdlog/spdlog.h>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

// Sessions that could not log in so far are tried again at once with the new secret.
awaitable<void> renew_users(service& in, std::string name) {
    std::vector<kept> users;
    for (const auto& [id, session] : in.sessions.all())
        if (session->login.chap_secret == name || session->login.mutual_secret == name) users.push_back(session);
    for (const auto& session : users) {
        try {
            const auto secrets =
                co_await in.table.run([&](auto& table) { return load_secrets(table, session->login); });
            in.sessions.renew(session, secrets);
        } catch (const persistence::store_error& error) {
            spdlog::error("session={} not_renewed=\"{}\"", to_string(session->id), error.what());
        }
    }
}

}  // namespace

awaitable<api_reply> get_secrets(service& in, api_request&) {
    const auto secrets = co_await in.table.run(list_secrets);
    json::array all;
    for (const auto& secret : secrets) all.push_back(secret_json(secret));
    api_reply reply;
    reply.body = json::object{{"secrets", std::move(all)}};
    co_return reply;
}

awaitable<api_reply> put_one_secret(service& in, api_request& request) {
    const auto& name = request.arguments.at(0);
    const auto given = parse_secret(request.body, "secret");
    if (!is_secret_name(name) || is_automatic_secret(name))
        throw api_failure(api_errc::bad_request,
                          "store secret " + persistence::in_quotes(name) +
                              ": a name is 1 to 128 letters, digits, '.', '_', '-' or '@', and not auto-<number>");
    const bool existed = co_await in.table.run([&](auto& table) { return put_secret(table, name, given); });
    spdlog::info("request=store_secret name={} result={}", name, existed ? "replaced" : "created");
    co_await renew_users(in, name);
    api_reply reply;
    reply.body = json::object{{"name", name}, {"result", existed ? "replaced" : "created"}};
    co_return reply;
}

awaitable<api_reply> delete_secrets(service& in, api_request& request) {
    const auto wanted = parse_remove_secrets(request.body);
    const auto results = co_await in.table.run([&](auto& table) { return remove_secrets(table, wanted); });
    json::array all;
    for (const auto& one : results) {
        if (!wanted.dry_run && one.result == "removed") spdlog::info("request=remove_secret name={}", one.name);
        all.push_back(json::object{{"name", one.name}, {"result", one.result}, {"message", text_or_null(one.message)}});
    }
    api_reply reply;
    reply.body = json::object{{"results", std::move(all)}};
    co_return reply;
}

}  // namespace persiscsi::daemon
