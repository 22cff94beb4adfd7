// SPDX-License-Identifier: Apache-2.0
#include "persistence/session_table.hpp"
#include "persistence/table_state.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi::persistence {
namespace {

void check_login(const table_state& state, std::string_view operation, const login_record& login) {
    if (const auto fault = login_fault(login); !fault.empty()) {
        throw store_error(store_errc::misuse, operation, in_quotes(login.target), fault);
    }
    check_secrets(state, operation, in_quotes(login.target), login);
}

// The registration exists and no other session fulfils it.
void check_free(const table_state& state, std::string_view operation, session_id id, registration_id wanted) {
    auto exists = state.table.prepare(operation, "SELECT 1 FROM registrations WHERE id=?1");
    if (!exists.bind(1, wanted.value).step()) {
        throw store_error(store_errc::not_found, operation, to_string(id), "no registration " + to_string(wanted));
    }
    const auto bound = load_records<stored_session>(
        read_rows(state.table, operation, live_sessions_shape, "registration", wanted.value));
    for (const auto& other : bound.records) {
        if (other.session.id == id) continue;
        throw store_error(store_errc::in_use,
                          operation,
                          to_string(id),
                          to_string(wanted) + " belongs to session " + to_string(other.session.id));
    }
}

// False: there is no intact row of that id.
bool note_disconnected(const table_state& state,
                       std::string_view operation,
                       registration_id id,
                       const std::string& boot_id) {
    auto found =
        load_records<registration>(read_rows(state.table, operation, registrations_shape, "id", id.value)).records;
    if (found.empty()) return false;
    if (found.front().disconnected_in == boot_id) return true;
    found.front().disconnected_in = boot_id;
    replace_row(state.table, operation, registrations_shape, to_row(found.front()));
    return true;
}

// Damaged rows refer to a secret as well as healthy ones: they may be repaired.
std::vector<std::string> users_of(const table_state& state, std::string_view operation, std::string_view name) {
    std::vector<std::string> users;
    auto by_registration = state.table.prepare(
        operation, "SELECT id FROM registrations WHERE chap_secret=?1 OR mutual_secret=?1 ORDER BY id");
    by_registration.bind(1, std::string(name));
    while (by_registration.step()) {
        const auto id = by_registration.column(0);
        if (const auto* number = std::get_if<std::int64_t>(&id)) users.push_back(to_string(registration_id{*number}));
    }
    auto by_portal = state.table.prepare(operation,
                                         "SELECT CAST(portal_host AS TEXT) FROM portals WHERE chap_secret=?1 OR "
                                         "mutual_secret=?1 ORDER BY number");
    by_portal.bind(1, std::string(name));
    while (by_portal.step()) {
        const auto host = by_portal.column(0);
        if (const auto* text = std::get_if<std::string>(&host)) users.push_back("portal " + *text);
    }
    auto by_session = state.table.prepare(
        operation,
        "SELECT CAST(id AS TEXT) FROM live_sessions WHERE chap_secret=?1 OR mutual_secret=?1 ORDER BY number");
    by_session.bind(1, std::string(name));
    while (by_session.step()) {
        const auto id = by_session.column(0);
        if (const auto* text = std::get_if<std::string>(&id)) users.push_back("session " + *text);
    }
    return users;
}

std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 5;
    std::string out;
    for (std::size_t index = 0; index < std::min(names.size(), shown); ++index) {
        if (index != 0) out += ", ";
        out += names[index];
    }
    if (names.size() > shown) out += " and " + std::to_string(names.size() - shown) + " more";
    return out;
}

seal_key key_for_sealing(const table_state& state, std::string_view operation, std::string_view name) {
    auto key = current_key(state);
    if (key) return *std::move(key);
    throw store_error(store_errc::wrong_key, operation, in_quotes(name), state.key_file.native() + " is missing");
}

}  // namespace

transaction::transaction(table_state& state) : state_(&state) {
    constexpr std::string_view operation = "begin transaction";
    if (state.transaction_open) throw store_error(store_errc::misuse, operation, {}, "another one is open");
    state.table.execute(operation, "BEGIN IMMEDIATE");
    state.transaction_open = true;
    state.half_written = false;
}

