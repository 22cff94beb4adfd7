// SPDX-License-Identifier: Apache-2.0
// The query parameters of the lists, checked at the border: bad_request for a value that could match nothing.
#pragma once

#include "daemon/names.hpp"
#include "persistence/records.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace persiscsi::daemon {

using query_pairs = std::vector<std::pair<std::string, std::string>>;

/// A filter that is not known. Unlike other unknown fields it is refused: whoever pipes a list into a change must not
/// get more than was asked for.
[[noreturn]] void refuse_filter(std::string_view name);

/// What the filters look at of a session or a registration.
struct list_item {
    std::string id;
    const persistence::login_record& login;
    std::optional<std::uint16_t> tsih{};     // of a session that has been logged in
    std::vector<std::string> connections{};  // ids of the TCP connections there are
    std::size_t connection_count = 0;        // logged in; of a registration: wished for
};

/// Filters of sessions and registrations: OR within one, AND between them. An empty one lets everything pass.
struct list_filter {
    std::vector<std::string> ids;
    std::vector<std::string> targets;
    std::vector<portal_address> portals;
    std::vector<std::string> connections;
    std::vector<std::uint64_t> isids;
    std::vector<std::uint16_t> tsihs;
    std::vector<std::size_t> connection_counts;

    [[nodiscard]] bool lets_pass(const list_item& item) const;
};
/// id, target, portal (HOST[:PORT]), connection (as connections are named), isid (12 hex digits, 0x may lead), tsih
/// (decimal, or 0x and hex digits), connections (how many). Unknown names are ignored.
[[nodiscard]] list_filter parse_filter(const query_pairs& query);

/// One end of a TCP connection; no port: any.
struct address_wish {
    boost::asio::ip::address address;
    std::optional<std::uint16_t> port;
};

/// Filters of connections, combined as above.
struct connection_filter {
    std::vector<std::string> sessions;
    std::vector<std::string> targets;
    std::vector<address_wish> addresses;

    /// `remote`: the target's end, as connections show it.
    [[nodiscard]] bool lets_pass(const std::string& session, std::string_view target, std::string_view remote) const;
};
/// session, target, address (IP address of the target's end, with or without port). Unknown names are ignored.
[[nodiscard]] connection_filter parse_connection_filter(const query_pairs& query);

}  // namespace persiscsi::daemon
