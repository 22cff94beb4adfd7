// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace persiscsi::cli {

/// The highest LUN that the flat address method of SAM-5 can name.
inline constexpr std::uint16_t highest_lun = 16383;

/// iscsi://[user@]host[:port]/target-iqn[/lun]
struct target_url {
    std::string user;  ///< CHAP name; may be empty
    persiscsi::portal portal;
    std::string target;
    std::optional<std::uint16_t> lun;

    friend bool operator==(const target_url&, const target_url&) = default;
};

/// session:ID[/LUN]: a live session of the daemon.
struct session_place {
    std::string id;
    std::optional<std::uint16_t> lun;

    friend bool operator==(const session_place&, const session_place&) = default;
};

/// Where a direct command works.
using place = std::variant<target_url, session_place>;

// All parsers throw command_error (usage). Their messages give the reason and the position, and repeat nothing that
// stands before the host: people put secrets there.
[[nodiscard]] target_url parse_target_url(std::string_view text);
[[nodiscard]] place parse_place(std::string_view text);

/// ADDR[:PORT]; IPv6 in brackets, or bare where no port follows.
[[nodiscard]] persiscsi::portal parse_address(std::string_view text);

/// An iSCSI name (RFC 7143 §4.2.7). `what` names it in the message.
void check_iscsi_name(std::string_view name, const std::string& what);

/// For people: without the user.
[[nodiscard]] std::string to_string(const target_url& url);
[[nodiscard]] std::string to_string(const place& where);

}  // namespace persiscsi::cli
