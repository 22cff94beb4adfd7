// SPDX-License-Identifier: Apache-2.0
#include "daemon/names.hpp"
#include "daemon/registration_jobs.hpp"
#include "persistence/errors.hpp"

#include <algorithm>
#include <map>

namespace persiscsi::daemon {
namespace {

using persistence::registration_id;
using persistence::session_id;
using persistence::session_table;
using persistence::transaction;

// One unregister request under way.
class unregister_job {
  public:
    unregister_job(session_table& table, const unregister_request& request, const std::set<session_id>& never_up)
        : table_(table), request_(request), never_up_(never_up), change_(table.begin()) {}

    std::vector<item_result> run(std::optional<table_view>* rehearsal) {
        std::vector<item_result> items;
        for (const auto& id : selected()) items.push_back(guarded(id, [&] { return unregister_one(id); }));
        name_siblings(items);
        finish(table_, std::move(change_), items, {request_.atomic, request_.dry_run, "refused", rehearsal});
        return items;
    }

  private:
    std::vector<std::string> selected() const;
    bool is_selected(const persistence::registration& registration) const;
    item_result unregister_one(const std::string& id);
    item_result unregister_session(const std::string& id, session_id session);
    item_result unregister_registration(const std::string& id, registration_id registration);
    void remove(item_result& item, registration_id registration);
    void name_siblings(std::vector<item_result>& items) const;

    session_table& table_;
    const unregister_request& request_;
    const std::set<session_id>& never_up_;
    transaction change_;
    std::map<registration_id, item_result> done_;  // removed by this request
};

bool unregister_job::is_selected(const persistence::registration& registration) const {
    if (request_.target && !same_name(*request_.target, registration.login.target)) return false;
    if (request_.portal && (request_.portal->port != registration.login.portal_port ||
                            !same_name(request_.portal->host, registration.login.portal_host)))
        return false;
    return !request_.orphans || !table_.session_of(registration.id);
}

std::vector<std::string> unregister_job::selected() const {
    if (!request_.ids.empty()) return request_.ids;
    std::vector<std::string> ids;
    for (const auto& registration : table_.registrations())
        if (is_selected(registration)) ids.push_back(to_string(registration.id));
    return ids;
}

item_result unregister_job::unregister_one(const std::string& id) {
    if (const auto registration = persistence::parse_registration_id(id))
        return unregister_registration(id, *registration);
    if (const auto session = persistence::parse_session_id(id)) return unregister_session(id, *session);
    return item_not_found(id, "session or registration");
}

item_result unregister_job::unregister_session(const std::string& id, session_id session) {
    const auto by_session = [&](const auto& entry) { return entry.second.session == session; };
    if (const auto earlier = std::ranges::find_if(done_, by_session); earlier != done_.end()) {
        auto item = earlier->second;
        item.id = echoed(id);
        return item;
    }
    const auto live = table_.find_live_session(session);
    if (!live) return item_not_found(id, "session");
    item_result item{.id = echoed(id), .result = "unregistered", .session = session};
    item.target = live->login.target;
    if (live->registration) {
        remove(item, *live->registration);
        return item;
    }
    item.before = item.after = "not_registered";
    item.result = request_.strict ? "refused" : "not_registered";
    item.message = request_.strict ? "not registered, and strict was asked for" : "not registered already";
    return item;
}

item_result unregister_job::unregister_registration(const std::string& id, registration_id registration) {
    if (const auto earlier = done_.find(registration); earlier != done_.end()) {
        auto item = earlier->second;
        item.id = echoed(id);
        return item;
    }
    item_result item{.id = echoed(id), .result = "unregistered"};
    try {
        const auto found = table_.find_registration(registration);
        if (!found) return item_not_found(id, "registration");
        item.target = found->login.target;
    } catch (const persistence::store_error& error) {
        if (error.errc() != persistence::store_errc::damaged) throw;
        item.before = "damaged";
    }
    item.session = table_.session_of(registration);
    remove(item, registration);
    return item;
}

void unregister_job::remove(item_result& item, registration_id registration) {
    if (item.before.empty()) item.before = "registered";
    item.after = "not_registered";
    item.registration = registration;
    change_.remove_registration(registration);
    if (item.session && never_up_.contains(*item.session)) {
        change_.remove_live_session(*item.session);
        item.dropped = true;
    }
    done_.emplace(registration, item);
}

// What else brings a session to the same target after a reboot.
void unregister_job::name_siblings(std::vector<item_result>& items) const {
    for (auto& item : items) {
        if (item.target.empty()) continue;
        std::string names;
        for (const auto& other : table_.registrations_of(item.target))
            names += (names.empty() ? "" : ", ") + to_string(other.id);
        if (!names.empty()) item.returns_because = "the same target is also registered as " + names;
    }
}

}  // namespace

std::vector<item_result> unregister_sessions(session_table& table,
                                             const unregister_request& request,
                                             const std::set<session_id>& never_up,
                                             std::optional<table_view>* rehearsal) {
    return unregister_job(table, request, never_up).run(rehearsal);
}

}  // namespace persiscsi::daemon