transaction::transaction(transaction&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

transaction::~transaction() {
    if (state_ == nullptr) return;
    state_->transaction_open = false;
    if (!state_->table.in_transaction()) return;
    try {
        state_->table.execute("roll back", "ROLLBACK");
    } catch (const std::exception&) {
        return;  // a journal that cannot be played back now is played back by the next access
    }
}

void transaction::check_usable(std::string_view operation) const {
    if (state_ == nullptr) throw store_error(store_errc::misuse, operation, {}, "the transaction is over");
    if (!state_->half_written && state_->table.in_transaction()) return;
    throw store_error(store_errc::misuse, operation, {}, "an earlier change of the transaction failed: roll it back");
}

registration_id transaction::add_registration(const login_record& login, std::optional<timestamp> created_at) {
    constexpr std::string_view operation = "add registration";
    check_usable(operation);
    check_login(*state_, operation, login);
    change_in_progress change(*state_);
    const registration fresh{registration_id{}, login, created_at.value_or(time_now()), {}};
    const auto number = insert_row(state_->table, operation, registrations_shape, to_row(fresh));
    change.done();
    return registration_id{number};
}

bool transaction::remove_registration(registration_id id) {
    constexpr std::string_view operation = "remove registration";
    check_usable(operation);
    change_in_progress change(*state_);
    const auto removed = erase_rows(state_->table, operation, registrations_shape, "id", id.value);
    const auto bound = load_records<stored_session>(
        read_rows(state_->table, operation, live_sessions_shape, "registration", id.value));
    for (auto stored : bound.records) {
        stored.session.registration.reset();
        replace_row(state_->table, operation, live_sessions_shape, to_row(stored));
    }
    change.done();
    return removed != 0;
}

bool transaction::leave_disconnected(registration_id id) {
    constexpr std::string_view operation = "leave registration disconnected";
    check_usable(operation);
    if (state_->boot_id.empty()) throw store_error(store_errc::misuse, operation, to_string(id), "no boot has begun");
    change_in_progress change(*state_);
    const bool noted = note_disconnected(*state_, operation, id, state_->boot_id);
    change.done();
    return noted;
}

void transaction::add_live_session(session_id id,
                                   const login_record& login,
                                   std::optional<registration_id> registration) {
    constexpr std::string_view operation = "add live session";
    check_usable(operation);
    if (state_->boot_id.empty()) throw store_error(store_errc::misuse, operation, to_string(id), "no boot has begun");
    check_login(*state_, operation, login);
    if (!read_rows(state_->table, operation, live_sessions_shape, "id", to_string(id)).empty()) {
        throw store_error(store_errc::already_exists, operation, to_string(id));
    }
    if (registration) check_free(*state_, operation, id, *registration);
    change_in_progress change(*state_);
    insert_row(state_->table,
               operation,
               live_sessions_shape,
               to_row(stored_session{0, {id, login, registration, state_->boot_id, time_now()}}));
    if (registration) note_disconnected(*state_, operation, *registration, {});
    change.done();
}

bool transaction::remove_live_session(session_id id) {
    constexpr std::string_view operation = "remove live session";
    check_usable(operation);
    change_in_progress change(*state_);
    const auto removed = erase_rows(state_->table, operation, live_sessions_shape, "id", to_string(id));
    change.done();
    return removed != 0;
}

void transaction::bind(session_id id, std::optional<registration_id> registration) {
    constexpr std::string_view operation = "bind session";
    check_usable(operation);
    auto found =
        find_record<stored_session>(*state_, operation, live_sessions_shape, "id", to_string(id), to_string(id));
    if (!found) throw store_error(store_errc::not_found, operation, to_string(id));
    if (registration) check_free(*state_, operation, id, *registration);
    found->session.registration = registration;
    change_in_progress change(*state_);
    replace_row(state_->table, operation, live_sessions_shape, to_row(*found));
    if (registration) note_disconnected(*state_, operation, *registration, {});
    change.done();
}

void transaction::put_secret(std::string_view name, std::string_view chap_name, const secret& value) {
    constexpr std::string_view operation = "store secret";
    check_usable(operation);
    if (const auto fault = name_fault(name); !fault.empty()) {
        throw store_error(store_errc::misuse, operation, in_quotes(name), fault);
    }
    if (const auto fault = name_fault(chap_name); !fault.empty()) {
        throw store_error(store_errc::misuse, operation, in_quotes(name), "CHAP " + fault);
    }
    if (value.empty() || value.size() > max_secret_bytes) {
        throw store_error(store_errc::misuse,
                          operation,
                          in_quotes(name),
                          "the value has " + std::to_string(value.size()) + " bytes, 1 to " +
                              std::to_string(max_secret_bytes) + " expected");
    }
    const auto key = key_for_sealing(*state_, operation, name);
    const secret_row shown{std::string(name), std::string(chap_name), time_now()};
    const sealed_secret record{0, shown, key.id(), key.seal(value, seal_binding(shown))};
    change_in_progress change(*state_);
    erase_rows(state_->table, operation, secrets_shape, "name", shown.name);
    insert_row(state_->table, operation, secrets_shape, to_row(record));
    change.done();
}

bool transaction::remove_secret(std::string_view name) {
    constexpr std::string_view operation = "remove secret";
    check_usable(operation);
    if (const auto users = users_of(*state_, operation, name); !users.empty()) {
        throw store_error(store_errc::in_use, operation, in_quotes(name), "by " + listed(users));
    }
    change_in_progress change(*state_);
    const auto removed = erase_rows(state_->table, operation, secrets_shape, "name", std::string(name));
    change.done();
    return removed != 0;
}

void transaction::commit() {
    constexpr std::string_view operation = "commit";
    check_usable(operation);
    state_->table.execute(operation, "COMMIT");
    std::exchange(state_, nullptr)->transaction_open = false;
}

}  // namespace persiscsi::persistence
