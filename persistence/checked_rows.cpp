// SPDX-License-Identifier: Apache-2.0
#include "persistence/checked_rows.hpp"

#include "persistence/look_up_index.hpp"

#include <openssl/evp.h>

#include <array>
#include <new>
#include <string>

namespace persiscsi::persistence {
namespace {

void append_number(std::string& out, std::uint64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>((number >> shift) & 0xffU);
}

void append_text(std::string& out, char type, std::string_view text) {
    out += type;
    append_number(out, text.size());
    out += text;
}

struct append_value {
    std::string& out;
    void operator()(std::monostate) const { out += 'n'; }
    void operator()(std::int64_t number) const {
        out += 'i';
        append_number(out, static_cast<std::uint64_t>(number));
    }
    void operator()(const std::string& text) const { append_text(out, 't', text); }
    void operator()(const blob& raw) const { append_text(out, 'b', raw.bytes); }
};

// Type and length before each value: no two different rows have the same bytes.
blob checksum_of(const table_shape& shape, const row& values) {
    std::string bytes;
    append_text(bytes, 't', shape.name);
    for (const auto& value : values) std::visit(append_value{bytes}, value);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        throw std::bad_alloc();
    return blob{{digest.begin(), digest.begin() + size}};
}

std::string selection(const table_shape& shape) {
    std::string sql = "SELECT ";
    for (const auto column : shape.columns) (sql += column) += ", ";
    (sql += "checksum FROM ") += shape.name;
    return sql;
}

std::string condition(const table_shape& shape, std::string_view column) {
    return where_equal(shape.name, shape.columns.front(), column);
}

std::string order(const table_shape& shape) {
    return " ORDER BY " + std::string(shape.columns.front());
}

checked_row row_under(const statement& query, const table_shape& shape) {
    checked_row out;
    const int last = query.column_count() - 1;
    for (int index = 0; index < last; ++index) out.values.push_back(query.column(index));
    if (const auto* number = std::get_if<std::int64_t>(&out.values.front())) out.number = *number;
    out.intact = query.column(last) == sql_value(checksum_of(shape, out.values));
    return out;
}

std::vector<checked_row> all_rows(statement query, const table_shape& shape) {
    std::vector<checked_row> rows;
    while (query.step()) rows.push_back(row_under(query, shape));
    return rows;
}

}  // namespace

std::vector<checked_row> read_rows(const database& table, std::string_view operation, const table_shape& shape) {
    return all_rows(table.prepare(operation, selection(shape) + order(shape)), shape);
}

std::vector<checked_row> read_rows(const database& table,
                                   std::string_view operation,
                                   const table_shape& shape,
                                   std::string_view column,
                                   const sql_value& value) {
    auto query = table.prepare(operation, selection(shape) + condition(shape, column) + order(shape));
    query.bind(1, value);
    return all_rows(std::move(query), shape);
}

std::int64_t insert_row(const database& table, std::string_view operation, const table_shape& shape, row values) {
    table.prepare(operation, "INSERT INTO " + std::string(shape.name) + " DEFAULT VALUES").run();
    const auto number = table.last_rowid();
    values.front() = number;  // the checksum covers it
    replace_row(table, operation, shape, values);
    return number;
}

void replace_row(const database& table, std::string_view operation, const table_shape& shape, const row& values) {
    std::string sql = "UPDATE " + std::string(shape.name) + " SET ";
    for (std::size_t index = 1; index < values.size(); ++index) {
        ((sql += shape.columns[index]) += "=?") += std::to_string(index + 1) + ", ";
    }
    sql += "checksum=?" + std::to_string(values.size() + 1) + " WHERE " + std::string(shape.columns.front()) + "=?1";
    auto update = table.prepare(operation, sql);
    int position = 0;
    for (const auto& value : values) update.bind(++position, value);
    update.bind(++position, checksum_of(shape, values)).run();
}

std::int64_t erase_rows(const database& table,
                        std::string_view operation,
                        const table_shape& shape,
                        std::string_view column,
                        const sql_value& value) {
    auto removal = table.prepare(operation, "DELETE FROM " + std::string(shape.name) + condition(shape, column));
    removal.bind(1, value).run();
    return table.changed_rows();
}

}  // namespace persiscsi::persistence
