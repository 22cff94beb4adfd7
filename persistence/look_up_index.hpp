// SPDX-License-Identifier: Apache-2.0
// Finds rows by a value without reading all of them. The file has no index, so that a damaged row stays the damage of
// one row (schema.hpp); these are temporary tables in memory, kept in step by triggers, rolled back with what they
// follow. They say where to look only: what is found there is read from the file, and checked.
#pragma once

#include "persistence/database.hpp"

#include <string>
#include <string_view>

namespace persiscsi::persistence {

// Once for each connection, after the migrations.
void make_look_up_indexes(const database& table);

// "<column> = ?1" in SQL, by an index where there is one. `key` is the table's INTEGER PRIMARY KEY.
std::string where_equal(std::string_view table, std::string_view key, std::string_view column);

}  // namespace persiscsi::persistence
