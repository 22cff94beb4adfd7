// SPDX-License-Identifier: Apache-2.0
// The specification of the file sessions.db. A change is a new migration at the end, never an edit of an old one.
//
// No NOT NULL, no CHECK, no UNIQUE, no index: such a rule broken by one damaged row makes SQLite's own check condemn
// the whole file. Each row carries a checksum instead (checked_rows.hpp), its values are validated when read, and
// look-ups scan the few rows there are.
#pragma once

#include "persistence/database.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace persiscsi::persistence {

// PRAGMA application_id: "PSCS". A SQLite file without it is not ours.
inline constexpr std::int64_t application_id = 0x50534353;

// One step from a version to the next. Its SQL need not care for checksums: whatever it does to the columns and values
// of a table, the rows that were intact before are intact after it, and the damaged ones stay damaged.
struct migration {
    int version;  // PRAGMA user_version after it; consecutive from 1
    std::string_view sql;
};

inline constexpr std::array migrations{
    migration{1, R"sql(
-- What is logged in again after a reboot. AUTOINCREMENT: an id is never given twice.
CREATE TABLE registrations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- printed reg-<id>
    target TEXT,
    portal_host TEXT,        -- as asked for, before any redirection
    portal_port INTEGER,
    initiator_name TEXT,
    isid INTEGER,            -- 48 bits
    chap_secret TEXT,        -- secrets.name; empty: AuthMethod None
    mutual_secret TEXT,      -- secrets.name; empty: one-way
    header_digest TEXT,      -- none, crc32c, prefer
    data_digest TEXT,
    parameters TEXT,         -- pairs as netstrings: key, value, key, value; "2:ab,1:c,"
    connections INTEGER,
    recovery_policy TEXT,    -- wait_for_ever, fail_after, fail_at_once
    recovery_limit INTEGER,  -- seconds; 0 unless fail_after
    interface_address TEXT,
    owner TEXT,
    labels TEXT,             -- pairs as netstrings
    created_at INTEGER,      -- microseconds since 1970-01-01 UTC
    checksum BLOB            -- SHA-256 of the table's name and the columns before
);
-- Sessions logged in during the boot named in the row. Resumed after a crash, forgotten after a reboot.
CREATE TABLE live_sessions (
    number INTEGER PRIMARY KEY,
    id TEXT,                 -- 16 hex digits, '-', 16 hex digits, lower case
    target TEXT, portal_host TEXT, portal_port INTEGER, initiator_name TEXT, isid INTEGER, chap_secret TEXT,
    mutual_secret TEXT, header_digest TEXT, data_digest TEXT, parameters TEXT, connections INTEGER,
    recovery_policy TEXT, recovery_limit INTEGER, interface_address TEXT, owner TEXT, labels TEXT,
    registration INTEGER,    -- registrations.id; 0: none
    boot_id TEXT,
    created_at INTEGER,
    checksum BLOB
);
CREATE TABLE secrets (
    number INTEGER PRIMARY KEY,
    name TEXT,
    chap_name TEXT,          -- CHAP_N
    key_id BLOB,             -- which key sealed it (seal_key.hpp)
    sealed BLOB,             -- AES-256-GCM: nonce (12 bytes), cipher text, tag (16); bound to name and chap_name
    created_at INTEGER,
    checksum BLOB
);
-- One row: the boot of the last begin_boot().
CREATE TABLE boot (
    number INTEGER PRIMARY KEY,
    boot_id TEXT,
    created_at INTEGER,
    checksum BLOB
);
)sql"},
    // The defaults are what older rows get. A checksum covers all other columns, in the order they were made.
    migration{2, R"sql(
-- TLS below iSCSI. Paths only: the files stay on disk, in the hands of their owner.
ALTER TABLE registrations ADD COLUMN tls INTEGER DEFAULT 0;           -- 1: TLS; 0: all that follows is as here
ALTER TABLE registrations ADD COLUMN tls_verify INTEGER DEFAULT 1;    -- 0: any certificate of the target will do
ALTER TABLE registrations ADD COLUMN tls_ca TEXT DEFAULT '';          -- file or directory; empty: the system's
ALTER TABLE registrations ADD COLUMN tls_certificate TEXT DEFAULT ''; -- ours; empty: none, and no key
ALTER TABLE registrations ADD COLUMN tls_key TEXT DEFAULT '';
ALTER TABLE registrations ADD COLUMN tls_server_name TEXT DEFAULT ''; -- empty: the host connected to
-- The boot in which its session was logged out by hand; empty: it was not, or another session came after it.
ALTER TABLE registrations ADD COLUMN disconnected_in TEXT DEFAULT '';
ALTER TABLE live_sessions ADD COLUMN tls INTEGER DEFAULT 0;
ALTER TABLE live_sessions ADD COLUMN tls_verify INTEGER DEFAULT 1;
ALTER TABLE live_sessions ADD COLUMN tls_ca TEXT DEFAULT '';
ALTER TABLE live_sessions ADD COLUMN tls_certificate TEXT DEFAULT '';
ALTER TABLE live_sessions ADD COLUMN tls_key TEXT DEFAULT '';
ALTER TABLE live_sessions ADD COLUMN tls_server_name TEXT DEFAULT '';
)sql"},
    migration{3, R"sql(
-- Addresses that are asked for targets. The columns up to tls_server_name are those of registrations; target is empty.
CREATE TABLE portals (
    number INTEGER PRIMARY KEY,
    target TEXT, portal_host TEXT, portal_port INTEGER, initiator_name TEXT, isid INTEGER, chap_secret TEXT,
    mutual_secret TEXT, header_digest TEXT, data_digest TEXT, parameters TEXT, connections INTEGER,
    recovery_policy TEXT, recovery_limit INTEGER, interface_address TEXT, owner TEXT, labels TEXT,
    tls INTEGER, tls_verify INTEGER, tls_ca TEXT, tls_certificate TEXT, tls_key TEXT, tls_server_name TEXT,
    created_at INTEGER,
    answered_at INTEGER,     -- microseconds since 1970-01-01 UTC; 0: never
    last_error TEXT,         -- of the last try; empty: it answered
    checksum BLOB
);
-- Where targets are, as portals told.
CREATE TABLE places (
    number INTEGER PRIMARY KEY,
    target TEXT, host TEXT, port INTEGER, portal_group_tag INTEGER,
    portal_host TEXT, portal_port INTEGER,  -- who told it
    first_seen INTEGER, last_seen INTEGER,
    checksum BLOB
);
)sql"},
};

// Makes the file if there is none, complete or not at all; checks that it is ours, whole and not from a later version.
database open_database(const std::filesystem::path& file, const std::string& vfs);

// Applies what the file lacks, one transaction each: SQL, new checksums and version number together. newer_version when
// the file is ahead of `known`.
void migrate(const database& table, std::span<const migration> known);

}  // namespace persiscsi::persistence
