// SPDX-License-Identifier: Apache-2.0
// NOP-Out, Text, Task Management, Logout and SNACK Requests (RFC 7143 §11.5, §11.10, §11.14, §11.16, §11.18).
#include "tests/conformance/judge.hpp"

#include <algorithm>

namespace persiscsi::conformance {
namespace {

constexpr unsigned abort_task = 1, last_function = 8, task_reassign = 8;
constexpr unsigned data_snack = 0, status_snack = 1, data_ack = 2, r_data_snack = 3;

}  // namespace

void judge::on_nop_out(const raw_pdu& pdu) {
    auto& pings = at(now_at_).pings;
    if (pdu.itt() != no_tag && pdu.ttt() != no_tag) return broken(rule::nop_answer_has_no_itt, "");
    if (pdu.itt() != no_tag) return static_cast<void>(open_task(pdu));
    if (!pdu.immediate()) broken(rule::nop_without_itt_is_immediate, "");
    if (pdu.ttt() == no_tag) return;
    const auto ping = std::find_if(pings.begin(), pings.end(), [&](const auto& one) { return one.ttt == pdu.ttt(); });
    if (ping == pings.end()) return broken(rule::nop_answer_copies_the_ttt, "no NOP-In with it waits");
    if (pdu.lun() != ping->lun) broken(rule::nop_answer_copies_the_lun, "");
    pings.erase(ping);
}

void judge::on_text_request(const raw_pdu& pdu) {
    auto& connection = at(now_at_);
    const bool continued = pdu.bit(1, 1);
    if (continued && pdu.bit(1, 0)) broken(rule::text_continues_or_ends, "");
    auto* task = find(connection.text_itt);
    const bool goes_on = task != nullptr && pdu.itt() == connection.text_itt;
    if (task != nullptr && (!goes_on || !task->text_answered)) return broken(rule::one_text_request_at_a_time, "");
    if (!goes_on) {
        if (pdu.ttt() != no_tag) broken(rule::text_copies_the_ttt_and_lun, "a new sequence has no TTT");
        task = open_task(pdu);
        if (task == nullptr) return;
        connection.text_itt = pdu.itt();
        connection.text_keys = {};
        connection.text.clear();
        connection.target_text.clear();
    } else {
        const bool reset = pdu.ttt() == no_tag;  // RFC 7143 §6.4: the initiator may begin anew
        if (reset) connection.text_keys = {};
        if (!reset && (pdu.ttt() != task->text_ttt || pdu.lun() != task->text_lun))
            broken(rule::text_copies_the_ttt_and_lun, "");
        if (pdu.immediate() != task->immediate) broken(rule::text_keeps_its_i_bit, "");
        if (connection.response_continued && !pdu.data.empty())
            broken(rule::continued_response_gets_an_empty_request, "");
    }
    task->text_answered = false;
    task->cmd_sn = pdu.word(24);
    if (connection.response_continued && goes_on) return;
    connection.text.insert(connection.text.end(), pdu.data.begin(), pdu.data.end());
    if (continued) return;
    const negotiation_place place{.login = false, .discovery = session_.agreed.discovery};
    connection.text_keys.on_initiator(connection.text, place, reporter());
    connection.text.clear();
}

void judge::on_task_management(const raw_pdu& pdu) {
    const auto function = pdu.byte(1) & 0x7fU;
    if (function == 0 || function > last_function) return broken(rule::tmf_function_is_known, "");
    auto* opened = open_task(pdu);
    if (opened == nullptr) return;
    opened->lun = pdu.lun();
    if (function != task_reassign && pdu.word(36) != 0) broken(rule::tmf_exp_data_sn_is_for_reassign, "");
    const bool references = function == abort_task || function == task_reassign;
    auto* task = find(pdu.ttt());
    if (references != (pdu.ttt() != no_tag) || (references && (task == nullptr || task == opened)))
        return broken(rule::tmf_references_a_task, "");
    if (function == abort_task) on_abort_task(pdu, *task);
    if (function == task_reassign) on_reassign(pdu, *task);
}

void judge::on_abort_task(const raw_pdu& pdu, const judged_task& task) {
    session_.refused.erase(task.cmd_sn);  // §7.11: an abort fills the place of a command that did not arrive
    if (pdu.lun() != task.lun) broken(rule::tmf_lun_is_the_tasks, "");
    if (pdu.word(32) != (task.immediate ? pdu.word(24) : task.cmd_sn))
        broken(rule::tmf_ref_cmd_sn_is_the_tasks, "the task has CmdSN " + std::to_string(task.cmd_sn));
    if (task.connection != now_at_ && !task.orphaned) broken(rule::abort_goes_by_the_tasks_connection, "");
}

void judge::on_reassign(const raw_pdu& pdu, judged_task& task) {
    if (!pdu.immediate()) broken(rule::reassign_is_immediate, "");
    const bool input = task.read;
    if (pdu.word(36) != 0 && (!input || ahead(task.input.first_missing, pdu.word(36)) > 0))
        broken(rule::tmf_exp_data_sn_is_for_reassign, "came up to " + std::to_string(task.input.first_missing));
    if (!task.orphaned || !session_.logged_out.contains(at(task.connection).cid()))
        broken(rule::reassign_follows_a_logout, "the task's connection was not logged out");
}

void judge::on_logout_request(const raw_pdu& pdu) {
    const auto reason = pdu.byte(1) & 0x7fU;
    auto* task = open_task(pdu);
    if (task == nullptr) return;
    if (reason > 2) return broken(rule::logout_reason_is_known, "");
    const auto cid = static_cast<std::uint16_t>(pdu.number<2>(20));
    bool known = reason == 0;
    for (auto& [number, connection] : connections_) {
        const bool meant = reason == 0 || (connection.first_login && connection.cid() == cid);
        known = known || meant;
        if (meant) connection.logout_sent = true;
    }
    if (!known) broken(rule::logout_cid_is_the_connections, "CID " + std::to_string(cid));
}

void judge::on_snack(const raw_pdu& pdu) {
    const auto type = pdu.byte(1) & 0x0fU;
    if (session_.agreed.error_recovery_level == 0) return broken(rule::snack_needs_recovery_level_1, "");
    if (type > r_data_snack) return broken(rule::snack_type_is_known, "");
    if (type == data_ack) return on_data_ack(pdu);
    const bool for_task = type != status_snack;
    if (for_task == (pdu.itt() == no_tag)) return broken(rule::snack_itt_fits_its_type, "");
    const bool own_tag = type == r_data_snack;
    if (own_tag ? (pdu.ttt() == no_tag || pdu.ttt() == 0) : pdu.ttt() != no_tag)
        broken(rule::snack_ttt_fits_its_type, "");
    if (type == r_data_snack && (pdu.word(40) != 0 || pdu.word(44) != 0)) broken(rule::snack_run_fits_its_type, "");
    if (!for_task) {
        const bool all = pdu.word(40) == 0 && pdu.word(44) == 0;
        if (!all && ahead(at(now_at_).statuses->first_missing, pdu.word(40)) < 0)
            broken(rule::snack_asks_for_nothing_acknowledged, "StatSN " + std::to_string(pdu.word(40)));
        return;
    }
    const auto* task = find(pdu.itt());
    if (task == nullptr || task->kind != pdu::opcode::scsi_command) return broken(rule::itt_names_a_task, "");
    if (task->connection != now_at_) return broken(rule::task_stays_on_its_connection, "");
    const bool all = pdu.word(40) == 0 && pdu.word(44) == 0;
    if (type == data_snack && !all && ahead(task->acknowledged_input, pdu.word(40)) < 0)
        broken(rule::snack_asks_for_nothing_acknowledged, "DataSN " + std::to_string(pdu.word(40)));
}

void judge::on_data_ack(const raw_pdu& pdu) {
    auto& acks = at(now_at_).acks;
    if (pdu.itt() != no_tag) return broken(rule::snack_itt_fits_its_type, "");
    const auto due = std::find_if(acks.begin(), acks.end(), [&](const auto& one) { return one.ttt == pdu.ttt(); });
    if (due == acks.end() || due->lun != pdu.lun())
        return broken(rule::snack_ttt_fits_its_type, "no Data-In with it waits");
    if (pdu.word(44) != 0 || pdu.word(40) != due->next_sn)
        broken(rule::snack_run_fits_its_type, "the next DataSN is " + std::to_string(due->next_sn));
    if (auto* task = find(due->itt)) task->acknowledged_input = due->next_sn;
    acks.erase(due);
}

}  // namespace persiscsi::conformance
