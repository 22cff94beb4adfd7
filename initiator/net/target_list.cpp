// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/target_list.hpp"

#include <string>
#include <utility>

namespace persiscsi {
namespace {

/// RFC 7143 §4.2.7.1: an iSCSI name has at most 223 bytes.
constexpr std::size_t longest_name = 223;

}  // namespace

parsed_target_list parse_target_list(const pdu::text_keys& keys, const portal& asked) {
    parsed_target_list list;
    const auto refuse = [&](const std::string& why) {
        list.targets.clear();
        list.failed = {protocol_errc::remote_malformed_text, "discovery at " + to_string(asked) + ": " + why};
        return list;
    };
    for (const auto& [key, value] : keys) {
        if (key == "TargetName") {
            if (value.empty() || value.size() > longest_name) {
                return refuse("a TargetName of " + std::to_string(value.size()) + " bytes");
            }
            list.targets.push_back({value, {}});
        } else if (key == "TargetAddress") {
            const auto address = parse_target_address(value);
            if (!address) return refuse("the TargetAddress '" + pdu::escaped(value) + "' makes no sense");
            if (list.targets.empty()) return refuse("a TargetAddress before any TargetName");
            list.targets.back().portals.push_back({address->at, address->portal_group_tag.value_or(1)});
        }
    }
    for (auto& target : list.targets)
        if (target.portals.empty()) target.portals.push_back({asked, 1});
    return list;
}

}  // namespace persiscsi
