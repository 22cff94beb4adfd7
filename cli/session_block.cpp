// SPDX-License-Identifier: Apache-2.0
#include "cli/session_block.hpp"

#include "cli/printable.hpp"
#include "cli/text_table.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

struct property {
    std::string_view name;    ///< of MSFT_iSCSISession
    std::string_view member;  ///< of our session
};

constexpr property properties[] = {
    {"AuthenticationType", "authentication_type"},
    {"InitiatorInstanceName", "initiator_instance_name"},
    {"InitiatorNodeAddress", "initiator_node_address"},
    {"InitiatorPortalAddress", "initiator_portal_address"},
    {"InitiatorSideIdentifier", "initiator_side_identifier"},
    {"IsConnected", "is_connected"},
    {"IsDataDigest", "is_data_digest"},
    {"IsDiscovered", "is_discovered"},
    {"IsHeaderDigest", "is_header_digest"},
    {"IsMultipathEnabled", "is_multipath_enabled"},
    {"IsPersistent", "is_persistent"},
    {"NumberOfConnections", "number_of_connections"},
    {"SessionIdentifier", "session_identifier"},
    {"TargetNodeAddress", "target_node_address"},
    {"TargetSideIdentifier", "target_side_identifier"},
};

constexpr std::size_t name_width =
    std::ranges::max(properties, {}, [](auto& row) { return row.name.size(); }).name.size();

std::string hexadecimal(std::int64_t tsih) {
    char text[24];
    const auto length = std::snprintf(text, sizeof text, "0x%04llx", static_cast<long long>(tsih));
    return {text, static_cast<std::size_t>(length)};
}

std::string value_text(const property& row, const json::value& value) {
    if (value.is_null()) return {};
    if (value.is_bool()) return value.get_bool() ? "True" : "False";
    if (value.is_int64() && row.member == "target_side_identifier") return hexadecimal(value.get_int64());
    return printable(cell_of(value));
}

}  // namespace

std::string session_block(const json::object& session) {
    std::string result;
    for (const auto& row : properties) {
        const auto* value = session.if_contains({row.member.data(), row.member.size()});
        const auto text = value != nullptr ? value_text(row, *value) : std::string();
        result += std::string(row.name) + std::string(name_width - row.name.size(), ' ') + " :";
        result += (text.empty() ? "" : " " + text) + '\n';
    }
    return result;
}

std::string session_blocks(const json::array& sessions) {
    std::string result;
    for (const auto& session : sessions) result += (result.empty() ? "" : "\n") + session_block(session.as_object());
    return result;
}

}  // namespace persiscsi::cli
