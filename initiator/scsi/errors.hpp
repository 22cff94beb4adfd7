// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/sense.hpp"
#include "initiator/scsi/status.hpp"
#include "pdu/error_table.hpp"

#include <optional>
#include <system_error>

namespace persiscsi {

/// What a logical unit answers instead of GOOD, and what can be wrong with its replies.
enum class scsi_errc {
    not_ready = 1,
    medium_not_present,
    medium_error,
    hardware_error,
    illegal_request,
    invalid_command,
    invalid_field,
    lba_out_of_range,
    lun_not_supported,
    unit_attention,
    data_protect,
    out_of_space,
    aborted_command,
    miscompare,
    deferred_error,
    check_condition,
    busy,
    task_set_full,
    reservation_conflict,
    aca_active,
    task_aborted,
    unexpected_status,
    malformed_reply,
};

inline constexpr error_row<scsi_errc> scsi_errors[] = {
    {scsi_errc::not_ready, "not_ready", "the logical unit is not ready", error_class::retry_later},
    {scsi_errc::medium_not_present, "medium_not_present", "no medium in the logical unit", error_class::permanent},
    {scsi_errc::medium_error, "medium_error", "medium error", error_class::permanent},
    {scsi_errc::hardware_error, "hardware_error", "hardware error of the logical unit", error_class::permanent},
    {scsi_errc::illegal_request, "illegal_request", "the logical unit refuses the request", error_class::permanent},
    {scsi_errc::invalid_command,
     "invalid_command",
     "the logical unit does not know the command",
     error_class::permanent},
    {scsi_errc::invalid_field,
     "invalid_field",
     "the logical unit does not support a field of the command",
     error_class::permanent},
    {scsi_errc::lba_out_of_range, "lba_out_of_range", "logical block address out of range", error_class::permanent},
    {scsi_errc::lun_not_supported, "lun_not_supported", "no logical unit of that number", error_class::permanent},
    {scsi_errc::unit_attention,
     "unit_attention",
     "the state of the logical unit has changed",
     error_class::retry_later},
    {scsi_errc::data_protect, "data_protect", "the logical unit is write protected", error_class::permanent},
    {scsi_errc::out_of_space,
     "out_of_space",
     "the logical unit has no space left for the write",
     error_class::permanent},
    {scsi_errc::aborted_command, "aborted_command", "the target aborted the command", error_class::retry_later},
    {scsi_errc::miscompare, "miscompare", "the data differ from the medium", error_class::permanent},
    {scsi_errc::deferred_error,
     "deferred_error",
     "an earlier command failed after its status was given",
     error_class::permanent},
    {scsi_errc::check_condition, "check_condition", "check condition", error_class::permanent},
    {scsi_errc::busy, "busy", "the logical unit is busy", error_class::retry_later},
    {scsi_errc::task_set_full,
     "task_set_full",
     "the logical unit has no room for another command",
     error_class::retry_later},
    {scsi_errc::reservation_conflict,
     "reservation_conflict",
     "the logical unit is reserved by another initiator",
     error_class::permanent},
    {scsi_errc::aca_active,
     "aca_active",
     "the logical unit waits for an earlier failure to be cleared",
     error_class::retry_later},
    {scsi_errc::task_aborted, "task_aborted", "another initiator aborted the command", error_class::retry_later},
    {scsi_errc::unexpected_status, "unexpected_status", "a status that SCSI does not name", error_class::permanent},
    {scsi_errc::malformed_reply, "malformed_reply", "malformed reply of the logical unit", error_class::permanent},
};

[[nodiscard]] const table_category& scsi_category();
[[nodiscard]] inline std::error_code make_error_code(scsi_errc value) {
    return {static_cast<int>(value), scsi_category()};
}

namespace scsi {

/// What a status means for the command it ends; no error where the command did all of its work, which it also did with
/// a recovered error. `sense` counts for CHECK CONDITION only; without one that is `scsi_errc::check_condition`.
[[nodiscard]] std::error_code to_error(status ended_with, const std::optional<sense_data>& sense);

}  // namespace scsi
}  // namespace persiscsi

template <>
struct std::is_error_code_enum<persiscsi::scsi_errc> : std::true_type {};
