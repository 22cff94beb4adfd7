// SPDX-License-Identifier: Apache-2.0
// disconnect, register, unregister and wait.
#include "daemon/api_failure.hpp"
#include "daemon/handlers.hpp"
#include "daemon/pass_thru.hpp"
#include "daemon/registration_jobs.hpp"
#include "daemon/replies.hpp"
#include "daemon/table_view.hpp"
#include "persistence/errors.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace asio = boost::asio;
namespace {

template <class Id>
json::value id_or_null(const std::optional<Id>& id) {
    return id ? json::value(to_string(*id)) : json::value();
}

void log_item(std::string_view request, const item_result& item) {
    spdlog::info("request={} id=\"{}\" result={} registration={}",
                 request,
                 item.result == "not_found" ? std::string("?") : item.id,
                 item.result,
                 item.registration ? to_string(*item.registration) : "-");
}

// One logout of several that go on at once.
struct logouts {
    std::size_t open = 0;
};

awaitable<void> log_out_one(service& in, kept session, item_result& item, std::shared_ptr<logouts> group) {
    item.message = co_await in.sessions.log_out(std::move(session));
    --group->open;
}

awaitable<void> log_out_forgotten(service& in, std::vector<item_result>& items) {
    const auto group = std::make_shared<logouts>();
    const auto here = co_await asio::this_coro::executor;
    for (auto& item : items) {
        const auto session = item.result == "disconnected" && item.session ? in.sessions.find(*item.session) : nullptr;
        if (!session) continue;
        ++group->open;
        asio::co_spawn(here, log_out_one(in, session, item, group), asio::detached);
    }
    while (group->open > 0) co_await in.sessions.next_change(deadline::max());
}

json::object disconnect_json(const item_result& item) {
    return {{"id", item.id},
            {"result", item.result},
            {"target", text_or_null(item.target)},
            {"registration_id", id_or_null(item.registration)},
            {"unregistered", item.unregistered},
            {"returns_because", text_or_null(item.returns_because)},
            {"message", text_or_null(item.message)}};
}

json::object register_json(const item_result& item) {
    return {{"id", item.id},
            {"result", item.result},
            {"target", text_or_null(item.target)},
            {"registration_id", id_or_null(item.registration)},
            {"before", text_or_null(item.before)},
            {"after", text_or_null(item.after)},
            {"message", text_or_null(item.message)}};
}

json::object unregister_json(const item_result& item, bool still_connected) {
    return {{"id", item.id},
            {"result", item.result},
            {"target", text_or_null(item.target)},
            {"session_id", id_or_null(item.session)},
            {"registration_id", id_or_null(item.registration)},
            {"before", text_or_null(item.before)},
            {"after", text_or_null(item.after)},
            {"session_still_connected", still_connected},
            {"returns_because", text_or_null(item.returns_because)},
            {"message", text_or_null(item.message)}};
}

// The objects that the items are about, in their order; nothing where they are not wanted.
std::vector<json::value> objects_of(const service& in,
                                    const witnessed_change& done,
                                    const table_view& view,
                                    bool wanted) {
    std::vector<json::value> objects;
    if (!wanted) return objects;
    for (const auto& item : done.items) objects.push_back(object_named(in, view, item.id));
    return objects;
}

// A registration that a rehearsal makes has no id yet.
void add_objects(json::array& results,
                 std::vector<json::value> before,
                 std::vector<json::value> after,
                 bool rehearsal) {
    for (std::size_t i = 0; i < before.size(); ++i) {
        auto* changed = after[i].if_object();
        if (rehearsal && changed != nullptr && changed->contains("registration_id"))
            (*changed)["registration_id"] = results[i].at("registration_id");
        auto& item = results[i].as_object();
        item["object_before"] = std::move(before[i]);
        item["object_after"] = std::move(after[i]);
    }
}

api_reply results_reply(json::array results) {
    api_reply reply;
    reply.body = json::object{{"results", std::move(results)}};
    return reply;
}

bool is_connected(const service& in, const item_result& item) {
    const auto session = item.session ? in.sessions.find(*item.session) : nullptr;
    return session && session->state() == session_state::logged_in;
}

// The sessions a wait request is about; ids of registrations stand for their sessions.
std::vector<kept> waited_for(const service& in, const table_view& view, const std::vector<std::string>& ids) {
    std::vector<kept> all;
    for (const auto& live : view.live)
        if (ids.empty() && live.registration)
            if (auto session = in.sessions.find(live.id)) all.push_back(std::move(session));
    for (const auto& id : ids) {
        const auto registration = persistence::parse_registration_id(id);
        const auto session = registration ? view.session_of(*registration) : persistence::parse_session_id(id);
        auto found = session ? in.sessions.find(*session) : nullptr;
        if (!found)
            throw api_failure(api_errc::not_found,
                              "wait for " + persistence::in_quotes(echoed(id)) + ": no such session");
        all.push_back(std::move(found));
    }
    return all;
}

// Empty: all are logged in. Else those that are not, as one line.
std::string missing(const service& in, const std::vector<kept>& sessions) {
    std::string names;
    for (const auto& session : sessions) {
        if (session->state() == session_state::logged_in) continue;
        const auto error = session->last_error();
        const auto what = to_string(session->id) + " (" + session->login.target + "): ";
        if (in.sessions.find(session->id) != session)
            throw api_failure(api_errc::not_found, "wait for " + what + "it was disconnected meanwhile");
        if (session->state() == session_state::failed)
            throw api_failure(api_errc::login_failed, "wait for " + what + (error.empty() ? "failed" : error));
        names += (names.empty() ? "" : ", ") + what + std::string(to_string(session->state()));
        if (!error.empty()) names += ", " + error;
    }
    return names;
}

}  // namespace

