// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace persiscsi::conformance {

/// What the judge holds each PDU of an initiator against. One row of `rules()` each, in the same order.
enum class rule {
    // the PDU as such
    opcode_is_an_initiators,
    reserved_in_nop_out,
    reserved_in_scsi_command,
    reserved_in_task_management,
    reserved_in_login_request,
    reserved_in_text_request,
    reserved_in_data_out,
    reserved_in_logout_request,
    reserved_in_snack_request,
    no_data_where_none_belongs,
    ahs_only_in_scsi_commands,
    ahs_is_well_formed,
    padding_is_zero,
    header_digest_is_right,
    data_digest_is_right,
    data_segment_fits_the_target,
    // numbers
    cmd_sn_counts_up,
    immediate_carries_current_cmd_sn,
    cmd_sn_lies_in_the_window,
    cmd_sn_increases_on_each_connection,
    cmd_sn_leaves_no_hole,
    login_cmd_sn_is_the_sessions,
    exp_stat_sn_claims_only_what_came,
    exp_stat_sn_tells_what_came,
    status_waits_for_its_data,
    // tags
    itt_is_unique_while_in_use,
    itt_is_not_the_reserved_one,
    itt_names_a_task,
    task_stays_on_its_connection,
    retry_repeats_everything,
    // SCSI Command
    direction_flags_agree_with_lengths,
    task_attribute_is_known,
    immediate_data_as_agreed,
    first_burst_length_is_kept,
    final_flag_says_what_follows,
    data_stays_within_expected_length,
    bidirectional_command_tells_its_read_length,
    unsolicited_burst_is_whole,
    // Data-Out
    unsolicited_data_as_agreed,
    data_out_answers_an_r2t,
    data_out_copies_the_lun,
    data_sn_counts_up,
    buffer_offset_continues,
    final_flag_ends_the_r2t,
    r2ts_are_answered_in_order,
    r2t_is_honoured,
    unsolicited_data_keeps_the_order_of_commands,
    data_out_fills_whole_words,
    // NOP-Out
    nop_in_is_answered,
    nop_answer_copies_the_ttt,
    nop_answer_copies_the_lun,
    nop_answer_has_no_itt,
    nop_without_itt_is_immediate,
    // Text Request
    one_text_request_at_a_time,
    text_continues_or_ends,
    text_copies_the_ttt_and_lun,
    text_keeps_its_i_bit,
    // Task Management Function Request
    tmf_function_is_known,
    tmf_lun_is_the_tasks,
    tmf_references_a_task,
    tmf_ref_cmd_sn_is_the_tasks,
    tmf_exp_data_sn_is_for_reassign,
    abort_goes_by_the_tasks_connection,
    reassign_is_immediate,
    reassign_follows_a_logout,
    // Logout Request
    logout_reason_is_known,
    logout_cid_is_the_connections,
    nothing_new_after_logout,
    // SNACK Request
    snack_needs_recovery_level_1,
    snack_type_is_known,
    snack_itt_fits_its_type,
    snack_ttt_fits_its_type,
    snack_run_fits_its_type,
    snack_asks_for_nothing_acknowledged,
    data_ack_is_sent_when_asked_for,
    // Login Request
    login_comes_first_and_once,
    one_login_request_at_a_time,
    login_keeps_its_identity,
    login_version_is_zero,
    login_isid_has_a_known_format,
    login_tsih_is_the_sessions,
    login_stages_follow_the_table,
    login_continues_or_transits,
    first_login_request_acknowledges_nothing,
    continued_response_gets_an_empty_request,
    nothing_follows_a_login_reject,
    first_login_request_names_the_parties,
    // keys
    key_is_well_formed,
    key_comes_once,
    key_belongs_to_the_stage,
    key_belongs_to_the_phase,
    key_is_one_an_initiator_sends,
    leading_only_key_on_the_leading_login,
    key_belongs_to_the_session_type,
    reserved_word_is_no_proposal,
    proposal_is_legal,
    answer_is_admissible,
    proposal_is_answered,
    unknown_key_is_not_understood,
    known_key_is_understood,
    first_burst_is_offered_within_max_burst,
    chap_goes_step_by_step,
    chap_offers_md5,
    chap_binaries_have_legal_lengths,
    chap_challenge_is_not_reflected,
    count_,
};

inline constexpr auto rule_count = static_cast<std::size_t>(rule::count_);

struct rule_row {
    rule id;
    std::string_view name;
    std::string_view section;  ///< of RFC 7143
    std::string_view demand;   ///< in our words
};

[[nodiscard]] std::span<const rule_row> rules();
[[nodiscard]] inline const rule_row& row_of(rule id) {
    return rules()[static_cast<std::size_t>(id)];
}

}  // namespace persiscsi::conformance
