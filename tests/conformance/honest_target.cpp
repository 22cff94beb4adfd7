// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/honest_target.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi::conformance {
namespace {

constexpr std::uint32_t piece = 512;

std::uint32_t tag_of(pdu::task_tag tag) {
    return static_cast<std::uint32_t>(tag);
}

}  // namespace

std::vector<std::byte> data_of(std::uint32_t which, std::size_t size) {
    return test::pattern(size, which + 1);
}

std::uint32_t number_in(const pdu::cdb_bytes& cdb) {
    return static_cast<std::uint32_t>(pdu::load_be<4>(cdb.data() + 2));
}

bool honest_target::serve() {
    bool any = false;
    (void)harness_.silent();
    for (connection_number i = 0; i < harness_.core.connection_count(); ++i) {
        while (!harness_.at(i).sent.empty()) {
            const auto sent = std::move(harness_.at(i).sent.front());
            harness_.at(i).sent.pop_front();
            take(i, sent);
            any = true;
        }
    }
    return any;
}

bool honest_target::answer_logins() {
    bool any = false;
    (void)harness_.silent();
    for (connection_number i = 0; i < harness_.core.connection_count(); ++i) {
        if (!harness_.at(i).wanted) continue;
        any = true;
        harness_.open_transport(i);
        statuses_[i].clear();
        forget_connection(i, level_ == 2);
        const auto sessions = harness_.core.logins();
        harness_.answer_login(i);
        ++met_["login"];
        if (harness_.core.logins() == sessions) continue;
        tasks_.clear();  // a new session
        waiting_.clear();
    }
    return any;
}

void honest_target::maybe_drop() {
    if (!one_in(luck_.dropped_connection)) return;
    const auto which = static_cast<connection_number>(dice_() % harness_.core.connection_count());
    if (harness_.core.state_of(which) != connection_state::logged_in) return;
    harness_.drop("bad luck", which);
    harness_.at(which).sent.clear();
    ++met_["dropped connection"];
}

void honest_target::take(connection_number from, const test::sent_pdu& sent) {
    std::visit([&](const auto& pdu) { on(from, pdu, sent.data); }, sent.pdu);
}

void honest_target::on(connection_number from, const pdu::scsi_command& command, const std::vector<std::byte>& data) {
    if (level_ > 0 && one_in(luck_.lost_command)) {
        ++met_["lost command"];
        return;
    }
    const bool behind = command.cmd_sn.precedes(harness_.exp_cmd_sn);
    if (behind) return;  // a duplicate, RFC 7143 §4.2.2.1
    waiting_.try_emplace(command.cmd_sn.value, waiting_command{from, command, data, {}});
    deliver();
}

void honest_target::deliver() {
    while (!waiting_.empty()) {
        const auto next = waiting_.find(harness_.exp_cmd_sn.value);
        if (next == waiting_.end()) return;
        const auto [connection, command, data, early] = std::move(next->second);
        waiting_.erase(next);
        harness_.exp_cmd_sn = harness_.exp_cmd_sn.next();
        auto& made = tasks_[tag_of(command.initiator_task_tag)];
        made = {.connection = connection, .command = command};
        made.written.resize(command.write ? command.expected_data_transfer_length : 0);
        add_data(made, 0, data);
        if (command.final || !command.write) execute(made);
        for (const auto& [out, bytes] : early) on(connection, out, bytes);
    }
}

void honest_target::execute(served_task& task) {
    task.executing = true;
    if (one_in(luck_.busy)) {
        ++met_["busy"];
        const auto tag = task.command.initiator_task_tag;
        const auto size = task.command.expected_data_transfer_length;
        task.done = true;
        return send_status(
            task.connection,
            pdu::scsi_response{.underflow = true, .status = 8, .initiator_task_tag = tag, .residual_count = size},
            true);
    }
    task.command.write ? ask_for_data(task) : send_data(task);
}

