// SPDX-License-Identifier: Apache-2.0
#include "persistence/database.hpp"

#include "persistence/errors.hpp"

#include <sqlite3.h>

#include <new>

namespace persiscsi::persistence {
namespace {

// Another program reading the table (sqlite3, a backup) is waited for this long.
constexpr int busy_milliseconds = 2000;

store_errc errc_of(int code, int system_error) {
    if (code == SQLITE_READONLY_DIRECTORY) return store_errc::permission;
    switch (code & 0xff) {
        case SQLITE_FULL:
            return store_errc::full;
        case SQLITE_READONLY:
            return store_errc::read_only;
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return store_errc::permission;
        case SQLITE_ERROR:  // our SQL is constant: what it names is missing in the file
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return store_errc::damaged;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return store_errc::locked;
        case SQLITE_MISUSE:
        case SQLITE_TOOBIG:
        case SQLITE_RANGE:
            return store_errc::misuse;
        case SQLITE_CANTOPEN:
        case SQLITE_IOERR:
            return system_error == 0 ? store_errc::io : errc_from_errno(system_error);
        default:
            return store_errc::io;
    }
}

std::string text_of(const void* bytes, int size) {
    if (bytes == nullptr || size <= 0) return {};
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

// Settings of every connection. Rollback journal instead of WAL: one file at rest, no shared memory, any file system.
// synchronous=EXTRA: with this journal the commit is the journal's removal, and only EXTRA syncs the directory after
// it. secure_delete: removed rows do not linger in free pages. temp_store: nothing of ours in temporary files.
constexpr std::string_view settings =
    "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON;"
    "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF;";

}  // namespace

void statement::finalizer::operator()(sqlite3_stmt* compiled) const noexcept {
    sqlite3_finalize(compiled);
}

statement& statement::bind(int position, const sql_value& value) {
    int code = SQLITE_OK;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        code = sqlite3_bind_int64(compiled_.get(), position, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        code =
            sqlite3_bind_text64(compiled_.get(), position, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } else if (const auto* raw = std::get_if<blob>(&value)) {
        code = sqlite3_bind_blob64(compiled_.get(), position, raw->bytes.data(), raw->bytes.size(), SQLITE_TRANSIENT);
    } else {
        code = sqlite3_bind_null(compiled_.get(), position);
    }
    if (code != SQLITE_OK) owner_->fail(code, operation_);
    return *this;
}

bool statement::step() {
    const int code = sqlite3_step(compiled_.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) owner_->fail(code, operation_);
    return false;
}

void statement::run() {
    while (step()) {
    }
}

int statement::column_count() const noexcept {
    return sqlite3_column_count(compiled_.get());
}

sql_value statement::column(int index) const {
    auto* row = compiled_.get();
    switch (sqlite3_column_type(row, index)) {
        case SQLITE_INTEGER:
            return std::int64_t{sqlite3_column_int64(row, index)};
        case SQLITE_TEXT: {
            const void* bytes = sqlite3_column_text(row, index);  // before column_bytes: it may convert
            return text_of(bytes, sqlite3_column_bytes(row, index));
        }
        case SQLITE_BLOB: {
            const void* bytes = sqlite3_column_blob(row, index);
            return blob{text_of(bytes, sqlite3_column_bytes(row, index))};
        }
        default:
            return std::monostate{};  // NULL, and REAL, which we never write
    }
}

void database::closer::operator()(sqlite3* connection) const noexcept {
    sqlite3_close_v2(connection);
}

database::database(const std::filesystem::path& file, mode how, const std::string& vfs) : file_(file) {
    constexpr std::string_view operation = "open session table";
    sqlite3* opened = nullptr;
    const int create = how == mode::create ? SQLITE_OPEN_CREATE : 0;
    const int code = sqlite3_open_v2(file.c_str(),
                                     &opened,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | create,
                                     vfs.empty() ? nullptr : vfs.c_str());
    connection_.reset(opened);
    if (code != SQLITE_OK) fail(code, operation);
    sqlite3_busy_timeout(opened, busy_milliseconds);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    execute(operation, settings);
}

statement database::prepare(std::string_view operation, std::string_view sql) const {
    sqlite3_stmt* compiled = nullptr;
    const int code =
        sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &compiled, nullptr);
    if (code != SQLITE_OK) fail(code, operation);
    return {*this, compiled, operation};
}

void database::execute(std::string_view operation, std::string_view sql) const {
    const int code = sqlite3_exec(connection_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code, operation);
}

std::int64_t database::number(std::string_view operation, std::string_view sql) const {
    auto query = prepare(operation, sql);
    if (!query.step()) return 0;
    const auto value = query.column(0);
    const auto* found = std::get_if<std::int64_t>(&value);
    return found == nullptr ? 0 : *found;
}

std::int64_t database::last_rowid() const noexcept {
    return sqlite3_last_insert_rowid(connection_.get());
}
std::int64_t database::changed_rows() const noexcept {
    return sqlite3_changes64(connection_.get());
}
bool database::in_transaction() const noexcept {
    return sqlite3_get_autocommit(connection_.get()) == 0;
}

void database::fail(int code, std::string_view operation) const {
    if ((code & 0xff) == SQLITE_NOMEM) throw std::bad_alloc();
    const int primary = code & 0xff;
    const bool system_spoke = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
    const int system_error = system_spoke && connection_ ? sqlite3_system_errno(connection_.get()) : 0;
    std::string reason = connection_ ? sqlite3_errmsg(connection_.get()) : sqlite3_errstr(code);
    if (system_error != 0) (reason += ", ") += std::generic_category().message(system_error);
    (reason += ", SQLite ") += std::to_string(code);
    throw store_error(errc_of(code, system_error), operation, file_.native(), reason);
}

}  // namespace persiscsi::persistence
