// SPDX-License-Identifier: Apache-2.0
// A table as version 1 of the schema wrote it. Never edited: tables like it are out there.
#pragma once

#include <string_view>

namespace persiscsi::persistence::testing {

inline constexpr std::string_view version_1_schema = R"sql(
PRAGMA application_id=1347634003;
PRAGMA user_version=1;
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
)sql";

// In boot_a: reg-1 with every column in use and a session, reg-2 and its session, reg-3 without one (reg-4 is gone
// again), and a session without a registration. All rows intact.
inline constexpr std::string_view version_1_rows = R"sql(
INSERT INTO registrations VALUES (1, 'iqn.2024-01.example:disk1', '2001:db8::7', 3261, 'iqn.2024-01.example:host',
    140737488355329, 'lab', '', 'crc32c', 'prefer', '14:MaxBurstLength,6:262144,6:CHAP_A,1:7,', 2, 'fail_after', 30,
    '2001:db8::1', 'it''s "ours"', '4:rack,2:17,', 1795592628237150,
    x'0235656a1d18dd41e8073247ebd592fbab4a09fce7a5415b81fdb9ecc1a0208c');
INSERT INTO registrations VALUES (2, 'iqn.2024-01.example:disk2', '192.0.2.7', 3260, 'iqn.2024-01.example:host',
    140737488355330, '', '', 'none', 'none', '', 1, 'wait_for_ever', 0, '', '', '', 1795592628237206,
    x'198bdd54a1cfd88a6cb3a27951fae5b230a784b95978a9e8c52dd1752c541ea4');
INSERT INTO registrations VALUES (3, 'iqn.2024-01.example:disk3', '192.0.2.7', 3260, 'iqn.2024-01.example:host',
    140737488355331, '', '', 'none', 'none', '', 1, 'wait_for_ever', 0, '', '', '', 1795592628237233,
    x'a6714e998b525ef09a32c8c892b408d9b90be3cac7e4facb2276015d50706684');
INSERT INTO live_sessions VALUES (1, '0000000000000001-0000000000000001', 'iqn.2024-01.example:disk1', '2001:db8::7',
    3261, 'iqn.2024-01.example:host', 140737488355329, 'lab', '', 'crc32c', 'prefer',
    '14:MaxBurstLength,6:262144,6:CHAP_A,1:7,', 2, 'fail_after', 30, '2001:db8::1', 'it''s "ours"', '4:rack,2:17,',
    1, '11111111-aaaa-4000-8000-000000000001', 1795592628237363,
    x'4ea993308d48dd2ebcd595ec422455c187fc76d8acc669db47c5bcfc573efb7f');
INSERT INTO live_sessions VALUES (2, '0000000000000002-0000000000000002', 'iqn.2024-01.example:disk4', '192.0.2.7',
    3260, 'iqn.2024-01.example:host', 140737488355332, '', '', 'none', 'none', '', 1, 'wait_for_ever', 0, '', '', '',
    0, '11111111-aaaa-4000-8000-000000000001', 1795592628237421,
    x'3c573ac9b10ffd60833563c5c4749a96ba72157aaaa0a653a2d2ff55524ba986');
INSERT INTO live_sessions VALUES (3, '0000000000000003-0000000000000003', 'iqn.2024-01.example:disk2', '192.0.2.7',
    3260, 'iqn.2024-01.example:host', 140737488355330, '', '', 'none', 'none', '', 1, 'wait_for_ever', 0, '', '', '',
    2, '11111111-aaaa-4000-8000-000000000001', 1795592628237488,
    x'794259a86260cc795b898912c34f78ecb21d71b7192cf24a6f5291e4a224bd92');
INSERT INTO secrets VALUES (1, 'lab', 'initiator', x'bf9fa2409cd6f0ba',
    x'73ccf54b36763a6c8b3a8de6539186fbe91e1d1a3134e4b7a4d7475b823136259133d5a4a8bc738422ebb11d358e',
    1795592628236930, x'3254067ac621e06cbed12a5eaee2ace9afe63dfae0e0ee7e0d7a9df8230ef533');
INSERT INTO boot VALUES (1, '11111111-aaaa-4000-8000-000000000001', 1795592628212918,
    x'94475b31ba3e6a66c3d4b19a288b068a70574001eee2fb2f097c8648c9caa668');
UPDATE sqlite_sequence SET seq=4 WHERE name='registrations';
)sql";

// What the secret in them is sealed with.
inline constexpr std::string_view version_1_key = "67c0e9782ade8e2ff483d751f8b57f90540c7919bb60d06cb8b7e70531770d57\n";

// reg-2 and its session.
inline constexpr std::string_view version_1_damage =
    "UPDATE registrations SET target='iqn.2024-01.example:evil' WHERE id=2;"
    "UPDATE live_sessions SET isid=isid+1 WHERE number=3";

}  // namespace persiscsi::persistence::testing