void honest_target::add_data(served_task& task, std::uint32_t offset, const std::vector<std::byte>& data) {
    std::copy(data.begin(), data.end(), task.written.begin() + offset);
    for (std::uint32_t at = 0; at < data.size(); at += piece) task.have.insert(offset + at);
}

/// One R2T at a time (§13.17 with §13.19), for what is missing at the front.
void honest_target::ask_for_data(served_task& task) {
    std::uint32_t offset = 0;
    const auto whole = static_cast<std::uint32_t>(task.written.size());
    while (offset < whole && task.have.contains(offset)) offset += piece;
    if (offset >= whole) return finish(task);
    const pdu::r2t r2t{.lun = task.command.lun,
                       .initiator_task_tag = task.command.initiator_task_tag,
                       .target_transfer_tag = pdu::transfer_tag{next_ttt_++},
                       .r2t_sn = {task.next_input++},
                       .buffer_offset = offset,
                       .desired_data_transfer_length = std::min<std::uint32_t>(whole - offset, 4 * piece)};
    task.input[r2t.r2t_sn.value] = {pdu::encode(r2t), {}};
    if (level_ > 0 && one_in(luck_.lost_r2t)) {
        ++met_["lost R2T"];
        return;  // nobody can know but by the next one: it is asked again in serve's idle time
    }
    send(task.connection, pdu::encode(r2t), {});
}

void honest_target::on(connection_number from, const pdu::data_out& out, const std::vector<std::byte>& data) {
    for (auto& [sn, waits] : waiting_)
        if (waits.command.initiator_task_tag == out.initiator_task_tag && waits.connection == from)
            return waits.early.push_back({out, data});
    const auto found = tasks_.find(tag_of(out.initiator_task_tag));
    if (found == tasks_.end() || found->second.connection != from) return;
    const bool solicited = out.target_transfer_tag != pdu::transfer_tag::reserved;
    if (solicited != found->second.executing) return;  // of a retry that was not needed
    add_data(found->second, out.buffer_offset, data);
    if (!out.final) return;
    found->second.executing ? ask_for_data(found->second) : execute(found->second);
}

void honest_target::send_data(served_task& task) {
    const auto all = data_of(number_in(task.command.cdb), task.command.expected_data_transfer_length);
    for (std::uint32_t offset = 0; offset < all.size(); offset += piece) {
        const auto end = std::min<std::size_t>(offset + piece, all.size());
        const pdu::data_in data{.final = end == all.size(),
                                .initiator_task_tag = task.command.initiator_task_tag,
                                .data_sn = {task.next_input++},
                                .buffer_offset = offset};
        const auto from = all.begin() + static_cast<std::ptrdiff_t>(offset);
        auto& kept = task.input[data.data_sn.value] = {pdu::encode(data),
                                                       {from, all.begin() + static_cast<std::ptrdiff_t>(end)}};
        if (level_ > 0 && one_in(luck_.lost_data_in)) {
            ++met_["lost Data-In"];
            continue;
        }
        send(task.connection, kept.bhs, kept.data);
    }
    finish(task);
}

void honest_target::finish(served_task& task) {
    if (task.command.write && task.written != data_of(number_in(task.command.cdb), task.written.size()))
        ++wrong_writes_;
    task.done = true;
    send_status(
        task.connection,
        pdu::scsi_response{.initiator_task_tag = task.command.initiator_task_tag, .exp_data_sn = {task.next_input}},
        true);
}

template <class Pdu>
void honest_target::send_status(connection_number over, Pdu pdu, bool may_be_lost) {
    auto& stat_sn = harness_.at(over).stat_sn;
    pdu.stat_sn = stat_sn;
    statuses_[over][stat_sn.value] = pdu::encode(pdu);
    stat_sn = stat_sn.next();
    if (may_be_lost && level_ > 0 && one_in(luck_.lost_status)) {
        ++met_["lost status"];
        return;
    }
    send(over, pdu::encode(pdu), {});
}

