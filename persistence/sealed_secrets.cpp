// SPDX-License-Identifier: Apache-2.0
// Secrets out of their seal, and as they are.
#include "persistence/session_table.hpp"
#include "persistence/table_state.hpp"

namespace persiscsi::persistence {
namespace {

sealed_secret record_of(const sealed_copy& copy) {
    return {0, copy.shown, blob{copy.key_id}, blob{copy.sealed}};
}

}  // namespace

secret open_seal(const table_state& state,
                 std::string_view operation,
                 const sealed_secret& record,
                 const std::optional<seal_key>& key) {
    const auto name = in_quotes(record.shown.name);
    if (!key) throw store_error(store_errc::wrong_key, operation, name, state.key_file.native() + " is missing");
    if (key->id() != record.key_id) {
        throw store_error(
            store_errc::wrong_key, operation, name, "not sealed with the key in " + state.key_file.native());
    }
    auto value = key->unseal(record.sealed, seal_binding(record.shown));
    if (!value) throw store_error(store_errc::damaged, operation, name, "the seal is broken");
    return *std::move(value);
}

stored_secret session_table::load_secret(std::string_view name) const {
    constexpr std::string_view operation = "open secret";
    auto found =
        find_record<sealed_secret>(*state_, operation, secrets_shape, "name", std::string(name), in_quotes(name));
    if (!found) throw store_error(store_errc::not_found, operation, in_quotes(name));
    auto value = open_seal(*state_, operation, *found, current_key(*state_));
    return {std::move(found->shown.chap_name), std::move(value)};
}

std::vector<sealed_copy> session_table::sealed_secrets() const {
    std::vector<sealed_copy> out;
    for (auto& record : load_records<sealed_secret>(read_rows(state_->table, "read secrets", secrets_shape)).records) {
        out.push_back({std::move(record.shown), std::move(record.key_id.bytes), std::move(record.sealed.bytes)});
    }
    return out;
}

stored_secret session_table::open_sealed(const sealed_copy& copy) const {
    return {copy.shown.chap_name, open_seal(*state_, "open sealed secret", record_of(copy), current_key(*state_))};
}

void transaction::restore_secret(const sealed_copy& copy) {
    constexpr std::string_view operation = "restore secret";
    check_usable(operation);
    for (const auto& name : {copy.shown.name, copy.shown.chap_name}) {
        if (const auto fault = name_fault(name); !fault.empty()) {
            throw store_error(store_errc::misuse, operation, in_quotes(copy.shown.name), fault);
        }
    }
    const auto record = record_of(copy);
    static_cast<void>(open_seal(*state_, operation, record, current_key(*state_)));
    change_in_progress change(*state_);
    erase_rows(state_->table, operation, secrets_shape, "name", copy.shown.name);
    insert_row(state_->table, operation, secrets_shape, to_row(record));
    change.done();
}

}  // namespace persiscsi::persistence
