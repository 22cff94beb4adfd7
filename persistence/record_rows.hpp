// SPDX-License-Identifier: Apache-2.0
// Records to rows and back. A row that came through its checksum is still validated value by value.
#pragma once

#include "persistence/checked_rows.hpp"
#include "persistence/records.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace persiscsi::persistence {

// Thrown by the readers: the values are not a record.
struct row_fault {
    std::string reason;
};

struct stored_session {
    std::int64_t number{};
    live_session session;
};

struct sealed_secret {
    std::int64_t number{};
    secret_row shown;
    blob key_id;
    blob sealed;
};

struct boot_row {
    std::int64_t number{};
    std::string boot_id;
    timestamp created_at{};
};

struct stored_portal {
    std::int64_t number{};
    discovery_portal portal;
};

struct stored_place {
    std::int64_t number{};
    discovered_place seen;
};

extern const table_shape registrations_shape;
extern const table_shape live_sessions_shape;
extern const table_shape secrets_shape;
extern const table_shape boot_shape;
extern const table_shape portals_shape;
extern const table_shape places_shape;

row to_row(const registration& record);
row to_row(const stored_session& record);
row to_row(const sealed_secret& record);
row to_row(const boot_row& record);
row to_row(const stored_portal& record);
row to_row(const stored_place& record);

void from_row(const row& values, registration& record);
void from_row(const row& values, stored_session& record);
void from_row(const row& values, sealed_secret& record);
void from_row(const row& values, boot_row& record);
void from_row(const row& values, stored_portal& record);
void from_row(const row& values, stored_place& record);

}  // namespace persiscsi::persistence
