// SPDX-License-Identifier: Apache-2.0
#include "persistence/look_up_index.hpp"

#include <algorithm>
#include <iterator>

namespace persiscsi::persistence {
namespace {

struct index_row {
    std::string_view table;
    std::string_view key;
    std::string_view column;
    std::string_view type;  // as in the schema, so that values compare as there

    [[nodiscard]] std::string name() const { return "find_" + std::string(table) + "_" + std::string(column); }
};

constexpr index_row indexes[] = {
    {"live_sessions", "number", "id", "TEXT"},
    {"live_sessions", "number", "registration", "INTEGER"},
    {"registrations", "id", "target", "TEXT COLLATE NOCASE"},
};

// Replaces each <word> in `sql` by what the row has for it.
std::string filled_in(std::string sql, const index_row& row) {
    const std::pair<std::string_view, std::string> words[] = {{"<index>", row.name()},
                                                              {"<table>", std::string(row.table)},
                                                              {"<key>", std::string(row.key)},
                                                              {"<column>", std::string(row.column)},
                                                              {"<type>", std::string(row.type)}};
    for (const auto& [word, meaning] : words)
        for (auto at = sql.find(word); at != std::string::npos; at = sql.find(word, at + meaning.size()))
            sql.replace(at, word.size(), meaning);
    return sql;
}

constexpr const char* creation = R"sql(
CREATE TEMP TABLE <index> (number INTEGER PRIMARY KEY, value <type>);
CREATE INDEX temp.<index>_values ON <index> (value);
INSERT INTO <index> SELECT <key>, <column> FROM main.<table>;
CREATE TEMP TRIGGER <index>_insert AFTER INSERT ON main.<table>
    BEGIN INSERT INTO <index> VALUES (NEW.<key>, NEW.<column>); END;
CREATE TEMP TRIGGER <index>_update AFTER UPDATE OF <column> ON main.<table>
    BEGIN UPDATE <index> SET value = NEW.<column> WHERE number = NEW.<key>; END;
CREATE TEMP TRIGGER <index>_delete AFTER DELETE ON main.<table>
    BEGIN DELETE FROM <index> WHERE number = OLD.<key>; END;
)sql";

}  // namespace

void make_look_up_indexes(const database& table) {
    for (const auto& row : indexes) table.execute("index session table", filled_in(creation, row));
}

std::string where_equal(std::string_view table, std::string_view key, std::string_view column) {
    const auto found = std::ranges::find_if(
        indexes, [&](const auto& row) { return row.table == table && row.key == key && row.column == column; });
    if (found == std::end(indexes)) return " WHERE " + std::string(column) + "=?1";
    return filled_in(" WHERE <key> IN (SELECT number FROM temp.<index> WHERE value=?1)", *found);
}

}  // namespace persiscsi::persistence
