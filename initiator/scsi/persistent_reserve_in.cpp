// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/persistent_reserve_in.hpp"

#include "initiator/scsi/cdb_fields.hpp"
#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {
namespace {

constexpr std::size_t header_size = 8;       // PRGENERATION, ADDITIONAL LENGTH
constexpr std::size_t registrant_size = 24;  // without its TransportID

struct type_bit {
    std::size_t byte;
    unsigned bit;
    reservation_type type;
};

/// PERSISTENT RESERVATION TYPE MASK of the capabilities.
constexpr type_bit type_mask[] = {
    {4, 1, reservation_type::write_exclusive},
    {4, 3, reservation_type::exclusive_access},
    {4, 5, reservation_type::write_exclusive_registrants_only},
    {4, 6, reservation_type::exclusive_access_registrants_only},
    {4, 7, reservation_type::write_exclusive_all_registrants},
    {5, 0, reservation_type::exclusive_access_all_registrants},
};

std::uint32_t generation_of(std::span<const std::byte> reply) {
    return static_cast<std::uint32_t>(number_at<4>(reply, 0));
}

registrant registrant_at(std::span<const std::byte> descriptor, std::size_t id_size) {
    const auto id = part_of(descriptor, registrant_size, id_size);
    return {.key = reservation_key{number_at<8>(descriptor, 0)},
            .holds_reservation = bit_at(descriptor, 12, 0),
            .all_target_ports = bit_at(descriptor, 12, 1),
            .type = static_cast<reservation_type>(byte_at(descriptor, 13) & 0x0fU),
            .scope = static_cast<std::uint8_t>(byte_at(descriptor, 13) >> 4U),
            .relative_target_port = static_cast<std::uint16_t>(number_at<2>(descriptor, 18)),
            .transport_id = {id.begin(), id.end()}};
}

}  // namespace

cdb persistent_reserve_in(reserve_in_action action, std::uint16_t allocation_length) {
    auto made = make_cdb(0x5e, 10, static_cast<std::uint8_t>(action));
    put<7, 2>(made, allocation_length);
    return made;
}

parsed<registered_keys> parse_read_keys(std::span<const std::byte> reply) {
    if (reply.size() < header_size) return too_short<registered_keys>("READ KEYS", reply.size(), header_size);
    const auto length = number_at<4>(reply, 4);
    if (length % 8 != 0)
        return malformed<registered_keys>("READ KEYS: a list of " + std::to_string(length) +
                                          " bytes, not a multiple of 8");
    parsed<registered_keys> found{.value = {.generation = generation_of(reply), .whole_size = header_size + length}};
    const auto list = part_of(reply, header_size, length);
    for (std::size_t at = 0; has_field<8>(list, at); at += 8)
        found.value.keys.push_back(reservation_key{number_at<8>(list, at)});
    return found;
}

parsed<current_reservation> parse_read_reservation(std::span<const std::byte> reply) {
    constexpr std::size_t descriptor_size = 16;
    if (reply.size() < header_size)
        return too_short<current_reservation>("READ RESERVATION", reply.size(), header_size);
    const auto length = number_at<4>(reply, 4);
    parsed<current_reservation> found{.value = {.generation = generation_of(reply)}};
    if (length == 0) return found;
    if (length < descriptor_size)
        return malformed<current_reservation>("READ RESERVATION: a reservation of " + std::to_string(length) +
                                              " bytes, at least 16");
    if (reply.size() < header_size + descriptor_size)
        return too_short<current_reservation>("READ RESERVATION", reply.size(), header_size + descriptor_size);
    found.value.held = reservation{.holder = reservation_key{number_at<8>(reply, 8)},
                                   .type = static_cast<reservation_type>(byte_at(reply, 21) & 0x0fU),
                                   .scope = static_cast<std::uint8_t>(byte_at(reply, 21) >> 4U)};
    return found;
}

parsed<reserve_capabilities> parse_report_capabilities(std::span<const std::byte> reply) {
    constexpr std::size_t size = 8;
    if (reply.size() < size) return too_short<reserve_capabilities>("REPORT CAPABILITIES", reply.size(), size);
    parsed<reserve_capabilities> found{
        .value = {.replace_lost_reservation = bit_at(reply, 2, 7),
                  .compatible_reservations = bit_at(reply, 2, 4),
                  .specify_initiator_ports = bit_at(reply, 2, 3),
                  .all_target_ports = bit_at(reply, 2, 2),
                  .persist_through_power_loss = bit_at(reply, 2, 0),
                  .persists_through_power_loss = bit_at(reply, 3, 0),
                  .allow_commands = static_cast<std::uint8_t>(byte_at(reply, 3) >> 4U & 0x7U)}};
    const bool mask_valid = bit_at(reply, 3, 7);
    if (!mask_valid) return found;
    auto& types = found.value.types.emplace();
    for (const auto& row : type_mask)
        if (bit_at(reply, row.byte, row.bit)) types.push_back(row.type);
    return found;
}

parsed<full_status> parse_read_full_status(std::span<const std::byte> reply) {
    if (reply.size() < header_size) return too_short<full_status>("READ FULL STATUS", reply.size(), header_size);
    const auto length = number_at<4>(reply, 4);
    const bool whole = reply.size() >= header_size + length;
    parsed<full_status> found{.value = {.generation = generation_of(reply), .whole_size = header_size + length}};
    for (auto rest = part_of(reply, header_size, length); !rest.empty();) {
        const auto id_size = number_at<4>(rest, 20);
        if (rest.size() < registrant_size || id_size > rest.size() - registrant_size) {
            if (!whole) break;
            return malformed<full_status>("READ FULL STATUS: a TransportID of " + std::to_string(id_size) +
                                          " bytes with " + std::to_string(rest.size()) + " left");
        }
        found.value.registrants.push_back(registrant_at(rest, id_size));
        rest = rest.subspan(registrant_size + id_size);
    }
    return found;
}

}  // namespace persiscsi::scsi
