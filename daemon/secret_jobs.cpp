// SPDX-License-Identifier: Apache-2.0
#include "daemon/secret_jobs.hpp"

#include "daemon/item_results.hpp"
#include "persistence/errors.hpp"

namespace persiscsi::daemon {
namespace {

using persistence::session_table;
using persistence::store_errc;

bool refers_to(const persistence::login_record& login, const std::string& name) {
    return login.chap_secret == name || login.mutual_secret == name;
}

secret_result remove_one(persistence::transaction& change, const std::string& name) {
    if (!is_secret_name(name)) return {echoed(name), "not_found", "no such secret"};
    try {
        if (change.remove_secret(name)) return {name, "removed", ""};
        return {name, "not_found", "no such secret"};
    } catch (const persistence::store_error& error) {
        if (error.errc() != store_errc::in_use) throw;
        return {name, "refused", error.what()};
    }
}

}  // namespace

std::vector<listed_secret> list_secrets(const session_table& table) {
    const auto registrations = table.registrations();
    const auto live = table.live_sessions();
    const auto portals = table.portals();
    std::vector<listed_secret> all;
    for (auto& row : table.secrets()) {
        listed_secret one{row, {}};
        for (const auto& registration : registrations)
            if (refers_to(registration.login, row.name)) one.used_by.push_back(to_string(registration.id));
        for (const auto& session : live)
            if (refers_to(session.login, row.name)) one.used_by.push_back(to_string(session.id));
        for (const auto& portal : portals)
            if (refers_to(portal.login, row.name)) one.used_by.push_back(to_string(portal_of(portal.login)));
        all.push_back(std::move(one));
    }
    return all;
}

bool put_secret(session_table& table, std::string_view name, const inline_secret& given) {
    auto change = table.begin();
    bool existed = false;
    for (const auto& row : table.secrets()) existed = existed || row.name == name;
    change.put_secret(name, given.chap_name, given.value);
    change.commit();
    return existed;
}

std::vector<secret_result> remove_secrets(session_table& table, const remove_secrets_request& request) {
    auto change = table.begin();
    std::vector<secret_result> results;
    for (const auto& name : request.names) results.push_back(remove_one(change, name));
    if (!request.dry_run) change.commit();
    return results;
}

}  // namespace persiscsi::daemon
