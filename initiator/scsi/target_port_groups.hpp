// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace persiscsi::scsi {

/// SPC, asymmetric access states.
enum class access_state : std::uint8_t {
    active_optimized = 0x0,
    active_non_optimized = 0x1,
    standby = 0x2,
    unavailable = 0x3,
    lba_dependent = 0x4,
    offline = 0xe,
    transitioning = 0xf,
};

/// "active/optimized".
[[nodiscard]] std::string_view to_string(access_state state);

/// The reply of the extended header begins with the time that a transition takes.
[[nodiscard]] cdb report_target_port_groups(std::uint32_t allocation_length,
                                            bool extended_header = false);  // SPC, REPORT TARGET PORT GROUPS (A3h/0Ah)

struct target_port_group {
    std::uint16_t number = 0;
    access_state state = access_state::active_optimized;
    bool preferred = false;
    std::uint8_t supported_states = 0;   ///< the byte of the *_SUP bits
    std::uint8_t status_code = 0;        ///< who changed the state last: 1 SET TARGET PORT GROUPS, 2 the device itself
    std::vector<std::uint16_t> ports{};  ///< relative target port identifiers

    friend bool operator==(const target_port_group&, const target_port_group&) = default;
};

/// With either header. A reply that ends within a group loses this one; one whose own length does is malformed.
[[nodiscard]] parsed<std::vector<target_port_group>> parse_target_port_groups(std::span<const std::byte> reply);

struct wanted_state {
    std::uint16_t group = 0;
    access_state state = access_state::active_optimized;
};
[[nodiscard]] cdb set_target_port_groups(std::uint32_t parameter_list_length);  // SPC, SET TARGET PORT GROUPS (A4h/0Ah)
[[nodiscard]] std::vector<std::byte> target_port_groups_list(std::span<const wanted_state> wanted);

}  // namespace persiscsi::scsi
