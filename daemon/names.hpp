// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "persistence/records.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace persiscsi::daemon {

inline constexpr std::size_t max_iscsi_name = 223;  // bytes, RFC 7143 §4.2.7.1
inline constexpr std::size_t max_host = 255;        // bytes
inline constexpr std::size_t max_id = 64;           // bytes of an id in a request or a path
inline constexpr std::size_t max_secret_name = 128;

/// Where a portal is, as asked for: an address literal without brackets or a host name.
struct portal_address {
    std::string host;
    std::uint16_t port = 3260;

    friend bool operator==(const portal_address&, const portal_address&) = default;
};

/// "host", "host:port", "[IPv6]", "[IPv6]:port". nullopt: anything else, or a port outside 1 to 65535.
[[nodiscard]] std::optional<portal_address> parse_portal_address(std::string_view text);
/// "host:port", IPv6 literals in brackets.
[[nodiscard]] std::string to_string(const portal_address& portal);
[[nodiscard]] portal_address portal_of(const persistence::login_record& login);
/// In lower case: discovery portals have one name only.
[[nodiscard]] portal_address lowered(portal_address portal);
/// An iSCSI name in the case that it is compared in.
[[nodiscard]] std::string lowered(std::string name);

/// RFC 7143 §4.2.7: "iqn.", "eui." or "naa.", no white space, no control characters, at most 223 bytes of UTF-8.
[[nodiscard]] bool is_iscsi_name(std::string_view name);
/// iSCSI names and host names compare without regard to ASCII case (RFC 3722 maps names to lower case).
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);
/// Whether both go to the same target over the same portal as the same initiator.
[[nodiscard]] bool same_place(const persistence::login_record& a, const persistence::login_record& b);
/// Letters, digits, '.', '_', '-' and '@'; not empty, at most max_secret_name bytes.
[[nodiscard]] bool is_secret_name(std::string_view name);
/// Secrets that came within a connect request get such names; they leave with their last user.
[[nodiscard]] bool is_automatic_secret(std::string_view name);

/// "0x" and 12 hex digits.
[[nodiscard]] std::string isid_text(std::uint64_t isid);

/// Unpredictable; throws std::system_error when the system has no randomness to give.
[[nodiscard]] persistence::session_id random_session_id();
/// An ISID of the random format (RFC 7143 §11.12.5: type 10b, 24 bits of chance, 16 bits of qualifier).
[[nodiscard]] std::uint64_t random_isid();

/// The initiator name in state_dir/initiator.name; the first call makes one up and keeps it there.
[[nodiscard]] std::string stored_initiator_name(const std::filesystem::path& state_dir);

}  // namespace persiscsi::daemon
