// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/rules.hpp"

namespace persiscsi::conformance {
namespace {

#define RULE(name) rule::name, #name

// clang-format off
constexpr rule_row rows[] = {
    {RULE(opcode_is_an_initiators), "11.2.1.2", "Only opcodes that the table gives to initiators are sent."},
    {RULE(reserved_in_nop_out), "11.18", "Every reserved bit of a NOP-Out is 0 and bit 0 of byte 1 is 1; without a TTT the LUN is reserved too."},
    {RULE(reserved_in_scsi_command), "11.3", "Every reserved bit of a SCSI Command is 0."},
    {RULE(reserved_in_task_management), "11.5", "Every reserved bit of a Task Management Function Request is 0 and bit 0 of byte 1 is 1; LUN, RefCmdSN are reserved where the function has no use for them."},
    {RULE(reserved_in_login_request), "11.12", "Every reserved bit of a Login Request is 0, and it is marked immediate."},
    {RULE(reserved_in_text_request), "11.10", "Every reserved bit of a Text Request is 0, and its LUN where it carries no TTT."},
    {RULE(reserved_in_data_out), "11.7", "Every reserved bit of a Data-Out is 0, and its LUN where it carries no TTT."},
    {RULE(reserved_in_logout_request), "11.14", "Every reserved bit of a Logout Request is 0 and bit 0 of byte 1 is 1; the CID is reserved where the session is closed."},
    {RULE(reserved_in_snack_request), "11.16", "Every reserved bit of a SNACK Request is 0 and bit 0 of byte 1 is 1; a Status SNACK has no LUN."},
    {RULE(no_data_where_none_belongs), "11.2.1.6", "Task management, Logout and SNACK Requests have a DataSegmentLength of 0."},
    {RULE(ahs_only_in_scsi_commands), "11.2.1.5", "TotalAHSLength is 0 in every PDU that has no additional header segments to carry."},
    {RULE(ahs_is_well_formed), "11.2.2", "Additional header segments have known codes, lengths that fill TotalAHSLength exactly, and zero in their reserved bytes; an extended CDB has more than 16 bytes."},
    {RULE(padding_is_zero), "11.1", "Bytes that pad a segment to whole words are 0."},
    {RULE(header_digest_is_right), "13.1", "Once agreed, the CRC32C of header and AHS follows them in every PDU of Full Feature Phase."},
    {RULE(data_digest_is_right), "13.1", "Once agreed, the CRC32C of data and padding follows every data segment of Full Feature Phase."},
    {RULE(data_segment_fits_the_target), "13.12", "No data segment is longer than the MaxRecvDataSegmentLength the target declared, or 8192 before it did."},
    {RULE(cmd_sn_counts_up), "4.2.2.1", "Each non-immediate request takes the next CmdSN of the session."},
    {RULE(immediate_carries_current_cmd_sn), "4.2.2.1", "A request marked immediate carries the CmdSN that the next numbered one will have."},
    {RULE(cmd_sn_lies_in_the_window), "4.2.2.1", "A numbered request lies between ExpCmdSN and MaxCmdSN as the target last told them."},
    {RULE(cmd_sn_increases_on_each_connection), "4.2.2.1", "On one connection CmdSNs only grow, except for retries."},
    {RULE(cmd_sn_leaves_no_hole), "4.2.2.1", "Over all connections of a session no CmdSN is left out."},
    {RULE(login_cmd_sn_is_the_sessions), "11.12.8", "The requests of a leading login share one CmdSN, the first of the session; a further connection's login carries the current one."},
    {RULE(exp_stat_sn_claims_only_what_came), "11.3.3", "ExpStatSN acknowledges no status that has not come on this connection."},
    {RULE(exp_stat_sn_tells_what_came), "11.3.3", "ExpStatSN acknowledges every status that has come in order."},
    {RULE(status_waits_for_its_data), "7.9", "A status is not acknowledged while data of its command is missing and can be asked for."},
    {RULE(itt_is_unique_while_in_use), "11.2.1.8", "A new task takes an Initiator Task Tag that no living task of the session has."},
    {RULE(itt_is_not_the_reserved_one), "11.2.1.8", "0xffffffff names no task."},
    {RULE(itt_names_a_task), "4.2.5.3", "Data-Out and SNACK carry the tag of a command that still lives."},
    {RULE(task_stays_on_its_connection), "4.2.5.1", "What belongs to a task goes by the connection of its command."},
    {RULE(retry_repeats_everything), "7.2.1", "A retry has tag, CmdSN, flags, LUN, CDB and data of the first sending, and is for a command the target has not acknowledged."},
    {RULE(direction_flags_agree_with_lengths), "11.3.1", "W or F is set; R or W is set where data is expected."},
    {RULE(task_attribute_is_known), "11.3.1", "The task attribute is 0 to 4."},
    {RULE(immediate_data_as_agreed), "13.11", "A command carries data only where ImmediateData=Yes was agreed and W is set."},
    {RULE(first_burst_length_is_kept), "13.14", "Immediate and unsolicited data of a command together are at most FirstBurstLength."},
    {RULE(final_flag_says_what_follows), "11.3.4", "F is 1 in a command whose data is all in it, in one without output, and where InitialR2T=Yes forbids unsolicited Data-Out."},
    {RULE(data_stays_within_expected_length), "11.7.6", "Offset and length stay within the Expected Data Transfer Length."},
    {RULE(bidirectional_command_tells_its_read_length), "11.3.4", "A command with R and W has an AHS with its read length, any other has none."},
    {RULE(unsolicited_burst_is_whole), "4.2.5.2", "Unsolicited Data-Out goes on to FirstBurstLength or to the end of the data, and F ends it there."},
    {RULE(unsolicited_data_as_agreed), "13.10", "No Data-Out without an R2T where InitialR2T=Yes, nor after a command or Data-Out with F=1."},
    {RULE(data_out_answers_an_r2t), "11.7.4", "A Data-Out's Target Transfer Tag is that of an R2T of its task which is not answered yet."},
    {RULE(data_out_copies_the_lun), "11.7.4", "A Data-Out with a Target Transfer Tag has the LUN of its R2T."},
    {RULE(data_sn_counts_up), "11.7.5", "DataSN starts at 0 in every sequence and counts its PDUs."},
    {RULE(buffer_offset_continues), "11.8", "With DataPDUInOrder=Yes a Data-Out starts where the one before it ended, the first one where the R2T or the immediate data says."},
    {RULE(final_flag_ends_the_r2t), "11.8", "F stands in the Data-Out that brings the last byte an R2T asked for, and in no other."},
    {RULE(r2ts_are_answered_in_order), "11.8", "The R2Ts of one task are answered in the order in which they came."},
    {RULE(r2t_is_honoured), "4.2.5.2", "Every R2T of a living command is answered with all the data it asks for."},
    {RULE(unsolicited_data_keeps_the_order_of_commands), "4.2.5.2", "Unsolicited Data-Out of two commands of a connection comes in the order of the commands."},
    {RULE(data_out_fills_whole_words), "11.7.7", "A Data-Out that is not the last of its sequence carries whole 4-byte words, and some."},
    {RULE(nop_in_is_answered), "11.18", "Every NOP-In with a Target Transfer Tag is answered."},
    {RULE(nop_answer_copies_the_ttt), "11.18.2", "A NOP-Out has a Target Transfer Tag only as the copy of one that a NOP-In brought, once."},
    {RULE(nop_answer_copies_the_lun), "11.18.2", "A NOP-Out with a Target Transfer Tag has the NOP-In's LUN."},
    {RULE(nop_answer_has_no_itt), "11.18.1", "A NOP-Out asks for an answer, or is one: never both tags."},
    {RULE(nop_without_itt_is_immediate), "11.18.1", "A NOP-Out without an Initiator Task Tag is immediate."},
    {RULE(one_text_request_at_a_time), "11.10", "A Text Request waits for the response to the one before it on the connection."},
    {RULE(text_continues_or_ends), "11.10.2", "A Text Request has not both C and F."},
    {RULE(text_copies_the_ttt_and_lun), "11.11.4", "The next request of a text sequence copies Target Transfer Tag and LUN of the response; a new one has 0xffffffff."},
    {RULE(text_keeps_its_i_bit), "11.10.3", "All requests of a text sequence have the same I bit."},
    {RULE(tmf_function_is_known), "11.5.1", "The function is 1 to 8."},
    {RULE(tmf_lun_is_the_tasks), "11.5.3", "ABORT TASK carries the LUN of the task it aborts."},
    {RULE(tmf_references_a_task), "11.5.4", "ABORT TASK and TASK REASSIGN reference a living task, the others 0xffffffff."},
    {RULE(tmf_ref_cmd_sn_is_the_tasks), "11.5.5", "RefCmdSN is the CmdSN of the task to abort; for an immediate one the request's own."},
    {RULE(tmf_exp_data_sn_is_for_reassign), "11.5.6", "ExpDataSN is 0 unless a task with input is reassigned, and there not beyond what came."},
    {RULE(abort_goes_by_the_tasks_connection), "11.5.1", "ABORT TASK goes by the connection of its task while that connection lives."},
    {RULE(reassign_is_immediate), "11.5.1", "TASK REASSIGN is immediate."},
    {RULE(reassign_follows_a_logout), "7.2.2", "A task is reassigned only after its connection was logged out for recovery, in words or by a login with its CID."},
    {RULE(logout_reason_is_known), "11.14.1", "The reason of a Logout is 0, 1 or 2."},
    {RULE(logout_cid_is_the_connections), "11.14.3", "A Logout that closes a connection has the CID of one of the session."},
    {RULE(nothing_new_after_logout), "11.14", "After a Logout Request no new request goes out on what it closes."},
    {RULE(snack_needs_recovery_level_1), "7.1.5", "SNACK is used only where ErrorRecoveryLevel 1 or 2 was agreed."},
    {RULE(snack_type_is_known), "11.16.1", "The type of a SNACK is 0 to 3."},
    {RULE(snack_itt_fits_its_type), "11.16.4", "Status SNACK and DataACK have no Initiator Task Tag."},
    {RULE(snack_ttt_fits_its_type), "11.16.5", "A DataACK copies the Target Transfer Tag and LUN of the Data-In that asked for it, R-Data has a tag of its own, the others have 0xffffffff."},
    {RULE(snack_run_fits_its_type), "11.16.7", "RunLength is 0 for DataACK and R-Data, BegRun is 0 for R-Data and the next DataSN for DataACK."},
    {RULE(snack_asks_for_nothing_acknowledged), "11.16.1", "A SNACK asks for no status that ExpStatSN has acknowledged, and no data that a DataACK has."},
    {RULE(data_ack_is_sent_when_asked_for), "11.7.2", "A Data-In with the A bit gets a DataACK as soon as nothing before it is missing, unless its status is acknowledged."},
    {RULE(login_comes_first_and_once), "6.3", "Nothing but Login Requests before Full Feature Phase, and none in it."},
    {RULE(one_login_request_at_a_time), "6.3", "A Login Request waits for the response to the one before it."},
    {RULE(login_keeps_its_identity), "11.12", "ISID, TSIH, CID, task tag and versions are the same in all requests of a login."},
    {RULE(login_version_is_zero), "11.12.4", "Version-max and Version-min are 0."},
    {RULE(login_isid_has_a_known_format), "11.12.5", "The type of the ISID is not 3, and its reserved bits are 0."},
    {RULE(login_tsih_is_the_sessions), "11.12.6", "TSIH is 0 for a new session, and otherwise the one the target gave."},
    {RULE(login_stages_follow_the_table), "11.12.3", "CSG is the stage agreed so far; NSG lies beyond it, and is 0 where T is 0."},
    {RULE(login_continues_or_transits), "11.12.2", "A Login Request has not both C and T."},
    {RULE(first_login_request_acknowledges_nothing), "11.12.9", "ExpStatSN is 0 in the first request of a connection which restarts none."},
    {RULE(continued_response_gets_an_empty_request), "6.2", "A response with the C bit is answered by a request without data."},
    {RULE(nothing_follows_a_login_reject), "6.3.1", "After a login was refused or sent elsewhere, nothing more is sent on its connection."},
    {RULE(first_login_request_names_the_parties), "6.3", "The first request has InitiatorName, and TargetName unless it is for discovery."},
    {RULE(key_is_well_formed), "6.1", "Text is key=value pairs, each with one NUL at its end; the key is a standard-label, a simple value has at most 255 bytes."},
    {RULE(key_comes_once), "6.3", "No key is sent twice in one negotiation."},
    {RULE(key_belongs_to_the_stage), "6.3", "Security keys in the security stage, operational keys in the operational stage, Any-Stage keys in either."},
    {RULE(key_belongs_to_the_phase), "13", "Keys for the login alone are not in Text Requests, SendTargets is not in a login."},
    {RULE(key_is_one_an_initiator_sends), "13", "No key that only a target may send."},
    {RULE(leading_only_key_on_the_leading_login), "13", "Leading Only keys are in no login but the first of a session."},
    {RULE(key_belongs_to_the_session_type), "13.21", "A Discovery session carries no key that is irrelevant in it and none of a vendor."},
    {RULE(reserved_word_is_no_proposal), "6.2", "Reject, Irrelevant and NotUnderstood are never proposed."},
    {RULE(proposal_is_legal), "13", "A proposed value is of the key's type and within its bounds."},
    {RULE(answer_is_admissible), "6.2.2", "The answer to a target's proposal is one that the key's result function allows."},
    {RULE(proposal_is_answered), "6.2.2", "What a target proposes is answered in the next request, unless the value decides alone."},
    {RULE(unknown_key_is_not_understood), "6.2", "A key that RFC 7143 does not have is answered NotUnderstood."},
    {RULE(known_key_is_understood), "6.2", "A key that RFC 7143 has is never answered NotUnderstood."},
    {RULE(first_burst_is_offered_within_max_burst), "13.14", "FirstBurstLength is not offered above MaxBurstLength."},
    {RULE(chap_goes_step_by_step), "12.1.3", "CHAP_A comes first and alone, then CHAP_N and CHAP_R together, with CHAP_I and CHAP_C where the target must prove itself."},
    {RULE(chap_offers_md5), "12.1.3", "CHAP_A offers algorithm 5."},
    {RULE(chap_binaries_have_legal_lengths), "12.1.3", "CHAP_C and CHAP_R are hex or base64 of 1 to 1024 bytes, CHAP_I is 0 to 255."},
    {RULE(chap_challenge_is_not_reflected), "9.2.1", "The challenge for the target is not the one that the target sent."},
};
// clang-format on

#undef RULE

constexpr bool in_order() {
    for (std::size_t i = 0; i < std::size(rows); ++i)
        if (rows[i].id != static_cast<rule>(i)) return false;
    return std::size(rows) == rule_count;
}
static_assert(in_order());

}  // namespace

std::span<const rule_row> rules() {
    return rows;
}

}  // namespace persiscsi::conformance