awaitable<api_reply> disconnect_sessions(service& in, api_request& request) {
    const auto wanted = parse_disconnect(request.body);
    auto done = co_await in.table.run([&wanted](auto& table) {
        return witness(
            table, wanted.pass_thru, [&](auto& rehearsal) { return forget_sessions(table, wanted, &rehearsal); });
    });
    auto before = objects_of(in, done, done.before, wanted.pass_thru);
    if (!wanted.dry_run) {
        for (const auto& item : done.items) log_item("disconnect", item);
        co_await log_out_forgotten(in, done.items);
    }
    json::array results;
    for (const auto& item : done.items) results.push_back(disconnect_json(item));
    add_objects(results, std::move(before), objects_of(in, done, done.after, wanted.pass_thru), wanted.dry_run);
    co_return results_reply(std::move(results));
}

awaitable<api_reply> post_register(service& in, api_request& request) {
    const auto wanted = parse_register(request.body);
    const auto done = co_await in.table.run([&wanted](auto& table) {
        return witness(
            table, wanted.pass_thru, [&](auto& rehearsal) { return register_sessions(table, wanted, &rehearsal); });
    });
    json::array results;
    for (const auto& item : done.items) {
        if (!wanted.dry_run) log_item("register", item);
        results.push_back(register_json(item));
    }
    add_objects(results,
                objects_of(in, done, done.before, wanted.pass_thru),
                objects_of(in, done, done.after, wanted.pass_thru),
                wanted.dry_run);
    co_return results_reply(std::move(results));
}

awaitable<api_reply> post_unregister(service& in, api_request& request) {
    const auto wanted = parse_unregister(request.body);
    const auto never_up = in.sessions.never_up();
    const auto done = co_await in.table.run([&wanted, &never_up](auto& table) {
        return witness(table, wanted.pass_thru, [&](auto& rehearsal) {
            return unregister_sessions(table, wanted, never_up, &rehearsal);
        });
    });
    auto before = objects_of(in, done, done.before, wanted.pass_thru);
    json::array results;
    for (const auto& item : done.items) {
        if (!wanted.dry_run) log_item("unregister", item);
        if (item.dropped && !wanted.dry_run) in.sessions.drop(*item.session);
        results.push_back(unregister_json(item, is_connected(in, item)));
    }
    add_objects(results, std::move(before), objects_of(in, done, done.after, wanted.pass_thru), wanted.dry_run);
    co_return results_reply(std::move(results));
}

awaitable<api_reply> wait_for_sessions(service& in, api_request& request) {
    const json_fields fields(request.body, "wait request");
    const auto ids = fields.texts("ids", max_items);
    if (fields.text("state", 32).value_or("logged_in") != "logged_in") fields.refuse("state", "is not logged_in");
    const auto view = co_await in.table.run(view_with_discovered);
    const auto sessions = waited_for(in, view, ids);
    for (auto names = missing(in, sessions); !names.empty(); names = missing(in, sessions)) {
        request.go_on_with("wait");
        if (request.is_abandoned()) throw api_failure(api_errc::timed_out, "wait: the client has gone");
        if (in.sessions.stopping()) throw api_failure(api_errc::busy, "wait: the daemon is stopping");
        if (!co_await in.sessions.next_change(request.until))
            throw api_failure(api_errc::timed_out, "wait: not logged in yet: " + names);
    }
    json::array all;
    for (const auto& session : sessions) all.push_back(session_json(*session, view));
    api_reply reply;
    reply.body = json::object{{"sessions", std::move(all)}};
    co_return reply;
}

}  // namespace persiscsi::daemon
