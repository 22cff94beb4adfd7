// SPDX-License-Identifier: Apache-2.0
// How SCSI tasks end, and what is kept of their status until it is acknowledged.
#include "pdu/endian.hpp"
#include "tests/target/full_feature.hpp"
#include "tests/target/full_feature_number.hpp"
#include "tests/target/residual.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi::target {

void full_feature::respond(scsi_task& task) {
    pdu::scsi_response response;
    response.status = task.plan.outcome.status;
    response.initiator_task_tag = task.command.initiator_task_tag;
    response.exp_data_sn.value = task.next_input_sn;
    response.snack_tag = task.snack_tag;
    set_residual(response, task);
    set_read_residual(response, task);
    std::vector<std::byte> data;
    if (task.plan.outcome.has_sense()) {
        const auto sense = fixed_sense(task.plan.outcome);
        data.resize(2);
        pdu::store_be<2>(data.data(), sense.size());
        data.insert(data.end(), sense.begin(), sense.end());
    }
    finish(task);
    number(response, !task.concluded);
    if (task.concluded) response.stat_sn = *task.concluded;  // RFC 7143 §11.16.3: told once more, under one number
    const auto bhs = encode(response);
    wire_.transmit_owned(bhs, data);
    conclude(task, {response.stat_sn, bhs, std::move(data), response.initiator_task_tag});
}

/// The last call with this task: it is gone, or waits for the acknowledgement of its status.
void full_feature::conclude(scsi_task& task, sent_statuses::entry sent) {
    const auto tag = tag_of(task);
    if (!recovers()) {
        tasks_.erase(tag);
        return;
    }
    task.concluded = sent.stat_sn;
    statuses_.keep(std::move(sent));
    concluded_.erase(tag);
    concluded_.insert(tasks_.extract(tag));
}

void full_feature::acknowledge_statuses(pdu::status_sn exp_stat_sn) {
    if (stat_sn_.precedes(exp_stat_sn)) return;
    sent_statuses::entry taken;
    while (statuses_.take_acknowledged(exp_stat_sn, taken)) {
        const auto found = concluded_.find(static_cast<std::uint32_t>(taken.task_tag));
        if (found != concluded_.end() && found->second.concluded == taken.stat_sn) concluded_.erase(found);
    }
}

void full_feature::resend_status(const sent_statuses::entry& sent) {
    const auto& window = session_->window;
    auto bhs = sent.bhs;
    pdu::store_be<4>(bhs.data() + 28, window.exp_cmd_sn().value);
    pdu::store_be<4>(bhs.data() + 32, window.max_cmd_sn().value);
    const auto found = concluded_.find(static_cast<std::uint32_t>(sent.task_tag));
    if (pdu::opcode_of(bhs) != pdu::opcode::data_in || found == concluded_.end())
        return wire_.transmit_owned(bhs, sent.data);
    if (!found->second.input.empty()) transmit_data(found->second, bhs, found->second.input.back().range);
}

void full_feature::finish(scsi_task& task) {
    if (!task.begun || task.command.immediate || std::exchange(task.finished, true)) return;
    session_->window.finish();
}

}  // namespace persiscsi::target
