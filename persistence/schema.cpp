// SPDX-License-Identifier: Apache-2.0
#include "persistence/schema.hpp"

#include "persistence/checked_rows.hpp"
#include "persistence/errors.hpp"
#include "persistence/files.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <map>
#include <set>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace persiscsi::persistence {
namespace {

constexpr std::string_view operation = "open session table";

std::filesystem::path with_suffix(std::filesystem::path file, std::string_view suffix) {
    return file += suffix;
}

// Built beside its place and renamed: a file of that name is always complete, so an empty one is known to be damaged.
void create_database(const std::filesystem::path& file, const std::string& vfs) {
    const auto journal = with_suffix(file, "-journal");
    if (std::error_code ignored; std::filesystem::exists(journal, ignored)) {
        throw store_error(store_errc::damaged,
                          operation,
                          file.native(),
                          "the table is missing, but its journal " + journal.filename().native() + " is there");
    }
    const auto unfinished = with_suffix(file, ".new");
    unlink(unfinished.c_str());
    unlink(with_suffix(unfinished, "-journal").c_str());
    static_cast<void>(open_file(unfinished, O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR, operation));
    {
        const database fresh(unfinished, database::mode::create, vfs);
        fresh.execute(operation, "PRAGMA application_id=" + std::to_string(application_id));
        migrate(fresh, migrations);
    }
    if (std::rename(unfinished.c_str(), file.c_str()) != 0) throw system_failure(errno, operation, file.native());
    sync_directory(file.parent_path(), operation);
}

// SQLite itself would open a file it may not write for reading, and follow anything under that name.
void check_file(const std::filesystem::path& file) {
    const auto opened = open_file(file, O_RDWR, 0, operation);
    struct stat status {};
    if (fstat(opened.number(), &status) != 0) throw system_failure(errno, operation, file.native());
    if (!S_ISREG(status.st_mode))
        throw store_error(store_errc::damaged, operation, file.native(), "not a regular file");
    if (status.st_size == 0) throw store_error(store_errc::damaged, operation, file.native(), "the file is empty");
}

void check_content(const database& table) {
    const auto found = table.number(operation, "PRAGMA application_id");
    if (found != application_id) {
        throw store_error(store_errc::damaged,
                          operation,
                          table.file().native(),
                          "not a session table: application id " + std::to_string(found) + ", expected " +
                              std::to_string(application_id));
    }
    const auto version = table.number(operation, "PRAGMA user_version");
    if (version >= 1) return;
    throw store_error(store_errc::damaged,
                      operation,
                      table.file().native(),
                      "table version " + std::to_string(version) + ", at least 1 expected");
}

void refuse_newer(const database& table, std::span<const migration> known) {
    const auto version = table.number(operation, "PRAGMA user_version");
    const auto newest = known.empty() ? 0 : known.back().version;
    if (version <= newest) return;
    throw store_error(
        store_errc::newer_version,
        operation,
        table.file().native(),
        "table version " + std::to_string(version) + ", this program knows up to " + std::to_string(newest));
}

void check_structure(const database& table) {
    auto check = table.prepare(operation, "PRAGMA quick_check(1)");
    if (!check.step()) return;
    const auto verdict = check.column(0);
    const auto* text = std::get_if<std::string>(&verdict);
    if (text != nullptr && *text == "ok") return;
    throw store_error(store_errc::damaged, operation, table.file().native(), text == nullptr ? "" : in_quotes(*text));
}

// A table of checked rows as the file itself describes it: a migration meets columns that this program's records no
// longer have, or do not have yet.
struct described_table {
    std::string name;
    std::vector<std::string> columns;  // without the checksum

    table_shape shape() const { return {name, {columns.begin(), columns.end()}}; }
};

std::string text_in(const statement& query) {
    const auto value = query.column(0);
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? std::string() : *text;
}

std::vector<std::string> columns_of(const database& table, const std::string& name) {
    std::vector<std::string> columns;
    auto query = table.prepare(operation, "SELECT name FROM pragma_table_info(?1) ORDER BY cid");
    query.bind(1, name);
    while (query.step()) columns.push_back(text_in(query));
    return columns;
}

std::vector<described_table> tables_of(const database& table) {
    std::vector<described_table> found;
    auto query = table.prepare(operation, "SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name");
    while (query.step()) {
        auto name = text_in(query);
        auto columns = columns_of(table, name);
        if (std::erase(columns, "checksum") != 0 && !columns.empty())
            found.push_back({std::move(name), std::move(columns)});
    }
    return found;
}

using row_numbers = std::map<std::string, std::set<std::int64_t>, std::less<>>;  // of each table

row_numbers intact_rows(const database& table) {
    row_numbers intact;
    for (const auto& one : tables_of(table))
        for (const auto& found : read_rows(table, operation, one.shape()))
            if (found.intact) intact[one.name].insert(found.number);
    return intact;
}

void renew_checksums(const database& table, const row_numbers& of) {
    for (const auto& one : tables_of(table)) {
        const auto numbers = of.find(one.name);
        if (numbers == of.end()) continue;
        const auto shape = one.shape();
        for (const auto& found : read_rows(table, operation, shape))
            if (!found.intact && numbers->second.contains(found.number))
                replace_row(table, operation, shape, found.values);
    }
}

}  // namespace

database open_database(const std::filesystem::path& file, const std::string& vfs) {
    struct stat status {};
    if (lstat(file.c_str(), &status) != 0) {
        if (errno != ENOENT) throw system_failure(errno, operation, file.native());
        create_database(file, vfs);
    }
    check_file(file);
    database table(file, database::mode::open_existing, vfs);
    check_content(table);
    refuse_newer(table, migrations);
    check_structure(table);  // before anything is written to it
    migrate(table, migrations);
    return table;
}

void migrate(const database& table, std::span<const migration> known) {
    refuse_newer(table, known);
    const auto version = table.number(operation, "PRAGMA user_version");
    for (const auto& step : known) {
        if (step.version <= version) continue;
        table.execute(operation, "BEGIN IMMEDIATE");
        try {
            const auto before = intact_rows(table);
            table.execute(operation, step.sql);
            renew_checksums(table, before);
            table.execute(operation, "PRAGMA user_version=" + std::to_string(step.version));
            table.execute(operation, "COMMIT");
        } catch (...) {
            if (table.in_transaction()) table.execute(operation, "ROLLBACK");
            throw;
        }
    }
}

}  // namespace persiscsi::persistence
