// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/persistent_reserve.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persiscsi::scsi {

enum class reserve_out_action : std::uint8_t {
    register_key = 0x00,
    reserve = 0x01,
    release = 0x02,
    clear = 0x03,
    preempt = 0x04,
    preempt_and_abort = 0x05,
    register_and_ignore_existing_key = 0x06,
    register_and_move = 0x07,  ///< with reserve_move_list()
    replace_lost_reservation = 0x08,
};

/// `type` counts for those actions that make, end or take a reservation; its scope is the logical unit.
[[nodiscard]] cdb persistent_reserve_out(reserve_out_action action,
                                         reservation_type type,
                                         std::uint32_t parameter_list_length);  // SPC, PERSISTENT RESERVE OUT (5Fh)

struct reserve_parameters {
    reservation_key key{};             ///< the one that is registered now; 0 where there is none
    reservation_key service_action{};  ///< the new one, or that of the registrants to preempt
    bool all_target_ports = false;     ///< ALL_TG_PT, of the register actions
    bool persist = false;              ///< APTPL: keep registrations through a loss of power
};

/// 24 bytes, or more with the TransportIDs of other initiators to register as well (SPEC_I_PT).
[[nodiscard]] std::vector<std::byte> reserve_parameter_list(const reserve_parameters& what,
                                                            std::span<const std::vector<std::byte>> transport_ids = {});

struct move_parameters {
    reservation_key key{};
    reservation_key service_action{};  ///< key of the registration that the reservation moves to
    bool unregister = false;           ///< UNREG: of ourselves, when it is done
    bool persist = false;              ///< APTPL
    std::uint16_t relative_target_port = 0;
};
[[nodiscard]] std::vector<std::byte> reserve_move_list(const move_parameters& what,
                                                       std::span<const std::byte> transport_id);

}  // namespace persiscsi::scsi
