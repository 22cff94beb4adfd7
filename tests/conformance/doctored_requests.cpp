// SPDX-License-Identifier: Apache-2.0
// Conversations that break a rule about NOP-Out, Text, Task Management, Logout or SNACK.
#include "tests/conformance/doctored.hpp"

namespace persiscsi::conformance {
namespace {

using enum rule;
using pdu::task_tag;
using pdu::transfer_tag;
using function = pdu::task_management_function;

void pinged(talk& t) {
    t.log_in();
    t.answer(pdu::nop_in{.lun = pdu::lun_id{3}, .target_transfer_tag = transfer_tag{8}}, {}, false);
}
void pong(talk& t,
          pdu::nop_out nop = {.immediate = true, .lun = pdu::lun_id{3}, .target_transfer_tag = transfer_tag{8}}) {
    t.send(nop);
}
void text(talk& t, pdu::text_request request, std::string_view keys = "") {
    request.initiator_task_tag = task_tag{1};
    t.send(request, talk::text(keys));
}
/// A SendTargets of which the first part has come.
void half_a_text(talk& t) {
    t.log_in();
    text(t, {.final = true}, "SendTargets=All");
    t.answer(
        pdu::text_response{
            .lun = pdu::lun_id{3}, .initiator_task_tag = task_tag{1}, .target_transfer_tag = transfer_tag{8}},
        talk::text("TargetName=iqn.a"));
}
pdu::task_management_request abort() {
    return {.immediate = true,
            .function = function::abort_task,
            .lun = pdu::lun_id{7},
            .initiator_task_tag = task_tag{2},
            .referenced_task_tag = task_tag{1},
            .cmd_sn = {},
            .exp_stat_sn = {},
            .ref_cmd_sn = {1},
            .exp_data_sn = {}};
}
void read_then(talk& t, const pdu::task_management_request& request) {
    t.log_in();
    t.command(1, false, 512);
    t.send(request);
}
void at_level(talk& t, std::string_view level) {
    t.log_in(level, level);
    t.command(1, false, 1024);
}
pdu::task_management_request reassign() {
    return {.immediate = true,
            .function = function::task_reassign,
            .lun = {},
            .initiator_task_tag = task_tag{2},
            .referenced_task_tag = task_tag{1},
            .cmd_sn = {},
            .exp_stat_sn = {},
            .ref_cmd_sn = {},
            .exp_data_sn = {}};
}
/// A read whose connection was lost, and a new one with the same CID in its place.
void reconnected(talk& t) {
    at_level(t, "ErrorRecoveryLevel=2");
    t.judged.closed(0);
    t.add_connection(0, 0);
}
void snack(talk& t, const pdu::snack_request& request) {
    t.send(request);
}
constexpr auto level_1 = "ErrorRecoveryLevel=1";

}  // namespace

std::vector<doctored> doctored_requests() {
    return {
        {nop_in_is_answered, [](talk& t) { pinged(t); }},
        {nop_answer_copies_the_ttt,
         [](talk& t) {
             pinged(t);
             pong(t);
             pong(t);
         }},
        {nop_answer_copies_the_lun,
         [](talk& t) {
             pinged(t);
             pong(t, {.immediate = true, .lun = pdu::lun_id{4}, .target_transfer_tag = transfer_tag{8}});
         }},
        {nop_answer_has_no_itt,
         [](talk& t) {
             pinged(t);
             pong(t,
                  {.immediate = true,
                   .lun = pdu::lun_id{3},
                   .initiator_task_tag = task_tag{1},
                   .target_transfer_tag = transfer_tag{8}});
             pong(t);
         }},
        {nop_without_itt_is_immediate,
         [](talk& t) {
             pinged(t);
             pong(t, {.lun = pdu::lun_id{3}, .target_transfer_tag = transfer_tag{8}});
         }},
        {one_text_request_at_a_time,
         [](talk& t) {
             t.log_in();
             text(t, {.final = true}, "SendTargets=All");
             text(t, {.final = true}, "SendTargets=All");
         }},
        {text_continues_or_ends,
         [](talk& t) {
             t.log_in();
             text(t, {.final = true, .continued = true}, "SendTargets=All");
         }},
        {text_copies_the_ttt_and_lun,
         [](talk& t) {
             half_a_text(t);
             text(t, {.final = true, .lun = pdu::lun_id{3}, .target_transfer_tag = transfer_tag{9}});
         }},
        {text_keeps_its_i_bit,
         [](talk& t) {
             half_a_text(t);
             text(t, {.immediate = true, .final = true, .lun = pdu::lun_id{3}, .target_transfer_tag = transfer_tag{8}});
         }},
        {tmf_function_is_known,
         [](talk& t) {
             auto request = abort();
             request.function = function{20};
             request.ref_cmd_sn = {};
             read_then(t, request);
         }},
        {tmf_lun_is_the_tasks,
         [](talk& t) {
             auto request = abort();
             request.lun = pdu::lun_id{8};
             read_then(t, request);
         }},
        {tmf_references_a_task,
         [](talk& t) {
             auto request = abort();
             request.referenced_task_tag = task_tag{5};
             read_then(t, request);
         }},
        {tmf_ref_cmd_sn_is_the_tasks,
         [](talk& t) {
             auto request = abort();
             request.ref_cmd_sn = {2};
             read_then(t, request);
         }},
        {tmf_exp_data_sn_is_for_reassign,
         [](talk& t) {
             auto request = abort();
             request.exp_data_sn = {1};
             read_then(t, request);
         }},
        {abort_goes_by_the_tasks_connection,
         [](talk& t) {
             t.log_in();
             t.command(1, false, 512);
             t.add_connection(1, 1);
             t.send(abort());
         }},
        {reassign_is_immediate,
         [](talk& t) {
             reconnected(t);
             auto request = reassign();
             request.immediate = false;
             t.send(request);
         }},
        {reassign_follows_a_logout,
         [](talk& t) {
             at_level(t, "ErrorRecoveryLevel=2");
             t.add_connection(1, 1);
             t.send(reassign());
         }},
        {logout_reason_is_known,
         [](talk& t) {
             t.log_in();
             t.send(pdu::logout_request{
                 .immediate = true, .reason = pdu::logout_reason{3}, .initiator_task_tag = task_tag{1}});
         }},
        {logout_cid_is_the_connections,
         [](talk& t) {
             t.log_in();
             t.send(pdu::logout_request{.immediate = true,
                                        .reason = pdu::logout_reason::close_connection,
                                        .initiator_task_tag = task_tag{1},
                                        .cid = pdu::connection_id{4}});
         }},
        {nothing_new_after_logout,
         [](talk& t) {
             t.log_in();
             t.send(pdu::logout_request{.immediate = true, .initiator_task_tag = task_tag{1}});
             t.command(2, false, 0);
         }},
        {snack_needs_recovery_level_1,
         [](talk& t) {
             at_level(t, "ErrorRecoveryLevel=0");
             snack(t, {.initiator_task_tag = task_tag{1}, .run_length = 1});
         }},
        {snack_type_is_known,
         [](talk& t) {
             at_level(t, level_1);
             snack(t, {.type = pdu::snack_type{4}, .initiator_task_tag = task_tag{1}});
         }},
        {snack_itt_fits_its_type,
         [](talk& t) {
             at_level(t, level_1);
             snack(t, {.type = pdu::snack_type::status, .initiator_task_tag = task_tag{1}});
         }},
        {snack_ttt_fits_its_type,
         [](talk& t) {
             at_level(t, level_1);
             snack(t, {.initiator_task_tag = task_tag{1}, .target_transfer_tag = transfer_tag{8}, .run_length = 1});
         }},
        {snack_run_fits_its_type,
         [](talk& t) {
             at_level(t, level_1);
             snack(t,
                   {.type = pdu::snack_type::r_data,
                    .initiator_task_tag = task_tag{1},
                    .target_transfer_tag = transfer_tag{8},
                    .beg_run = 1});
         }},
        {snack_asks_for_nothing_acknowledged,
         [](talk& t) {
             at_level(t, level_1);
             snack(t, {.type = pdu::snack_type::status, .beg_run = 1001, .run_length = 1});
         }},
        {data_ack_is_sent_when_asked_for,
         [](talk& t) {
             at_level(t, level_1);
             t.data_in(1, 0, 0, 512, true);
         }},
    };
}

}  // namespace persiscsi::conformance
