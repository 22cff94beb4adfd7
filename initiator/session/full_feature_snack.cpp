// SPDX-License-Identifier: Apache-2.0
// What error recovery level 1 adds: PDUs that did not come, or came corrupt, are asked for again (RFC 7143 §7.8, §7.9,
// §11.16).
#include "initiator/session/full_feature_phase.hpp"
#include "pdu/nop_in.hpp"
#include "pdu/snack_request.hpp"

#include <string>
#include <utility>

namespace persiscsi {

/// Never R-Data: our MaxRecvDataSegmentLength does not change while a connection lives (RFC 7143 §11.16.3).
void full_feature_phase::ask_for_data(const task& task, arrivals<pdu::data_sn>::run missing) {
    const pdu::snack_request snack{
        .initiator_task_tag = task.tag,
        .exp_stat_sn = exp_stat_sn(),
        .beg_run = missing.first.value,
        .run_length = missing.count,
    };
    ++snacks_;
    push(pdu::frame(pdu::encode(snack), {}, {}, digests_), task.tag);
}

void full_feature_phase::ask_for_status(status_sequence::numbers::run missing) {
    const pdu::snack_request snack{
        .type = pdu::snack_type::status,
        .exp_stat_sn = exp_stat_sn(),
        .beg_run = missing.first.value,
        .run_length = missing.count,
    };
    ++snacks_;
    push(pdu::frame(pdu::encode(snack), {}, {}, digests_), pdu::task_tag::reserved);
}

void full_feature_phase::acknowledge_data(task& task) {
    task.acknowledged = {task.input.next(), task.received};
    const pdu::snack_request snack{
        .type = pdu::snack_type::data_ack,
        .lun = task.what.lun,
        .target_transfer_tag = *std::exchange(task.acknowledgement_wanted, std::nullopt),
        .exp_stat_sn = exp_stat_sn(),
        .beg_run = task.input.next().value,
    };
    push(pdu::frame(pdu::encode(snack), {}, {}, digests_), task.tag);
}

failure full_feature_phase::lose_data(const pdu::data_in& data) {
    auto* task = find(data.initiator_task_tag, task_kind::scsi);
    if (!task || discards_data_) return {};
    if (task->input.has_too_many_gaps()) {
        return {protocol_errc::remote_data_digest_mismatch, "more Data-In of one command than can be asked for again"};
    }
    if (task->input.judge(data.data_sn) == arrivals<pdu::data_sn>::kind::fills_gap) {
        ask_for_data(*task, {data.data_sn, 1});
    } else if (const auto gap = task->input.miss_before(data.data_sn.next())) {
        ask_for_data(*task, *gap);
    }
    return {};
}

failure full_feature_phase::lose_status(pdu::status_sn stat_sn) {
    if (statuses_.received().has_too_many_gaps()) {
        return {protocol_errc::remote_data_digest_mismatch, "more statuses than can be asked for again"};
    }
    if (statuses_.judge(stat_sn) == status_sequence::numbers::kind::fills_gap) {
        ask_for_status({stat_sn, 1});
    } else if (const auto gap = statuses_.miss_before(stat_sn.next())) {
        ask_for_status(*gap);
    }
    return {};
}

failure full_feature_phase::on_corrupt(const pdu::pdu_reader& reader) {
    if (!recovers()) return {reader.error(), reader.error_detail()};
    const auto numbers = pdu::decode<pdu::nop_in>(reader.header());  // StatSN has one place in all PDUs
    switch (pdu::opcode_of(reader.header())) {
        case pdu::opcode::data_in:
            return lose_data(pdu::decode<pdu::data_in>(reader.header()));
        case pdu::opcode::nop_in:
            if (numbers.initiator_task_tag == pdu::task_tag::reserved) return {};  // takes no StatSN
            return lose_status(numbers.stat_sn);
        case pdu::opcode::r2t:
            return {reader.error(), reader.error_detail()};  // has no data segment
        default:
            return lose_status(numbers.stat_sn);
    }
}

void full_feature_phase::ask_again() {
    for (const auto& gap : statuses_.received().missing()) ask_for_status(gap);
    tasks_.for_each([&](task& task) {
        if (task.allegiance != number_ || task.stranded || task.data_is_lost) return;
        for (const auto& gap : task.input.missing()) ask_for_data(task, gap);
    });
}

failure full_feature_phase::on_snack_rejected(const pdu::bhs_bytes& bad, std::vector<event>& events) {
    const auto snack = pdu::decode<pdu::snack_request>(bad);
    if (snack.type == pdu::snack_type::data_ack) return {};
    if (snack.type == pdu::snack_type::status) {
        return {protocol_errc::remote_status_sequence_gap,
                "the target will not send status " + std::to_string(snack.beg_run) + " again"};
    }
    auto* task = find(snack.initiator_task_tag, task_kind::scsi);
    if (!task || task->input.complete()) return {};
    task->data_is_lost = true;
    if (task->held) {  // RFC 7143 §7.8: the status that came is discarded
        auto held = *std::exchange(task->held, std::nullopt);
        end_task(*task, std::move(held.outcome), held.stat_sn, events);
    }
    return {};
}

}  // namespace persiscsi
