// SPDX-License-Identifier: Apache-2.0
// What the table keeps. Plain aggregates: the table checks them when they go in and when they come out.
#pragma once

#include "initiator/secret.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persiscsi::persistence {

// Limits of what the table takes; beyond them it answers store_errc::misuse.
inline constexpr std::size_t max_text_bytes = std::size_t{64} * 1024;  // any one string of a record
inline constexpr std::size_t max_pairs = 1024;                         // parameters or labels of one record
inline constexpr std::size_t max_secret_bytes = 4096;
inline constexpr std::size_t max_boot_id_bytes = 128;
inline constexpr std::size_t max_places = 65536;      // that one discovery portal tells of at once
inline constexpr std::size_t max_places_gone = 1024;  // kept of those that it tells of no more; the oldest go

// The key of a registration, printed "reg-17". Positive; never given twice, also not after a removal.
struct registration_id {
    std::int64_t value{};
    auto operator<=>(const registration_id&) const = default;
};

// The key of a live session, printed as 16 hex digits, '-', 16 hex digits, lower case.
struct session_id {
    std::uint64_t high{};
    std::uint64_t low{};
    auto operator<=>(const session_id&) const = default;
};

std::string to_string(registration_id id);
std::string to_string(session_id id);
std::ostream& operator<<(std::ostream& out, registration_id id);
std::ostream& operator<<(std::ostream& out, session_id id);

// Strict: exactly what to_string prints (hex digits of either case), nothing before, after or in between.
std::optional<registration_id> parse_registration_id(std::string_view text) noexcept;
std::optional<session_id> parse_session_id(std::string_view text) noexcept;

// RFC 7143 section 13.1: what we ask for HeaderDigest and DataDigest.
enum class digest_wish { none, crc32c, prefer };

// What happens to waiting I/O while a lost session is being rebuilt.
enum class recovery_policy { wait_for_ever, fail_after, fail_at_once };

struct recovery_wish {
    recovery_policy policy = recovery_policy::wait_for_ever;
    std::chrono::seconds limit{0};  // fail_after only: > 0; else 0
    bool operator==(const recovery_wish&) const = default;
};

// The names are the spelling in the table, in JSON and on the command line: "prefer", "wait_for_ever", …
std::string_view to_string(digest_wish wish) noexcept;
std::string_view to_string(recovery_policy policy) noexcept;
std::optional<digest_wish> parse_digest_wish(std::string_view text) noexcept;
std::optional<recovery_policy> parse_recovery_policy(std::string_view text) noexcept;

// TLS below iSCSI. Names of files only: what is in them stays with their owner, and is read anew at each login.
struct tls_wish {
    bool enabled = false;       // false: all else is as here
    bool verify = true;         // the target's certificate; false protects against no attacker
    std::string ca{};           // file, or directory of hashed names; empty: the system's
    std::string certificate{};  // ours with its chain; empty: none
    std::string key{};          // of the certificate; empty without one
    std::string server_name{};  // what the target's certificate must bear; empty: the host connected to

    bool operator==(const tls_wish&) const = default;
};

using key_values = std::vector<std::pair<std::string, std::string>>;  // the order is kept, keys may repeat

// Everything a login needs, so that it can be repeated after a reboot without asking anybody.
struct login_record {
    std::string target;       // iSCSI name; not empty
    std::string portal_host;  // address or host name as asked for, not where a redirection led; not empty
    std::uint16_t portal_port = 3260;
    std::string initiator_name;  // not empty
    std::uint64_t isid{};        // 48 bits, RFC 7143 section 11.12.5
    std::string chap_secret;     // name of the secret we prove ourselves with; empty: AuthMethod None
    std::string mutual_secret;   // name of the secret the target has to prove; empty: one-way
    digest_wish header_digest = digest_wish::none;
    digest_wish data_digest = digest_wish::none;
    key_values parameters;          // further negotiation wishes, RFC 7143 key = value
    std::uint16_t connections = 1;  // at least 1
    recovery_wish recovery;
    std::string interface_address;  // local address or interface name; empty: the system chooses
    std::string owner;              // free text
    key_values labels;              // free text
    tls_wish tls;

    bool operator==(const login_record&) const = default;
};

using timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

inline timestamp time_now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

// A persistent session: logged in again after each reboot.
struct registration {
    registration_id id;
    login_record login;
    timestamp created_at{};
    std::string disconnected_in;  // boot id: its session was logged out by hand in that boot; empty: it was not

    bool operator==(const registration&) const = default;
};

// A session this boot has logged in; it is resumed after a crash of the daemon, forgotten after a reboot.
struct live_session {
    session_id id;
    login_record login;
    std::optional<registration_id> registration;  // which registration it fulfils, if any
    std::string boot_id;
    timestamp created_at{};

    bool operator==(const live_session&) const = default;
};

// A discovery portal: an address that is asked for targets. Its key is the login's portal_host and portal_port.
struct discovery_portal {
    login_record login;  // of the discovery session; no target, no ISID
    timestamp created_at{};
    timestamp answered_at{};  // the last answer; 1970-01-01: none yet
    std::string last_error;   // of the last try; empty: it answered

    bool operator==(const discovery_portal&) const = default;
};

// Where a target is, as SendTargets gives it (RFC 7143 Appendix C).
struct target_place {
    std::string target;  // iSCSI name
    std::string host;
    std::uint16_t port = 3260;
    std::uint16_t portal_group_tag{};

    auto operator<=>(const target_place&) const = default;
};

// A place that a discovery portal told of. It stays when the portal tells of it no more: last_seen shows it.
struct discovered_place {
    target_place place;
    std::string portal_host;  // of the discovery portal
    std::uint16_t portal_port = 3260;
    timestamp first_seen{};
    timestamp last_seen{};

    bool operator==(const discovered_place&) const = default;
};

// What may be shown of a secret.
struct secret_row {
    std::string name;
    std::string chap_name;  // CHAP_N
    timestamp created_at{};

    bool operator==(const secret_row&) const = default;
};

// A secret as it is kept. Of no use without the key that sealed it.
struct sealed_copy {
    secret_row shown;
    std::string key_id;  // tells keys apart
    std::string sealed;
};

// What became of a secret when the key was renewed.
struct resealed_secret {
    std::string name;
    std::string reason;  // why it stays as it is; empty: it is sealed with the new key
};

// A secret taken out of its seal for one login.
struct stored_secret {
    std::string chap_name;
    secret value;
};

}  // namespace persiscsi::persistence
