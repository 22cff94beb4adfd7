// SPDX-License-Identifier: Apache-2.0
// What the target says, as far as it decides what the initiator may do next.
#include "tests/conformance/judge.hpp"

#include <utility>

namespace persiscsi::conformance {
namespace {

using pdu::opcode;

constexpr unsigned function_complete = 0, task_does_not_exist = 1;
constexpr unsigned abort_task = 1, abort_task_set = 2, clear_task_set = 4, logical_unit_reset = 5, warm_reset = 6,
                   cold_reset = 7, task_reassign = 8;

/// RFC 7143 §11.4.9 and the same fields of the other PDUs: which of them take a StatSN of their own.
bool takes_stat_sn(const raw_pdu& pdu) {
    switch (pdu.opcode()) {
        case opcode::r2t:
            return false;
        case opcode::data_in:
            return pdu.bit(1, 7);
        case opcode::nop_in:
            return pdu.itt() != no_tag;
        default:
            return true;
    }
}

}  // namespace

void judge::on_received(const raw_pdu& pdu) {
    take_status(pdu);
    take_window(pdu);
    switch (pdu.opcode()) {
        case opcode::login_response:
            return on_login_response(pdu);
        case opcode::data_in:
            return on_data_in(pdu);
        case opcode::scsi_response:
            if (auto* task = find(pdu.itt())) on_scsi_status(pdu, *task, pdu.word(36));
            return;
        case opcode::r2t:
            return on_r2t(pdu);
        case opcode::nop_in:
            if (pdu.ttt() != no_tag && pdu.itt() == no_tag) at(now_at_).pings.push_back({pdu.ttt(), pdu.lun()});
            if (pdu.itt() != no_tag) session_.tasks.erase(pdu.itt());
            return;
        case opcode::text_response:
            return on_text_response(pdu);
        case opcode::task_management_response:
            return on_task_management_response(pdu);
        case opcode::logout_response:
            return on_logout_response(pdu);
        case opcode::reject:
            return on_reject(pdu);
        default:
            return;
    }
}

void judge::take_status(const raw_pdu& pdu) {
    auto& statuses = at(now_at_).statuses;
    if (!statuses && pdu.opcode() == opcode::login_response) {
        statuses.emplace();
        statuses->first_missing = pdu.word(24);
        at(now_at_).exp_stat_sn_floor = pdu.word(24) + 1;
    }
    if (statuses && takes_stat_sn(pdu)) statuses->add(pdu.word(24));
}

void judge::take_window(const raw_pdu& pdu) {
    const auto expected = pdu.word(28), most = pdu.word(32);
    if (ahead(expected - 1, most) < 0) return;  // RFC 7143 §4.2.2.1
    if (ahead(session_.max_cmd_sn, most) > 0) session_.max_cmd_sn = most;
    if (ahead(session_.exp_cmd_sn, expected) > 0) session_.exp_cmd_sn = expected;
}

void judge::on_data_in(const raw_pdu& pdu) {
    auto* task = find(pdu.itt());
    if (task == nullptr) return;
    task->input.add(pdu.word(36));
    if (pdu.bit(1, 1) && session_.agreed.error_recovery_level > 0)
        at(now_at_).acks.push_back({pdu.itt(), pdu.ttt(), pdu.lun(), pdu.word(36) + 1});
    check_due_acks();
    if (pdu.bit(1, 7)) return on_scsi_status(pdu, *task, pdu.word(36) + 1);
    finish_if_complete(pdu.itt());
}

void judge::on_scsi_status(const raw_pdu& pdu, judged_task& task, std::uint32_t input_count) {
    task.input_count = input_count;
    task.status_sn = pdu.word(24);
    std::erase(at(now_at_).unsolicited_order, pdu.itt());
    finish_if_complete(pdu.itt());
}

/// At ErrorRecoveryLevel 0 a missing PDU cannot be asked for, so the status ends the task whatever is missing.
void judge::finish_if_complete(std::uint32_t itt) {
    const auto* task = find(itt);
    if (task == nullptr || !task->status_sn) return;
    const bool missing = ahead(task->input.first_missing, *task->input_count) > 0;
    if (!missing || task->data_is_lost || session_.agreed.error_recovery_level == 0) session_.tasks.erase(itt);
}

void judge::check_due_acks() {
    for (auto& ack : at(now_at_).acks) {
        const auto* task = find(ack.itt);
        ack.due = ack.due || (task != nullptr && ahead(ack.next_sn, task->input.first_missing) >= 0);
    }
}

void judge::on_r2t(const raw_pdu& pdu) {
    auto* task = find(pdu.itt());
    if (task == nullptr || !task->write) return;
    if (task->input.beyond.contains(pdu.word(36)) || ahead(task->input.first_missing, pdu.word(36)) < 0)
        return;  // §7.9
    task->input.add(pdu.word(36));
    task->r2ts.push_back({.ttt = pdu.ttt(),
                          .lun = pdu.lun(),
                          .next_offset = pdu.word(40),
                          .end = pdu.word(40) + pdu.word(44),
                          .left = pdu.word(44)});
    check_due_acks();
    finish_if_complete(pdu.itt());
}

void judge::on_text_response(const raw_pdu& pdu) {
    auto& connection = at(now_at_);
    auto* task = find(pdu.itt());
    if (task == nullptr || task->kind != opcode::text_request) return;
    task->text_answered = true;
    task->text_ttt = pdu.ttt();
    task->text_lun = pdu.lun();
    connection.response_continued = pdu.bit(1, 1);
    auto& text = connection.target_text;
    text.insert(text.end(), pdu.data.begin(), pdu.data.end());
    if (!connection.response_continued) connection.text_keys.on_target(std::exchange(text, {}));
    if (!pdu.bit(1, 0)) return;
    // RFC 7143 §6.2: what was negotiated goes into effect at the end of the negotiation.
    const auto values = connection.text_keys.results();
    if (const auto found = values.find("MaxRecvDataSegmentLength"); found != values.end())
        connection.target_segment =
            static_cast<std::uint32_t>(number_of(found->second).value_or(connection.target_segment));
    session_.tasks.erase(pdu.itt());
    connection.text_itt = no_tag;
}

void judge::on_task_management_response(const raw_pdu& pdu) {
    const auto* found = find(pdu.itt());
    if (found == nullptr || found->kind != opcode::task_management_request) return;
    const auto request = *found;
    session_.tasks.erase(pdu.itt());
    const auto function = request.request.byte(1) & 0x7fU;
    const auto response = pdu.byte(2);
    if (function == abort_task && (response == function_complete || response == task_does_not_exist))
        session_.tasks.erase(request.request.ttt());
    if (response != function_complete) return;
    if (auto* task = find(request.request.ttt()); function == task_reassign && task != nullptr) {
        task->connection = now_at_;
        task->orphaned = task->logged_out = false;
        task->r2ts.clear();
        task->unsolicited.reset();
    }
    const bool all_units = function == warm_reset || function == cold_reset;
    const bool unit = function == abort_task_set || function == clear_task_set || function == logical_unit_reset;
    std::erase_if(session_.tasks, [&](const auto& one) {
        const bool covered = ahead(one.second.cmd_sn, request.cmd_sn) > 0 && one.second.kind == opcode::scsi_command;
        return covered && (all_units || (unit && one.second.lun == request.lun));
    });
}

void judge::on_logout_response(const raw_pdu& pdu) {
    const auto* task = find(pdu.itt());
    if (task == nullptr || task->kind != opcode::logout_request) return;
    const auto reason = task->request.byte(1) & 0x7fU;
    const auto cid = static_cast<std::uint16_t>(task->request.number<2>(20));
    session_.tasks.erase(pdu.itt());
    if (pdu.byte(2) != 0 || reason == 0) return;
    const bool for_recovery = reason == 2 && session_.agreed.error_recovery_level == 2;
    if (for_recovery) session_.logged_out.insert(cid);
    for (const auto& [number, connection] : connections_)
        if (connection.first_login && connection.cid() == cid) end_logged_out(number, for_recovery);
}

/// RFC 7143 §7.3: a rejected command was never there, and its CmdSN is to be used again.
void judge::on_reject(const raw_pdu& pdu) {
    if (pdu.data.size() < pdu::bhs_size) return;
    raw_pdu bad;
    std::copy_n(pdu.data.begin(), pdu::bhs_size, bad.bhs.begin());
    auto* task = find(bad.itt());
    if (task != nullptr && bad.opcode() == opcode::snack_request) {
        task->data_is_lost = true;  // §7.8: what is missing will not come
        finish_if_complete(bad.itt());
        return;
    }
    if (task == nullptr || bad.opcode() != task->kind) return;
    const bool taken = ahead(bad.word(24), session_.exp_cmd_sn) > 0;  // against §7.3, and ExpCmdSN says so
    if (!bad.immediate() && !taken) session_.refused.insert(bad.word(24));
    task->rejected = true;
    std::erase(at(now_at_).unsolicited_order, bad.itt());
    if (bad.opcode() == opcode::text_request) at(now_at_).text_itt = no_tag;
    if (bad.opcode() != opcode::scsi_command) session_.tasks.erase(bad.itt());
}

}  // namespace persiscsi::conformance
