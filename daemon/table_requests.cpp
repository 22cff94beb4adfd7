// SPDX-License-Identifier: Apache-2.0
// Backup and restore of the table.
#include "daemon/handlers.hpp"
#include "daemon/json_fields.hpp"
#include "daemon/replies.hpp"
#include "daemon/table_jobs.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

json::object imported_json(const imported_item& one) {
    const auto& item = one.item;
    return {{"kind", one.kind},
            {"id", item.id},
            {"result", item.result},
            {"registration_id", item.registration ? json::value(to_string(*item.registration)) : json::value()},
            {"message", text_or_null(item.message)}};
}

}  // namespace

awaitable<api_reply> get_table(service& in, api_request&) {
    const auto copy = co_await in.table.run(copy_table);
    api_reply reply;
    reply.body = document_json(copy);
    co_return reply;
}

awaitable<api_reply> import_into_table(service& in, api_request& request) {
    const auto wanted = parse_import(request.body);
    request.body = nullptr;
    const auto items = co_await in.table.run([&](auto& table) { return import_table(table, wanted); });
    const auto bad = std::ranges::count_if(items, [](const auto& one) { return is_bad(one.item); });
    spdlog::info("request=import_table items={} bad={} dry_run={}", items.size(), bad, wanted.dry_run);
    json::array all;
    for (const auto& one : items) all.push_back(imported_json(one));
    api_reply reply;
    reply.body = json::object{{"results", std::move(all)}};
    co_return reply;
}

awaitable<api_reply> renew_key(service& in, api_request& request) {
    const bool dry_run = json_fields(request.body, "rekey request").flag("dry_run");
    const auto secrets = co_await in.table.run([&](auto& table) { return table.rekey(dry_run); });
    json::array all;
    for (const auto& one : secrets) {
        if (!one.reason.empty()) spdlog::warn("secret={} not_resealed=\"{}\"", one.name, one.reason);
        all.push_back(json::object{{"name", one.name},
                                   {"result", one.reason.empty() ? "resealed" : "failed"},
                                   {"message", text_or_null(one.reason)}});
    }
    if (!dry_run) spdlog::info("request=rekey secrets={}", secrets.size());
    api_reply reply;
    reply.body = json::object{{"results", std::move(all)}};
    co_return reply;
}

}  // namespace persiscsi::daemon