/// With the numbers of now, where the PDU has them (ExpCmdSN, MaxCmdSN; the StatSN of those that take none).
void honest_target::send(connection_number over, pdu::bhs_bytes bhs, const std::vector<std::byte>& data) {
    if (harness_.core.state_of(over) == connection_state::free) return;
    pdu::store_be<4>(bhs.data() + 28, harness_.exp_cmd_sn.value);
    pdu::store_be<4>(bhs.data() + 32, harness_.exp_cmd_sn.value + harness_.window - 1);
    const auto opcode = pdu::opcode_of(bhs);
    if (opcode == pdu::opcode::r2t || opcode == pdu::opcode::data_in)
        pdu::store_be<4>(bhs.data() + 24, harness_.at(over).stat_sn.value);
    harness_.receive(pdu::frame(bhs, std::vector<std::byte>(data), harness_.at(over).digests), over);
}

void honest_target::on(connection_number from, const pdu::nop_out& nop, const std::vector<std::byte>&) {
    if (nop.initiator_task_tag == pdu::task_tag::reserved) return;
    send_status(from, pdu::nop_in{.initiator_task_tag = nop.initiator_task_tag}, false);
}

void honest_target::on(connection_number from, const pdu::snack_request& snack, const std::vector<std::byte>&) {
    ++met_["SNACK"];
    if (snack.type == pdu::snack_type::status) {
        for (const auto& [sn, bhs] : std::map(statuses_[from]))
            if (sn - snack.beg_run < snack.run_length) send(from, bhs, {});
        return;
    }
    const auto found = tasks_.find(tag_of(snack.initiator_task_tag));
    if (found == tasks_.end() || snack.type != pdu::snack_type::data_or_r2t) return;
    for (const auto& [sn, pdu] : std::map(found->second.input))
        if (sn - snack.beg_run < snack.run_length) send(from, pdu.bhs, pdu.data);
}

void honest_target::on(connection_number from,
                       const pdu::task_management_request& request,
                       const std::vector<std::byte>&) {
    using enum pdu::task_management_function;
    const auto found = tasks_.find(tag_of(request.referenced_task_tag));
    const bool known = found != tasks_.end();
    send_status(from,
                pdu::task_management_response{.response = known || request.function == abort_task
                                                              ? pdu::task_management_outcome::function_complete
                                                              : pdu::task_management_outcome::task_does_not_exist,
                                              .initiator_task_tag = request.initiator_task_tag},
                false);
    if (request.function == abort_task) tasks_.erase(tag_of(request.referenced_task_tag));
    if (request.function != task_reassign || !known) return;
    ++met_["TASK REASSIGN"];
    auto& task = found->second;
    task.connection = from;
    if (task.command.write && !task.done) return task.executing ? ask_for_data(task) : execute(task);
    for (const auto& [sn, pdu] : std::map(task.input))
        if (!task.command.write && sn >= request.exp_data_sn.value) send(from, pdu.bhs, pdu.data);
    task.done ? finish(task) : execute(task);
}

void honest_target::on(connection_number from, const pdu::logout_request& request, const std::vector<std::byte>&) {
    if (request.reason != pdu::logout_reason::close_session) {
        const bool for_recovery = request.reason == pdu::logout_reason::remove_connection_for_recovery;
        forget_connection(static_cast<std::uint16_t>(request.cid), for_recovery && level_ == 2);
        ++met_["logout of a connection"];
    }
    send_status(from, pdu::logout_response{.initiator_task_tag = request.initiator_task_tag}, false);
}

/// RFC 7143 §11.14: commands without acknowledgment are discarded, the others kept or terminated.
void honest_target::forget_connection(std::uint16_t cid, bool keeps_tasks) {
    std::erase_if(waiting_, [&](const auto& one) { return one.second.connection == cid; });
    if (!keeps_tasks) std::erase_if(tasks_, [&](const auto& one) { return one.second.connection == cid; });
}

}  // namespace persiscsi::conformance
