// SPDX-License-Identifier: Apache-2.0
#include "daemon/table_jobs.hpp"

#include "daemon/connect_jobs.hpp"
#include "persistence/errors.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace persiscsi::daemon {
namespace {

using persistence::login_record;
using persistence::session_table;
using persistence::store_errc;

bool concerns_one_item(store_errc code) {
    return code == store_errc::wrong_key || code == store_errc::damaged || code == store_errc::not_found ||
           code == store_errc::misuse;
}

bool same_initiator_port(const login_record& a, const login_record& b) {
    return a.isid == b.isid && same_name(a.target, b.target) && same_name(a.initiator_name, b.initiator_name);
}

// One import under way: what is there, and what became of the secrets so far.
class import_run {
  public:
    import_run(session_table& table, const import_request& request);

    item_result take(const document_item<persistence::sealed_copy>& given);
    item_result take(const document_item<login_record>& given);
    item_result take(const document_item<stored_registration>& given);

    persistence::transaction change;

  private:
    item_result guarded(const std::string& id, const std::string& fault, const std::function<void(item_result&)>& act);
    void add_secret(const persistence::sealed_copy& copy, item_result& item);
    bool same_secret(const persistence::sealed_copy& copy, const persistence::stored_secret& opened) const;
    std::string_view replaceable(item_result& item, std::string_view what) const;
    login_record with_secrets_as_kept(login_record login) const;

