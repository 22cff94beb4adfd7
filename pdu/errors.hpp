// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/error_table.hpp"

#include <system_error>

namespace persiscsi {

/// What can be wrong with PDUs and their order. `remote_` blames the peer, `local_` ourselves.
enum class protocol_errc {
    remote_unknown_opcode = 1,
    remote_data_segment_too_long,
    remote_header_digest_mismatch,
    remote_data_digest_mismatch,
    remote_malformed_ahs,
    remote_malformed_text,
    remote_text_too_long,
    remote_unexpected_pdu,
    remote_unknown_task_tag,
    remote_bad_field,
    remote_bad_data_offset,
    remote_bad_data_sequence,
    remote_bad_r2t,
    remote_status_sequence_gap,
    remote_command_window_invalid,
    remote_rejected_pdu,
    remote_short_data,
    remote_silent,
    remote_closed,
    remote_requested_logout,
    local_logged_out,
    local_task_timed_out,
    local_gave_up_reconnecting,
    local_bad_request,
    local_cancelled,
};

inline constexpr error_row<protocol_errc> protocol_errors[] = {
    {protocol_errc::remote_unknown_opcode,
     "remote_unknown_opcode",
     "the target sent an opcode that RFC 7143 does not name",
     error_class::session_lost},
    {protocol_errc::remote_data_segment_too_long,
     "remote_data_segment_too_long",
     "the target sent a longer data segment than was negotiated",
     error_class::session_lost},
    {protocol_errc::remote_header_digest_mismatch,
     "remote_header_digest_mismatch",
     "header digest mismatch",
     error_class::session_lost},
    {protocol_errc::remote_data_digest_mismatch,
     "remote_data_digest_mismatch",
     "data digest mismatch",
     error_class::session_lost},
    {protocol_errc::remote_malformed_ahs,
     "remote_malformed_ahs",
     "malformed additional header segment",
     error_class::session_lost},
    {protocol_errc::remote_malformed_text, "remote_malformed_text", "malformed text keys", error_class::session_lost},
    {protocol_errc::remote_text_too_long,
     "remote_text_too_long",
     "text keys longer than we accept",
     error_class::session_lost},
    {protocol_errc::remote_unexpected_pdu,
     "remote_unexpected_pdu",
     "the target sent a PDU that is not allowed now",
     error_class::session_lost},
    {protocol_errc::remote_unknown_task_tag,
     "remote_unknown_task_tag",
     "the target answered a task that does not exist",
     error_class::session_lost},
    {protocol_errc::remote_bad_field,
     "remote_bad_field",
     "a field of the target's PDU has an illegal value",
     error_class::session_lost},
    {protocol_errc::remote_bad_data_offset,
     "remote_bad_data_offset",
     "data outside of what was asked for",
     error_class::session_lost},
    {protocol_errc::remote_bad_data_sequence,
     "remote_bad_data_sequence",
     "data out of sequence",
     error_class::session_lost},
    {protocol_errc::remote_bad_r2t,
     "remote_bad_r2t",
     "the target asked for data that the command does not have",
     error_class::session_lost},
    {protocol_errc::remote_status_sequence_gap,
     "remote_status_sequence_gap",
     "a status of the target was lost",
     error_class::session_lost},
    {protocol_errc::remote_command_window_invalid,
     "remote_command_window_invalid",
     "the target's command window is invalid",
     error_class::session_lost},
    {protocol_errc::remote_rejected_pdu, "remote_rejected_pdu", "the target rejected a PDU", error_class::permanent},
    {protocol_errc::remote_short_data,
     "remote_short_data",
     "the target delivered less data than its status says",
     error_class::permanent},
    {protocol_errc::remote_silent, "remote_silent", "the target does not answer", error_class::session_lost},
    {protocol_errc::remote_closed, "remote_closed", "the target closed the connection", error_class::session_lost},
    {protocol_errc::remote_requested_logout,
     "remote_requested_logout",
     "the target asked for a logout",
     error_class::session_lost},
    {protocol_errc::local_logged_out, "local_logged_out", "the session was logged out", error_class::permanent},
    {protocol_errc::local_task_timed_out, "local_task_timed_out", "timed out", error_class::retry_later},
    {protocol_errc::local_gave_up_reconnecting,
     "local_gave_up_reconnecting",
     "the session could not be rebuilt in the time its policy allows",
     error_class::session_lost},
    {protocol_errc::local_bad_request, "local_bad_request", "the request is not possible", error_class::misuse},
    {protocol_errc::local_cancelled, "local_cancelled", "cancelled", error_class::misuse},
};

[[nodiscard]] const table_category& protocol_category();
[[nodiscard]] inline std::error_code make_error_code(protocol_errc value) {
    return {static_cast<int>(value), protocol_category()};
}

}  // namespace persiscsi

template <>
struct std::is_error_code_enum<persiscsi::protocol_errc> : std::true_type {};
