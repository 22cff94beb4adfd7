// SPDX-License-Identifier: Apache-2.0
// Rows with a checksum: what every table of the schema is made of.
#pragma once

#include "persistence/database.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace persiscsi::persistence {

using row = std::vector<sql_value>;

struct table_shape {
    std::string_view name;
    std::vector<std::string_view> columns;  // without the checksum; the first is the INTEGER PRIMARY KEY
};

struct checked_row {
    std::int64_t number{};  // the primary key, which stays readable when the rest is damaged
    row values;
    bool intact{};
};

// All rows, or those whose `column` equals `value`, by primary key.
std::vector<checked_row> read_rows(const database& table, std::string_view operation, const table_shape& shape);
std::vector<checked_row> read_rows(const database& table,
                                   std::string_view operation,
                                   const table_shape& shape,
                                   std::string_view column,
                                   const sql_value& value);

// SQLite chooses the primary key, whatever values[0] holds; answers it. Inside a transaction only: it takes two writes.
std::int64_t insert_row(const database& table, std::string_view operation, const table_shape& shape, row values);
// Writes every column of the row with the primary key values[0].
void replace_row(const database& table, std::string_view operation, const table_shape& shape, const row& values);
// How many rows went.
std::int64_t erase_rows(const database& table,
                        std::string_view operation,
                        const table_shape& shape,
                        std::string_view column,
                        const sql_value& value);

}  // namespace persiscsi::persistence