    session_table& table_;
    bool replace_;
    std::set<std::string> names_;                 // of the secrets that are there
    std::map<std::string, std::string> kept_as_;  // automatic secrets: their name here
    std::map<std::string, std::string> lost_;     // secrets that could not be restored, and why
    std::vector<persistence::discovery_portal> portals_;
    std::multimap<std::uint64_t, persistence::registration> by_isid_;
    std::multimap<std::uint64_t, persistence::live_session> loose_by_isid_;  // sessions without a registration
};

import_run::import_run(session_table& table, const import_request& request)
    : change(table.begin()), table_(table), replace_(request.replace), portals_(table.portals()) {
    for (auto& row : table.secrets()) names_.insert(std::move(row.name));
    for (auto& one : table.registrations()) by_isid_.emplace(one.login.isid, std::move(one));
    for (auto& one : table.live_sessions())
        if (!one.registration) loose_by_isid_.emplace(one.login.isid, std::move(one));
}

item_result import_run::guarded(const std::string& id,
                                const std::string& fault,
                                const std::function<void(item_result&)>& act) {
    item_result item{.id = id, .result = "failed", .message = fault};
    if (!fault.empty()) return item;
    try {
        act(item);
    } catch (const persistence::store_error& error) {
        if (!concerns_one_item(error.errc())) throw;
        item.result = "failed";
        item.message = error.what();
    }
    return item;
}

// What becomes of an item that is there and differs.
std::string_view import_run::replaceable(item_result& item, std::string_view what) const {
    if (replace_) return "replaced";
    item.message = std::string(what) + " of this name is there and differs; --replace replaces it";
    return "refused";
}

bool import_run::same_secret(const persistence::sealed_copy& copy, const persistence::stored_secret& opened) const {
    try {
        const auto mine = table_.load_secret(copy.shown.name);
        return mine.chap_name == opened.chap_name && mine.value == opened.value;
    } catch (const persistence::store_error& error) {
        if (!concerns_one_item(error.errc())) throw;
        return false;
    }
}

void import_run::add_secret(const persistence::sealed_copy& copy, item_result& item) {
    const auto opened = table_.open_sealed(copy);
    const auto& name = copy.shown.name;
    if (is_automatic_secret(name)) {
        kept_as_[name] = keep_secret(table_, change, {opened.chap_name, opened.value});
        item.result = names_.insert(kept_as_[name]).second ? "created" : "unchanged";
        return;
    }
    item.result = "created";
    if (names_.contains(name)) item.result = same_secret(copy, opened) ? "unchanged" : replaceable(item, "a secret");
    if (item.result == "created" || item.result == "replaced") change.restore_secret(copy);
    names_.insert(name);
}

item_result import_run::take(const document_item<persistence::sealed_copy>& given) {
    auto item = guarded(given.id, given.fault, [&](item_result& to) { add_secret(given.value, to); });
    if (item.result == "failed") lost_[given.id] = item.message;
    return item;
}

login_record import_run::with_secrets_as_kept(login_record login) const {
    for (auto* name : {&login.chap_secret, &login.mutual_secret}) {
        if (const auto lost = lost_.find(*name); lost != lost_.end())
            throw persistence::store_error(store_errc::not_found,
                                           "find the secret " + lost->first + " of",
                                           login.target.empty() ? to_string(portal_of(login)) : login.target,
                                           lost->second);
        if (const auto kept = kept_as_.find(*name); kept != kept_as_.end()) *name = kept->second;
    }
    return login;
}

item_result import_run::take(const document_item<login_record>& given) {
    return guarded(given.id, given.fault, [&](item_result& item) {
        const auto login = with_secrets_as_kept(given.value);
        const auto found = std::ranges::find_if(portals_, [&](const auto& one) {
            return one.login.portal_host == login.portal_host && one.login.portal_port == login.portal_port;
        });
        item.result = "created";
        if (found != portals_.end()) item.result = found->login == login ? "unchanged" : replaceable(item, "a portal");
        if (item.result == "created" || item.result == "replaced") static_cast<void>(change.put_portal(login));
    });
}

item_result import_run::take(const document_item<stored_registration>& given) {
    return guarded(given.id, given.fault, [&](item_result& item) {
        auto login = with_secrets_as_kept(given.value.login);
        item.target = login.target;
        item.result = "refused";
        for (auto [one, end] = by_isid_.equal_range(login.isid); one != end; ++one) {
            const auto& there = one->second;
            if (!same_initiator_port(there.login, login)) continue;
            item.registration = there.id;
            if (there.login == login)
                item.result = "unchanged";
            else
                item.message = to_string(there.id) + " has this ISID with another login";
            return;
        }
        for (auto [one, end] = loose_by_isid_.equal_range(login.isid); one != end; ++one) {
            if (!same_initiator_port(one->second.login, login)) continue;
            item.message = "session " + to_string(one->second.id) + " has this ISID: session register keeps it";
            return;
        }
        const auto id = change.add_registration(login, given.value.created_at);
        by_isid_.emplace(login.isid, persistence::registration{id, login, {}, {}});
        item.registration = id;
        item.result = "created";
    });
}

template <class Items>
void take_all(import_run& run,
              std::string_view kind,
              const Items& given,
              std::vector<item_result>& items,
              std::vector<std::string_view>& kinds) {
    for (const auto& one : given) {
        items.push_back(run.take(one));
        kinds.push_back(kind);
    }
}

}  // namespace

table_copy copy_table(const session_table& table) {
    return {table.sealed_secrets(), table.portals(), table.registrations()};
}

std::vector<imported_item> import_table(session_table& table, const import_request& request) {
    std::vector<item_result> items;
    std::vector<std::string_view> kinds;
    import_run run(table, request);
    take_all(run, "secret", request.secrets, items, kinds);
    take_all(run, "portal", request.portals, items, kinds);
    take_all(run, "registration", request.registrations, items, kinds);
    finish(table, std::move(run.change), items, {.atomic = request.atomic, .dry_run = request.dry_run});
    std::vector<imported_item> all;
    for (std::size_t index = 0; index < items.size(); ++index) {
        auto& item = items[index];
        if (item.result == "failed" || (item.result == "created" && request.dry_run)) item.registration.reset();
        all.push_back({kinds[index], std::move(item)});
    }
    return all;
}

}  // namespace persiscsi::daemon
