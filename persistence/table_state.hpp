// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "persistence/errors.hpp"
#include "persistence/files.hpp"
#include "persistence/login_rules.hpp"
#include "persistence/look_up_index.hpp"
#include "persistence/record_rows.hpp"
#include "persistence/schema.hpp"
#include "persistence/seal_key.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::persistence {

// What session_table and its transaction share.
class table_state {
  public:
    table_state(const std::filesystem::path& state_dir, std::filesystem::path sealing_key, const std::string& vfs)
        : lock(state_dir), key_file(std::move(sealing_key)), table(open_database(state_dir / "sessions.db", vfs)) {
        make_look_up_indexes(table);
    }

    directory_lock lock;  // outlives the database
    std::filesystem::path key_file;
    database table;
    std::string boot_id;  // of begin_boot(); empty before it
    bool transaction_open = false;
    bool half_written = false;  // a change failed between its writes: the transaction may only be rolled back
};

// The rows of one table as records: the good ones, and what is wrong with the others.
template <class Record>
struct loaded {
    std::vector<Record> records;
    std::vector<checked_row> damaged;
    std::vector<std::string> reasons;  // of `damaged`, in its order
};

template <class Record>
loaded<Record> load_records(const std::vector<checked_row>& rows) {
    loaded<Record> out;
    for (const auto& found : rows) {
        try {
            if (!found.intact) throw row_fault{"checksum does not match"};
            Record record;
            from_row(found.values, record);
            out.records.push_back(std::move(record));
        } catch (const row_fault& fault) {
            out.damaged.push_back(found);
            out.reasons.push_back(fault.reason);
        }
    }
    return out;
}

// The one record whose `column` is `value`; damaged when only damaged rows are.
template <class Record>
std::optional<Record> find_record(const table_state& state,
                                  std::string_view operation,
                                  const table_shape& shape,
                                  std::string_view column,
                                  const sql_value& value,
                                  std::string_view shown) {
    auto found = load_records<Record>(read_rows(state.table, operation, shape, column, value));
    if (!found.records.empty()) return std::move(found.records.front());
    if (found.damaged.empty()) return std::nullopt;
    throw store_error(store_errc::damaged,
                      operation,
                      shown,
                      "row " + std::to_string(found.damaged.front().number) + " of " + std::string(shape.name) + ": " +
                          found.reasons.front());
}

// Between the first and the last write of one change. Left by an exception, it spoils the transaction: what stands in
// it is half a change, or nothing at all because SQLite has rolled back by itself.
class change_in_progress {
  public:
    explicit change_in_progress(table_state& state) : state_(state) { state_.half_written = true; }
    void done() { state_.half_written = false; }

  private:
    table_state& state_;
};

// not_found: a secret the login names does not exist.
inline void check_secrets(const table_state& state,
                          std::string_view operation,
                          std::string_view shown,
                          const login_record& login) {
    for (const auto& name : {login.chap_secret, login.mutual_secret}) {
        if (name.empty()) continue;
        auto query = state.table.prepare(operation, "SELECT 1 FROM secrets WHERE name=?1");
        if (!query.bind(1, name).step())
            throw store_error(store_errc::not_found, operation, shown, "no secret " + in_quotes(name));
    }
}

// The key that new secrets are sealed with. nullopt: the file is missing.
std::optional<seal_key> current_key(const table_state& state);
// Finishes a change of the key that was cut off, or takes it back. Only where no commit of it can be in doubt.
void settle_keys(const table_state& state);

// Its clear value. wrong_key: the key is missing or another; damaged.
secret open_seal(const table_state& state,
                 std::string_view operation,
                 const sealed_secret& record,
                 const std::optional<seal_key>& key);

// What a sealed secret is bound to: its row cannot be given another name or CHAP name, nor be swapped with another.
inline std::string seal_binding(const secret_row& shown) {
    return "persiscsi secret " + pack_pairs({{shown.name, shown.chap_name}});
}

}  // namespace persiscsi::persistence
