// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect_jobs.hpp"

#include "daemon/api_failure.hpp"
#include "persistence/errors.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace persiscsi::daemon {
namespace {

using persistence::login_record;
using persistence::session_table;

planned_session plan_one(const session_table& table, persistence::session_id id, const login_record& login) {
    planned_session planned{id, login, {}, {}, {}, false};
    try {
        check_login(login);
        planned.secrets = load_secrets(table, login);
    } catch (const std::exception&) {
        planned.broken = current_failure().what();
    }
    return planned;
}

void plan_registrations(session_table& table, const std::vector<persistence::registration>& wanted, boot_plan& plan) {
    if (wanted.empty()) return;
    auto change = table.begin();
    for (const auto& registration : wanted) {
        auto planned = plan_one(table, random_session_id(), registration.login);
        try {
            change.add_live_session(planned.id, planned.login, registration.id);
        } catch (const persistence::store_error& error) {
            if (error.errc() != persistence::store_errc::not_found && error.errc() != persistence::store_errc::in_use)
                throw;
            plan.skipped.emplace_back(persistence::to_string(registration.id) + ": " + error.what());
            continue;
        }
        planned.created_at = persistence::time_now();
        plan.sessions.push_back(std::move(planned));
    }
    change.commit();
}

// The name of an automatic secret with the same content.
std::optional<std::string> find_equal(const session_table& table, const inline_secret& wanted) {
    for (const auto& row : table.secrets()) {
        if (!is_automatic_secret(row.name) || row.chap_name != wanted.chap_name) continue;
        if (table.load_secret(row.name).value == wanted.value) return row.name;
    }
    return std::nullopt;
}

persistence::stored_secret copy_of(const inline_secret& given) {
    return {given.chap_name, given.value};
}

std::optional<persistence::stored_secret> resolve(const session_table& table,
                                                  const std::optional<inline_secret>& given,
                                                  std::string& name) {
    if (given) {
        name = find_equal(table, *given).value_or("");
        return copy_of(*given);
    }
    if (name.empty()) return std::nullopt;
    return table.load_secret(name);
}

// Whether a registration asks for the login the request wants. The ISID is the registration's own affair, and who says
// nothing about owner and labels does not mind them.
bool asks_for(const login_record& registered, const login_record& wanted) {
    login_record same = wanted;
    same.isid = registered.isid;
    if (same.owner.empty()) same.owner = registered.owner;
    if (same.labels.empty()) same.labels = registered.labels;
    if (!same_name(same.target, registered.target) || !same_name(same.portal_host, registered.portal_host))
        return false;
    same.target = registered.target;
    same.portal_host = registered.portal_host;
    return same == registered;
}

std::string next_automatic_name(const session_table& table) {
    std::uint64_t last = 0;
    for (const auto& row : table.secrets()) {
        std::uint64_t number = 0;
        if (!is_automatic_secret(row.name)) continue;
        std::from_chars(row.name.data() + 5, row.name.data() + row.name.size(), number);
        last = std::max(last, number);
    }
    return "auto-" + std::to_string(last + 1);
}

bool is_free(const session_table& table, persistence::registration_id id) {
    return table.find_registration(id) && !table.session_of(id);
}

}  // namespace

login_secrets load_secrets(const session_table& table, const login_record& login) {
    login_secrets loaded;
    if (!login.chap_secret.empty()) loaded.chap = table.load_secret(login.chap_secret);
    if (!login.mutual_secret.empty()) loaded.mutual = table.load_secret(login.mutual_secret);
    return loaded;
}

boot_plan plan_boot(session_table& table, std::string_view boot_id) {
    const auto report = table.begin_boot(boot_id);
    boot_plan plan;
    plan.same_boot = report.same_boot;
    plan.forgotten = report.forgotten;
    for (const auto& live : report.to_resume) {
        auto planned = plan_one(table, live.id, live.login);
        planned.created_at = live.created_at;
        planned.resumed = true;
        plan.sessions.push_back(std::move(planned));
    }
    plan_registrations(table, report.to_connect, plan);
    return plan;
}

std::vector<foreseen_session> foresee_boot(const session_table& table) {
    std::vector<foreseen_session> all;
    for (auto& registration : table.foresee_reboot().to_connect) {
        auto planned = plan_one(table, {}, registration.login);
        all.push_back({std::move(registration), std::move(planned)});
    }
    return all;
}

login_secrets resolve_secrets(const session_table& table, login_request& request) {
    login_secrets secrets;
    secrets.chap = resolve(table, request.chap, request.login.chap_secret);
    secrets.mutual = resolve(table, request.mutual, request.login.mutual_secret);
    return secrets;
}

std::string keep_secret(session_table& table, persistence::transaction& change, const inline_secret& given) {
    if (auto found = find_equal(table, given)) return std::move(*found);
    auto name = next_automatic_name(table);
    change.put_secret(name, given.chap_name, given.value);
    return name;
}

void keep_secrets(session_table& table, persistence::transaction& change, login_request& request) {
    if (request.chap) request.login.chap_secret = keep_secret(table, change, *request.chap);
    if (request.mutual) request.login.mutual_secret = keep_secret(table, change, *request.mutual);
}

prepared_connect prepare_connect(session_table& table,
                                 connect_request& request,
                                 const std::vector<persistence::session_id>& replaced) {
    prepared_connect prepared;
    prepared.secrets = resolve_secrets(table, request);
    const bool unknown_yet =
        (request.chap && request.login.chap_secret.empty()) || (request.mutual && request.login.mutual_secret.empty());
    if (unknown_yet) return prepared;
    for (auto& registration : table.registrations_of(request.login.target)) {
        const auto session = table.session_of(registration.id);
        const bool fulfilled = session && std::ranges::find(replaced, *session) == replaced.end();
        if (!fulfilled && asks_for(registration.login, request.login))
            prepared.orphans.push_back(std::move(registration));
    }
    return prepared;
}

void record_sessions(session_table& table,
                     connect_request& request,
                     std::vector<new_session>& sessions,
                     const std::vector<persistence::session_id>& replaced) {
    auto change = table.begin();
    for (const auto id : replaced) change.remove_live_session(id);
    keep_secrets(table, change, request);
    for (auto& session : sessions) {
        session.login.chap_secret = request.login.chap_secret;
        session.login.mutual_secret = request.login.mutual_secret;
        auto registration = session.claimed;
        if (registration && !is_free(table, *registration)) registration.reset();
        if (!registration && request.register_them) registration = change.add_registration(session.login);
        change.add_live_session(session.id, session.login, registration);
    }
    drop_unused_secrets(table, change);
    change.commit();
}

void drop_unused_secrets(session_table& table, persistence::transaction& change) {
    for (const auto& row : table.secrets()) {
        if (!is_automatic_secret(row.name)) continue;
        try {
            change.remove_secret(row.name);
        } catch (const persistence::store_error& error) {
            if (error.errc() != persistence::store_errc::in_use) throw;
        }
    }
}

}  // namespace persiscsi::daemon
