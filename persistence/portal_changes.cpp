// SPDX-License-Identifier: Apache-2.0
// What a transaction does to discovery portals and to what they told of.
#include "persistence/session_table.hpp"
#include "persistence/table_state.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

namespace persiscsi::persistence {
namespace {

std::string shown(std::string_view host, std::uint16_t port) {
    return in_quotes(host) + " port " + std::to_string(port);
}

std::optional<stored_portal> find_portal(const table_state& state,
                                         std::string_view operation,
                                         std::string_view host,
                                         std::uint16_t port) {
    const auto rows = read_rows(state.table, operation, portals_shape, "portal_host", std::string(host));
    for (auto& found : load_records<stored_portal>(rows).records)
        if (found.portal.login.portal_port == port) return std::move(found);
    return std::nullopt;
}

std::vector<stored_place> places_of(const table_state& state,
                                    std::string_view operation,
                                    std::string_view host,
                                    std::uint16_t port) {
    auto found =
        load_records<stored_place>(read_rows(state.table, operation, places_shape, "portal_host", std::string(host)))
            .records;
    std::erase_if(found, [port](const auto& one) { return one.seen.portal_port != port; });
    return found;
}

// All rows of that portal, damaged ones too. How many went.
std::int64_t erase_of_portal(const table_state& state,
                             std::string_view operation,
                             const table_shape& shape,
                             std::string_view host,
                             std::uint16_t port) {
    auto removal = state.table.prepare(
        operation, "DELETE FROM " + std::string(shape.name) + " WHERE portal_host=?1 AND portal_port=?2");
    removal.bind(1, std::string(host)).bind(2, std::int64_t{port}).run();
    return state.table.changed_rows();
}

// The rows of a portal's places, by what makes them different from each other.
using place_key = std::tuple<std::string, std::string, std::uint16_t>;
using known_places = std::map<place_key, stored_place>;

place_key key_of(const target_place& place) {
    return {place.target, place.host, place.port};
}

known_places by_place(std::vector<stored_place> rows) {
    known_places known;
    for (auto& one : rows) known.emplace(key_of(one.seen.place), std::move(one));
    return known;
}

void erase_oldest(const table_state& state, std::string_view operation, const known_places& gone) {
    if (gone.size() <= max_places_gone) return;
    std::vector<const stored_place*> rows;
    for (const auto& [key, one] : gone) rows.push_back(&one);
    std::ranges::sort(rows, {}, [](const auto* one) { return one->seen.last_seen; });
    rows.resize(gone.size() - max_places_gone);
    for (const auto* one : rows) erase_rows(state.table, operation, places_shape, "number", one->number);
}

}  // namespace

bool transaction::put_portal(const login_record& discovery) {
    constexpr std::string_view operation = "store portal";
    check_usable(operation);
    const auto& host = discovery.portal_host;
    const auto at = shown(host, discovery.portal_port);
    if (const auto fault = portal_fault(discovery); !fault.empty())
        throw store_error(store_errc::misuse, operation, at, fault);
    check_secrets(*state_, operation, at, discovery);
    auto known = find_portal(*state_, operation, host, discovery.portal_port);
    change_in_progress change(*state_);
    if (known) {
        known->portal.login = discovery;
        replace_row(state_->table, operation, portals_shape, to_row(*known));
    } else {
        insert_row(state_->table, operation, portals_shape, to_row(stored_portal{0, {discovery, time_now(), {}, {}}}));
    }
    change.done();
    return !known;
}

bool transaction::remove_portal(std::string_view host, std::uint16_t port) {
    constexpr std::string_view operation = "remove portal";
    check_usable(operation);
    change_in_progress change(*state_);
    const auto removed = erase_of_portal(*state_, operation, portals_shape, host, port);
    erase_of_portal(*state_, operation, places_shape, host, port);
    change.done();
    return removed != 0;
}

void transaction::record_answer(std::string_view host, std::uint16_t port, const std::vector<target_place>& told) {
    constexpr std::string_view operation = "record discovery";
    check_usable(operation);
    if (told.size() > max_places)
        throw store_error(store_errc::misuse,
                          operation,
                          shown(host, port),
                          std::to_string(told.size()) + " places, at most " + std::to_string(max_places));
    for (const auto& place : told)
        if (const auto fault = place_fault(place); !fault.empty())
            throw store_error(store_errc::misuse, operation, shown(host, port), fault);
    auto portal = find_portal(*state_, operation, host, port);
    if (!portal) throw store_error(store_errc::not_found, operation, shown(host, port));
    const auto now = time_now();
    auto known = by_place(places_of(*state_, operation, host, port));
    std::set<place_key> written;
    change_in_progress change(*state_);
    for (const auto& place : told) {
        if (!written.insert(key_of(place)).second) continue;
        const auto found = known.find(key_of(place));
        if (found == known.end()) {
            const stored_place fresh{0, {place, std::string(host), port, now, now}};
            insert_row(state_->table, operation, places_shape, to_row(fresh));
            continue;
        }
        found->second.seen.place = place;
        found->second.seen.last_seen = now;
        replace_row(state_->table, operation, places_shape, to_row(found->second));
        known.erase(found);
    }
    erase_oldest(*state_, operation, known);
    portal->portal.answered_at = now;
    portal->portal.last_error.clear();
    replace_row(state_->table, operation, portals_shape, to_row(*portal));
    change.done();
}

bool transaction::record_silence(std::string_view host, std::uint16_t port, std::string_view why) {
    constexpr std::string_view operation = "record discovery";
    check_usable(operation);
    auto portal = find_portal(*state_, operation, host, port);
    if (!portal) return false;
    portal->portal.last_error = why.substr(0, max_text_bytes);
    change_in_progress change(*state_);
    replace_row(state_->table, operation, portals_shape, to_row(*portal));
    change.done();
    return true;
}

}  // namespace persiscsi::persistence
