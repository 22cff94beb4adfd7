// SPDX-License-Identifier: Apache-2.0
// SCSI Command and Data-Out (RFC 7143 §11.3, §11.7).
#include "tests/conformance/judge.hpp"

#include <algorithm>

namespace persiscsi::conformance {
namespace {

/// Of a bidirectional command: the length of its read part, from its AHS (RFC 7143 §11.2.2.4).
std::optional<std::uint32_t> bidirectional_read_length(const raw_pdu& pdu) {
    for (std::size_t place = 0; place + 8 <= pdu.ahs.size();) {
        const auto length = static_cast<std::size_t>(pdu::load_be<2>(pdu.ahs.data() + place));
        if (pdu.ahs[place + 2] == std::byte{2})
            return static_cast<std::uint32_t>(pdu::load_be<4>(pdu.ahs.data() + place + 4));
        place += (length + 3 + 3) / 4 * 4;
    }
    return std::nullopt;
}

std::string bytes_of(std::uint64_t count) {
    return std::to_string(count) + " bytes";
}

}  // namespace

void judge::on_command(const raw_pdu& pdu) {
    const auto* living = find(pdu.itt());
    if (living != nullptr && living->kind == pdu.opcode() && living->cmd_sn == pdu.word(24) && !living->rejected)
        return on_retry(pdu, *living);
    auto* task = open_task(pdu);
    if (task == nullptr) return;
    const auto& agreed = session_.agreed;
    const auto expected = pdu.word(20);
    const auto read_length = bidirectional_read_length(pdu);
    const bool final = pdu.bit(1, 0);
    task->lun = pdu.lun();
    task->read = pdu.bit(1, 1);
    task->write = pdu.bit(1, 2);
    task->output_length = task->write ? expected : 0;

    if ((!final && !task->write) || (expected != 0 && !task->read && !task->write))
        broken(rule::direction_flags_agree_with_lengths, bytes_of(expected) + " expected");
    if ((pdu.byte(1) & 7U) > 4) broken(rule::task_attribute_is_known, "");
    if ((task->read && task->write) != read_length.has_value())
        broken(rule::bidirectional_command_tells_its_read_length, "");
    if (!task->write && !pdu.data.empty()) broken(rule::immediate_data_as_agreed, "data without W");
    if (!task->write) return;
    if (!agreed.immediate_data && !pdu.data.empty()) broken(rule::immediate_data_as_agreed, "ImmediateData=No");
    if (pdu.size() > expected) broken(rule::data_stays_within_expected_length, bytes_of(pdu.size()));
    if (pdu.size() > agreed.first_burst_length) broken(rule::first_burst_length_is_kept, bytes_of(pdu.size()));
    if (!final && (pdu.size() == expected || agreed.initial_r2t)) broken(rule::final_flag_says_what_follows, "F is 0");
    due_unsolicited(pdu, *task);
}

void judge::due_unsolicited(const raw_pdu& pdu, judged_task& task) {
    if (!task.write || pdu.bit(1, 0)) return;
    const auto end = std::min(task.output_length, session_.agreed.first_burst_length);
    task.unsolicited = due_data{.next_offset = pdu.size(), .end = end, .left = end - std::min(end, pdu.size())};
    at(now_at_).unsolicited_order.push_back(pdu.itt());
}

void judge::on_retry(const raw_pdu& pdu, const judged_task& task) {
    auto again = pdu.bhs;
    std::copy_n(task.request.bhs.begin() + 28, 4, again.begin() + 28);  // ExpStatSN is that of now
    if (again != task.request.bhs || pdu.data != task.request.data || pdu.ahs != task.request.ahs)
        broken(rule::retry_repeats_everything, "it differs from the first sending");
    else if (ahead(session_.exp_cmd_sn, pdu.word(24)) < 0)
        broken(rule::retry_repeats_everything, "the target has acknowledged the command");
    else if (task.orphaned ? !task.logged_out : task.connection != now_at_)
        broken(rule::task_stays_on_its_connection, "the retry of a command of another connection");
    auto& retried = *find(pdu.itt());
    retried.connection = now_at_;
    retried.orphaned = retried.logged_out = false;
    retried.unsolicited.reset();
    retried.r2ts.clear();
    due_unsolicited(pdu, retried);
}

void judge::on_data_out(const raw_pdu& pdu) {
    auto* task = find(pdu.itt());
    if (task == nullptr || task->kind != pdu::opcode::scsi_command || !task->write)
        return broken(rule::itt_names_a_task, "no write has this tag");
    if (task->connection != now_at_ || task->orphaned) return broken(rule::task_stays_on_its_connection, "");
    if (pdu.word(40) > task->output_length || pdu.size() > task->output_length - pdu.word(40))
        return broken(rule::data_stays_within_expected_length, bytes_of(task->output_length) + " expected");
    if (!pdu.bit(1, 0) && (pdu.size() % 4 != 0 || pdu.data.empty()))
        broken(rule::data_out_fills_whole_words, bytes_of(pdu.size()));
    pdu.ttt() == no_tag ? on_unsolicited(pdu, *task) : on_solicited(pdu, *task);
}

/// DataSN, order and amount within one sequence; true where this PDU ends it.
bool judge::continue_sequence(const raw_pdu& pdu, due_data& sequence) {
    if (pdu.word(36) != sequence.next_sn)
        broken(rule::data_sn_counts_up,
               "DataSN " + std::to_string(pdu.word(36)) + ", due " + std::to_string(sequence.next_sn));
    if (session_.agreed.data_pdu_in_order && pdu.word(40) != sequence.next_offset)
        broken(rule::buffer_offset_continues,
               "offset " + std::to_string(pdu.word(40)) + ", due " + std::to_string(sequence.next_offset));
    sequence.next_sn = pdu.word(36) + 1;
    sequence.next_offset = pdu.word(40) + pdu.size();
    sequence.left -= std::min(sequence.left, pdu.size());
    return pdu.bit(1, 0);
}

void judge::on_unsolicited(const raw_pdu& pdu, judged_task& task) {
    auto& order = at(now_at_).unsolicited_order;
    if (!task.unsolicited) return broken(rule::unsolicited_data_as_agreed, "no unsolicited data is due");
    if (order.front() != pdu.itt()) broken(rule::unsolicited_data_keeps_the_order_of_commands, "");
    if (pdu.size() > task.unsolicited->left)
        return broken(rule::first_burst_length_is_kept, bytes_of(task.unsolicited->left) + " are left of it");
    const bool whole = pdu.size() == task.unsolicited->left;
    const bool last = continue_sequence(pdu, *task.unsolicited);
    if (last != whole) broken(rule::unsolicited_burst_is_whole, bytes_of(task.unsolicited->left) + " are left");
    if (!last && !whole) return;
    task.unsolicited.reset();
    std::erase(order, pdu.itt());
}

void judge::on_solicited(const raw_pdu& pdu, judged_task& task) {
    const auto due =
        std::find_if(task.r2ts.begin(), task.r2ts.end(), [&](const auto& one) { return one.ttt == pdu.ttt(); });
    if (due == task.r2ts.end()) return broken(rule::data_out_answers_an_r2t, "no such R2T waits");
    if (due != task.r2ts.begin()) broken(rule::r2ts_are_answered_in_order, "an earlier R2T waits");
    if (pdu.lun() != due->lun) broken(rule::data_out_copies_the_lun, "");
    const bool whole = pdu.size() >= due->left;
    const bool last = continue_sequence(pdu, *due);
    if (last != whole) broken(rule::final_flag_ends_the_r2t, bytes_of(due->left) + " are left");
    if (last || whole) task.r2ts.erase(due);
}

}  // namespace persiscsi::conformance
