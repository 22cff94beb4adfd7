// SPDX-License-Identifier: Apache-2.0
#include "initiator/unit_sharing.hpp"

#include "initiator/net/unit_commands.hpp"

namespace persiscsi {
namespace {

constexpr std::uint16_t list_size = 0xffff;
constexpr std::uint16_t reservation_size = 24;
constexpr std::uint16_t capabilities_size = 8;

/// A list of which a part was left out is an error, not a part of the truth.
template <class List>
scsi::parsed<List> whole(scsi::parsed<List> list, const char* name) {
    if (list.error || list.value.whole_size <= list_size) return list;
    return {.error = scsi_errc::malformed_reply,
            .detail = std::string(name) + ": a list of " + std::to_string(list.value.whole_size) + " bytes, we take " +
                      std::to_string(list_size)};
}

scsi_task reserve_in(pdu::lun_id lun, scsi::reserve_in_action action, std::uint16_t size) {
    return {.lun = lun, .cdb = scsi::persistent_reserve_in(action, size).bytes};
}

}  // namespace

void unit_sharing::start_persistent_reserve(scsi::reserve_out_action action,
                                            scsi::reservation_type type,
                                            scsi::reserve_parameters what,
                                            diagnostics& story,
                                            unit_handler<> then) {
    auto list = std::make_shared<std::vector<std::byte>>(scsi::reserve_parameter_list(what));
    const auto cdb = scsi::persistent_reserve_out(action, type, static_cast<std::uint32_t>(list->size()));
    const scsi_task task{.lun = lun_, .cdb = cdb.bytes, .data_out = *list, .repeatable = false};
    single_command(*session_, task, list->size(), story, std::move(then), [list, action, lun = lun_] {
        return on_lun(
            "persistent reserve out, service action " + std::to_string(static_cast<unsigned>(action)) + ", of", lun);
    });
}

void unit_sharing::start_read_keys(diagnostics& story, unit_handler<scsi::registered_keys> then) {
    query(
        *session_,
        reserve_in(lun_, scsi::reserve_in_action::read_keys, list_size),
        list_size,
        story,
        std::move(then),
        [lun = lun_] { return on_lun("read keys of", lun); },
        [](std::span<const std::byte> reply) { return whole(scsi::parse_read_keys(reply), "READ KEYS"); });
}

void unit_sharing::start_read_reservation(diagnostics& story, unit_handler<scsi::current_reservation> then) {
    query(
        *session_,
        reserve_in(lun_, scsi::reserve_in_action::read_reservation, reservation_size),
        reservation_size,
        story,
        std::move(then),
        [lun = lun_] { return on_lun("read reservation of", lun); },
        scsi::parse_read_reservation);
}

void unit_sharing::start_reserve_capabilities(diagnostics& story, unit_handler<scsi::reserve_capabilities> then) {
    query(
        *session_,
        reserve_in(lun_, scsi::reserve_in_action::report_capabilities, capabilities_size),
        capabilities_size,
        story,
        std::move(then),
        [lun = lun_] { return on_lun("report reserve capabilities of", lun); },
        scsi::parse_report_capabilities);
}

void unit_sharing::start_full_status(diagnostics& story, unit_handler<scsi::full_status> then) {
    query(
        *session_,
        reserve_in(lun_, scsi::reserve_in_action::read_full_status, list_size),
        list_size,
        story,
        std::move(then),
        [lun = lun_] { return on_lun("read full status of", lun); },
        [](std::span<const std::byte> reply) {
            return whole(scsi::parse_read_full_status(reply), "READ FULL STATUS");
        });
}

void unit_sharing::start_target_port_groups(diagnostics& story,
                                            unit_handler<std::vector<scsi::target_port_group>> then) {
    const scsi_task task{.lun = lun_, .cdb = scsi::report_target_port_groups(list_size).bytes};
    query(
        *session_,
        task,
        list_size,
        story,
        std::move(then),
        [lun = lun_] { return on_lun("report target port groups of", lun); },
        scsi::parse_target_port_groups);
}

}  // namespace persiscsi
