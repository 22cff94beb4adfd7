// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/target_port_groups.hpp"

#include "initiator/scsi/cdb_fields.hpp"
#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {
namespace {

constexpr const char* name = "REPORT TARGET PORT GROUPS";
constexpr std::size_t group_size = 8;  // without its ports
constexpr std::size_t port_size = 4;

target_port_group group_at(std::span<const std::byte> data, std::size_t ports) {
    target_port_group group{.number = static_cast<std::uint16_t>(number_at<2>(data, 2)),
                            .state = static_cast<access_state>(byte_at(data, 0) & 0x0fU),
                            .preferred = bit_at(data, 0, 7),
                            .supported_states = byte_at(data, 1),
                            .status_code = byte_at(data, 5)};
    for (std::size_t i = 0; i < ports; ++i)
        group.ports.push_back(static_cast<std::uint16_t>(number_at<2>(data, group_size + i * port_size + 2)));
    return group;
}

}  // namespace

std::string_view to_string(access_state state) {
    switch (state) {
        case access_state::active_optimized:
            return "active/optimized";
        case access_state::active_non_optimized:
            return "active/non-optimized";
        case access_state::standby:
            return "standby";
        case access_state::unavailable:
            return "unavailable";
        case access_state::lba_dependent:
            return "logical block dependent";
        case access_state::offline:
            return "offline";
        case access_state::transitioning:
            return "transitioning";
    }
    return "reserved";
}

cdb report_target_port_groups(std::uint32_t allocation_length, bool extended_header) {
    auto made = make_cdb(0xa3, 12, 0x0a);
    set_if(extended_header, made, 5);  // PARAMETER DATA FORMAT 001b
    put<6, 4>(made, allocation_length);
    return made;
}

parsed<std::vector<target_port_group>> parse_target_port_groups(std::span<const std::byte> reply) {
    using result = std::vector<target_port_group>;
    if (reply.size() < 4) return too_short<result>(name, reply.size(), 4);
    const auto length = number_at<4>(reply, 0);
    const bool whole = reply.size() >= 4 + length;
    auto rest = part_of(reply, 4, length);
    // FORMAT TYPE of the extended header lies where a group has reserved bits of its first byte.
    const bool extended = !rest.empty() && (byte_at(rest, 0) >> 4U & 0x7U) == 1;
    if (extended) rest = rest.subspan(std::min<std::size_t>(4, rest.size()));
    parsed<result> found;
    while (!rest.empty()) {
        const std::size_t ports = byte_at(rest, 7);
        const auto size = group_size + ports * port_size;
        if (size > rest.size()) {
            if (!whole) break;
            return malformed<result>(std::string(name) + ": a group of " + std::to_string(ports) + " ports with " +
                                     std::to_string(rest.size()) + " bytes left");
        }
        found.value.push_back(group_at(rest, ports));
        rest = rest.subspan(size);
    }
    return found;
}

cdb set_target_port_groups(std::uint32_t parameter_list_length) {
    auto made = make_cdb(0xa4, 12, 0x0a);
    put<6, 4>(made, parameter_list_length);
    return made;
}

std::vector<std::byte> target_port_groups_list(std::span<const wanted_state> wanted) {
    std::vector<std::byte> list(4 + 4 * wanted.size());
    auto* descriptor = list.data() + 4;
    for (const auto& [group, state] : wanted) {
        pdu::store_be<1>(descriptor, static_cast<std::uint64_t>(state));
        pdu::store_be<2>(descriptor + 2, group);
        descriptor += 4;
    }
    return list;
}

}  // namespace persiscsi::scsi
