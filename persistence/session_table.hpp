// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "persistence/records.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::persistence {

struct open_options {
    std::filesystem::path state_dir;  // made with mode 0700 when missing (its parent has to exist)
    std::filesystem::path key_file;   // empty: state_dir/"secrets.key"
    std::string vfs;                  // name of the SQLite VFS; empty: the system's. Tests inject faults here
};

struct boot_report {
    bool same_boot{};                     // the last begin_boot() on this table had the same id
    std::vector<live_session> to_resume;  // same boot only: every live session, registered or not
    // Registrations none of to_resume fulfils, without those whose session was logged out by hand in this boot.
    std::vector<registration> to_connect;
    std::size_t forgotten{};  // live sessions of another boot, dropped from the table
};

// A row whose checksum or values are wrong: left where it is, and not served.
struct damaged_row {
    std::string table;  // "registrations", "live_sessions", "secrets", "boot", "portals", "places"
    std::string id;     // "reg-17" or "row 3"
    std::string reason;

    bool operator==(const damaged_row&) const = default;
};

class table_state;
class transaction;

// The durable table of persistent sessions, in state_dir/sessions.db. One process owns a state directory at a time,
// and one thread at a time uses the object (calls block on the disk). Everything here throws store_error.
class session_table {
  public:
    // Takes ownership of the directory (locked, naming the owner's pid, when somebody else has it), makes what is
    // missing, brings an older table to this version. damaged: the file is not a whole table of ours; it is never
    // replaced. newer_version: written by a later persiscsi, untouched. permission: also for a key file others may
    // read.
    static session_table open(const open_options& options);

    session_table(session_table&&) noexcept;
    session_table& operator=(session_table&&) noexcept;
    ~session_table();  // gives the directory up; not while a transaction is alive

    // Call once after open(), before the first transaction. Durable when it returns.
    boot_report begin_boot(std::string_view boot_id);
    // What begin_boot() would report after a reboot, by the same rule. Writes nothing.
    boot_report foresee_reboot() const;

    // In order of creation, without damaged rows. Inside a transaction they show its changes.
    std::vector<registration> registrations() const;
    std::vector<live_session> live_sessions() const;
    std::vector<secret_row> secrets() const;
    std::vector<discovery_portal> portals() const;
    std::vector<discovered_place> places() const;

    // nullopt: there is no such row. store_errc::damaged: there is, but it cannot be trusted.
    std::optional<registration> find_registration(registration_id id) const;
    std::optional<live_session> find_live_session(session_id id) const;
    std::optional<secret_row> find_secret(std::string_view name) const;

    // The session that fulfils it; nullopt: none does.
    std::optional<session_id> session_of(registration_id id) const;
    // In order of creation; names of targets compare without regard to the case of ASCII letters.
    std::vector<registration> registrations_of(std::string_view target) const;

    // not_found; wrong_key: the key file is missing or is not the one that sealed it; damaged.
    stored_secret load_secret(std::string_view name) const;
    // For a backup: never clear.
    std::vector<sealed_copy> sealed_secrets() const;
    // What is in it. wrong_key, damaged.
    stored_secret open_sealed(const sealed_copy& copy) const;

    std::vector<damaged_row> damaged_rows() const;

    // Makes a new key and seals every secret with it; those that cannot be opened stay as they are. Cut off at any
    // point it leaves every secret as readable as before, and the next open() finishes it or takes it back. misuse: the
    // key file is not in the state directory. A rehearsal writes nothing.
    std::vector<resealed_secret> rekey(bool rehearsal);

    // One at a time, else misuse.
    transaction begin();

  private:
    explicit session_table(std::unique_ptr<table_state> state) noexcept;

    std::unique_ptr<table_state> state_;
};

// Changes that become durable together. not_found, in_use, already_exists and misuse leave the transaction as it was,
// so that the caller may go on with the next item; after any other error it can only be rolled back.
class transaction {
  public:
    transaction(transaction&&) noexcept;
    transaction& operator=(transaction&&) = delete;
    ~transaction();  // rolls back what was not committed

    // not_found: a secret the login names does not exist.
    registration_id add_registration(const login_record& login, std::optional<timestamp> created_at = std::nullopt);
    // False: there is none. Live sessions bound to it stay, unregistered. Removes a damaged row as well.
    bool remove_registration(registration_id id);
    // Its session was logged out by hand: begin_boot() with this boot's id does not ask for it, unless a session has
    // fulfilled it since. False: there is none, or it is damaged.
    bool leave_disconnected(registration_id id);

    // The session belongs to the boot named by begin_boot(). in_use: another session fulfils the registration.
    void add_live_session(session_id id, const login_record& login, std::optional<registration_id> registration);
    bool remove_live_session(session_id id);  // false: there is none
    // Which registration the session fulfils from now on; nullopt: none. not_found, in_use.
    void bind(session_id id, std::optional<registration_id> registration);

    // Adds or replaces. The value is sealed before it reaches SQLite.
    void put_secret(std::string_view name, std::string_view chap_name, const secret& value);
    // Adds or replaces, as it was sealed. wrong_key, damaged: it could never be opened here.
    void restore_secret(const sealed_copy& copy);
    // False: there is none. in_use, naming by whom, while a registration or live session refers to it.
    bool remove_secret(std::string_view name);

    // Adds the portal, or gives the one at that address these settings; what it told of stays. False: it was there.
    bool put_portal(const login_record& discovery);
    // With all places it told of. False: there is none.
    bool remove_portal(std::string_view host, std::uint16_t port);
    // The portal's whole answer: places that are not in it stay, as seen before. not_found; misuse beyond max_places.
    void record_answer(std::string_view host, std::uint16_t port, const std::vector<target_place>& told);
    // Why it did not answer. False: there is none.
    bool record_silence(std::string_view host, std::uint16_t port, std::string_view why);

    // When it returns the changes are on disk. When it throws, all of them are in or none is, and the transaction is
    // over; in all likelihood none, but who must know reads the table again.
    void commit();

  private:
    friend class session_table;
    explicit transaction(table_state& state);

    void check_usable(std::string_view operation) const;

    table_state* state_;  // nullptr: moved from
};

}  // namespace persiscsi::persistence
