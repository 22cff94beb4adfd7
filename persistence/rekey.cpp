// SPDX-License-Identifier: Apache-2.0
// A new key for all secrets. The new key is on disk as "<key file>.next" before anything is sealed with it, one
// transaction seals everything anew, and only then does the new key take the old one's place: at every moment there is
// a key file for what is in the table. Which one is current, the rows themselves say.
#include "persistence/session_table.hpp"
#include "persistence/table_state.hpp"

#include <cerrno>
#include <cstdio>
#include <unistd.h>

namespace persiscsi::persistence {
namespace {

constexpr std::string_view operation = "renew key";

std::filesystem::path next_of(const table_state& state) {
    auto next = state.key_file;
    next += ".next";
    return next;
}

// Damaged rows count as well: they may be repaired.
bool seals_something(const table_state& state, const seal_key& key) {
    auto query = state.table.prepare(operation, "SELECT 1 FROM secrets WHERE key_id=?1");
    return query.bind(1, key.id()).step();
}

void put_in_place(const table_state& state) {
    const auto next = next_of(state);
    if (std::rename(next.c_str(), state.key_file.c_str()) != 0)
        throw system_failure(errno, operation, state.key_file.native());
    sync_directory(state.key_file.parent_path(), operation);
}

void drop_next(const table_state& state) {
    const auto next = next_of(state);
    if (unlink(next.c_str()) != 0 && errno != ENOENT) throw system_failure(errno, operation, next.native());
    sync_directory(state.key_file.parent_path(), operation);
}

// A key from elsewhere, such as a systemd credential, is renewed where it comes from.
void refuse_foreign_key(const table_state& state) {
    const auto directory = state.table.file().parent_path();
    if (state.key_file.parent_path() == directory) return;
    throw store_error(store_errc::misuse,
                      operation,
                      state.key_file.native(),
                      "the key is not kept in " + directory.native() + ": renew it where it comes from");
}

}  // namespace

std::optional<seal_key> current_key(const table_state& state) {
    auto next = seal_key::load(next_of(state));
    if (next && seals_something(state, *next)) return next;
    return seal_key::load(state.key_file);
}

void settle_keys(const table_state& state) {
    const auto next = seal_key::load(next_of(state));
    if (!next) return;
    if (seals_something(state, *next))
        put_in_place(state);
    else
        drop_next(state);
}

std::vector<resealed_secret> session_table::rekey(bool rehearsal) {
    auto& state = *state_;
    refuse_foreign_key(state);
    if (!rehearsal) settle_keys(state);
    const auto old = current_key(state);
    if (!old) throw store_error(store_errc::wrong_key, operation, state.key_file.native(), "the file is missing");
    if (!rehearsal) seal_key::create(next_of(state));
    const auto fresh = rehearsal ? old : seal_key::load(next_of(state));
    if (!fresh) throw store_error(store_errc::io, operation, next_of(state).native(), "it has gone");
    auto change = begin();
    std::vector<resealed_secret> all;
    for (auto& record : load_records<sealed_secret>(read_rows(state.table, operation, secrets_shape)).records) {
        try {
            const auto clear = open_seal(state, operation, record, old);
            all.push_back({record.shown.name, {}});
            record.key_id = fresh->id();
            record.sealed = fresh->seal(clear, seal_binding(record.shown));
        } catch (const store_error& error) {
            if (error.errc() != store_errc::wrong_key && error.errc() != store_errc::damaged) throw;
            all.push_back({record.shown.name, error.what()});
            continue;
        }
        if (!rehearsal) replace_row(state.table, operation, secrets_shape, to_row(record));
    }
    if (rehearsal) return all;
    change.commit();
    put_in_place(state);
    return all;
}

}  // namespace persiscsi::persistence
