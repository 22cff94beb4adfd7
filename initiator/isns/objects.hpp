// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/isns/message.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::isns {

/// IPv6, or IPv4 as ::ffff:a.b.c.d (RFC 4171).
using ip_address = std::array<std::byte, 16>;

/// A portal by which a target may be reached (RFC 4171: Portal Group object).
struct known_portal {
    ip_address address{};
    std::uint16_t port = 0;
    std::uint16_t portal_group_tag = 0;

    friend bool operator==(const known_portal&, const known_portal&) = default;
};
struct known_target {
    std::string name;
    std::vector<known_portal> portals;

    friend bool operator==(const known_target&, const known_target&) = default;
};

[[nodiscard]] attribute address(tag tag, const ip_address& value);

/// What is asked of each target, as attributes of a query: its name and type, its portal groups.
[[nodiscard]] std::vector<attribute> wanted_of_targets();

/// The targets in the answer to such a query. A portal group without a tag forbids its portal; a node that is no target
/// is left out. Sets `wrong` where the answer makes no sense: all of it is good, or nothing.
[[nodiscard]] std::vector<known_target> parse_targets(const message& answer, failure& wrong);

/// The answer to a State Change Notification (RFC 4171), whose status says whether it made sense: our name, a
/// time, then what happened to whom. What happened is not looked at: the server is asked anew.
[[nodiscard]] message answer_to_notification(const message& notification, std::string_view initiator_name);

}  // namespace persiscsi::isns
