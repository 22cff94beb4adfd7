// SPDX-License-Identifier: Apache-2.0
// SQLite's C API as two owning types. Every failure is a store_error naming the operation and the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace persiscsi::persistence {

// One stored value. Text and blob differ in type only; neither has to be UTF-8 and both may hold NUL bytes.
struct blob {
    std::string bytes;
    bool operator==(const blob&) const = default;
};
using sql_value = std::variant<std::monostate, std::int64_t, std::string, blob>;

class database;

class statement {
  public:
    // Positions count from 1, as in SQL. The value is copied.
    statement& bind(int position, const sql_value& value);
    bool step();  // true: there is a row
    void run();   // steps to the end
    int column_count() const noexcept;
    sql_value column(int index) const;  // counts from 0

  private:
    friend class database;
    struct finalizer {
        void operator()(sqlite3_stmt* compiled) const noexcept;
    };
    statement(const database& owner, sqlite3_stmt* compiled, std::string_view operation)
        : owner_(&owner), compiled_(compiled), operation_(operation) {}

    const database* owner_;
    std::unique_ptr<sqlite3_stmt, finalizer> compiled_;
    std::string_view operation_;
};

// `operation` arguments are string literals: they are kept as views. SQL texts are ours; foreign values are only bound.
class database {
  public:
    enum class mode { open_existing, create };

    database(const std::filesystem::path& file, mode how, const std::string& vfs);

    statement prepare(std::string_view operation, std::string_view sql) const;
    void execute(std::string_view operation, std::string_view sql) const;  // several statements, no rows, no values
    std::int64_t number(std::string_view operation, std::string_view sql) const;  // first column of the first row
    std::int64_t last_rowid() const noexcept;
    std::int64_t changed_rows() const noexcept;  // of the last statement
    bool in_transaction() const noexcept;
    const std::filesystem::path& file() const noexcept { return file_; }

    [[noreturn]] void fail(int code, std::string_view operation) const;

  private:
    struct closer {
        void operator()(sqlite3* connection) const noexcept;
    };

    std::filesystem::path file_;
    std::unique_ptr<sqlite3, closer> connection_;
};

}  // namespace persiscsi::persistence
