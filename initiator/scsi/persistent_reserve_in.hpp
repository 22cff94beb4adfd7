// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/parsed.hpp"
#include "initiator/scsi/persistent_reserve.hpp"
#include "initiator/scsi/transport_id.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace persiscsi::scsi {

enum class reserve_in_action : std::uint8_t {
    read_keys = 0x00,
    read_reservation = 0x01,
    report_capabilities = 0x02,
    read_full_status = 0x03,
};
[[nodiscard]] cdb persistent_reserve_in(reserve_in_action action,
                                        std::uint16_t allocation_length);  // SPC, PERSISTENT RESERVE IN (5Eh)

/// Replies carry the generation, which counts the changes of registrations. Lists are believed as far as there are
/// bytes; `whole_size` is the allocation length that all of the list takes.

struct registered_keys {
    std::uint32_t generation = 0;
    std::vector<reservation_key> keys{};
    std::uint64_t whole_size = 0;

    friend bool operator==(const registered_keys&, const registered_keys&) = default;
};
/// A length that is no multiple of 8 is malformed.
[[nodiscard]] parsed<registered_keys> parse_read_keys(std::span<const std::byte> reply);

struct reservation {
    reservation_key holder{};
    reservation_type type{};
    std::uint8_t scope = 0;  ///< 0: the logical unit

    friend bool operator==(const reservation&, const reservation&) = default;
};
struct current_reservation {
    std::uint32_t generation = 0;
    std::optional<reservation> held{};

    friend bool operator==(const current_reservation&, const current_reservation&) = default;
};
/// A reservation that is announced and cut off is malformed: it must not look like none.
[[nodiscard]] parsed<current_reservation> parse_read_reservation(std::span<const std::byte> reply);

struct reserve_capabilities {
    bool replace_lost_reservation = false;     ///< RLR_C
    bool compatible_reservations = false;      ///< CRH: RESERVE and RELEASE (6) by a registrant
    bool specify_initiator_ports = false;      ///< SIP_C
    bool all_target_ports = false;             ///< ATP_C
    bool persist_through_power_loss = false;   ///< PTPL_C: it can
    bool persists_through_power_loss = false;  ///< PTPL_A: it does
    std::uint8_t allow_commands = 0;
    /// Nothing where the type mask is not valid (TMV).
    std::optional<std::vector<reservation_type>> types{};

    friend bool operator==(const reserve_capabilities&, const reserve_capabilities&) = default;
};
[[nodiscard]] parsed<reserve_capabilities> parse_report_capabilities(std::span<const std::byte> reply);

struct registrant {
    reservation_key key{};
    bool holds_reservation = false;
    bool all_target_ports = false;
    reservation_type type{};  ///< counts where it holds the reservation
    std::uint8_t scope = 0;
    std::uint16_t relative_target_port = 0;
    std::vector<std::byte> transport_id{};  ///< see transport_id.hpp

    friend bool operator==(const registrant&, const registrant&) = default;
};
struct full_status {
    std::uint32_t generation = 0;
    std::vector<registrant> registrants{};
    std::uint64_t whole_size = 0;

    friend bool operator==(const full_status&, const full_status&) = default;
};
/// A reply that ends within a descriptor loses this one; one whose own length does is malformed.
[[nodiscard]] parsed<full_status> parse_read_full_status(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
