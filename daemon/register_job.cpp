// SPDX-License-Identifier: Apache-2.0
#include "daemon/names.hpp"
#include "daemon/registration_jobs.hpp"

#include <algorithm>

namespace persiscsi::daemon {
namespace {

using persistence::login_record;
using persistence::session_table;
using persistence::transaction;

std::int64_t registrations_of(const session_table& table, const login_record& login) {
    return std::ranges::count_if(table.registrations_of(login.target),
                                 [&](const auto& one) { return same_place(one.login, login); });
}

// A registration that nobody fulfils, and that asks for exactly this login.
std::optional<persistence::registration_id> orphan_for(const session_table& table, const login_record& login) {
    for (const auto& one : table.registrations_of(login.target))
        if (one.login == login && !table.session_of(one.id)) return one.id;
    return std::nullopt;
}

// Siblings beyond the one that the session fulfils: each a session of its own after the next reboot.
std::int64_t add_siblings(session_table& table, transaction& change, const login_record& login, std::int64_t wanted) {
    std::int64_t added = 0;
    if (wanted == 1) return added;
    for (auto have = registrations_of(table, login); have < wanted; ++have, ++added) {
        auto sibling = login;
        sibling.isid = random_isid();
        change.add_registration(sibling);
    }
    return added;
}

item_result register_one(session_table& table,
                         transaction& change,
                         const std::string& id,
                         const register_request& how) {
    const auto session = persistence::parse_session_id(id);
    const auto live = session ? table.find_live_session(*session) : std::nullopt;
    if (!live) return item_not_found(id, "session");
    item_result item{.id = echoed(id), .result = "already_registered", .session = session};
    item.target = live->login.target;
    item.registration = live->registration;
    item.before = live->registration ? "registered" : "not_registered";
    item.after = "registered";
    if (!item.registration) {
        item.result = "registered";
        item.registration = orphan_for(table, live->login);
        if (!item.registration) item.registration = change.add_registration(live->login);
        change.bind(*session, item.registration);
    }
    const auto siblings = add_siblings(table, change, live->login, how.sessions);
    if (siblings > 0) {
        item.result = "registered";
        item.message = std::to_string(siblings) + " more of the same target";
    }
    if (how.dry_run && !live->registration) item.registration.reset();
    return item;
}

}  // namespace

std::vector<item_result> register_sessions(session_table& table,
                                           const register_request& request,
                                           std::optional<table_view>* rehearsal) {
    auto change = table.begin();
    std::vector<item_result> items;
    for (const auto& id : request.ids)
        items.push_back(guarded(id, [&] { return register_one(table, change, id, request); }));
    finish(table, std::move(change), items, {request.atomic, request.dry_run, "failed", rehearsal});
    return items;
}

}  // namespace persiscsi::daemon
