// SPDX-License-Identifier: Apache-2.0
// Data of SCSI commands in both directions, and their status (RFC 7143 §11.4, §11.7, §11.8).
#include "initiator/session/full_feature_phase.hpp"
#include "initiator/session/numbers_in_text.hpp"
#include "pdu/scsi_response.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace persiscsi {
namespace {

using order = arrivals<pdu::data_sn>::kind;

/// R2Ts of one task that wait for their data beyond MaxOutstandingR2T: recovery R2Ts do not keep to it.
constexpr std::uint32_t most_recovery_r2ts = 64;

failure short_data(std::string_view what, std::uint64_t moved, std::uint64_t expected, std::uint64_t residual) {
    return {protocol_errc::remote_short_data,
            number(moved) + " of " + number(expected) + " bytes " + std::string(what) + ", residual count " +
                number(residual)};
}

/// How much of its data a command has moved, held against what its end says. Only GOOD promises data.
failure check_amount(const task& task, const scsi_outcome& outcome) {
    if (outcome.status != 0) return {};
    const auto& what = task.what;
    const auto residual_of = [](bool underflow, std::uint32_t count, std::size_t expected) {
        return underflow ? std::min<std::uint64_t>(count, expected) : 0;
    };
    const bool both = !what.data_in.empty() && !what.data_out.empty();
    const auto out_residual = residual_of(outcome.underflow, outcome.residual_count, what.data_out.size());
    const auto in_residual =
        both ? residual_of(outcome.bidi_read_underflow, outcome.bidi_read_residual_count, what.data_in.size())
             : residual_of(outcome.underflow, outcome.residual_count, what.data_in.size());
    if (task.promised.size() + out_residual < what.data_out.size()) {
        return short_data("written", task.promised.size(), what.data_out.size(), out_residual);
    }
    const auto expected_in = what.data_in.size() - in_residual;
    if (task.received.prefix() < expected_in) {
        return short_data("read", task.received.prefix(), what.data_in.size(), in_residual);
    }
    return {};
}

}  // namespace

failure full_feature_phase::on_data_in_header(pdu::pdu_reader& reader) {
    const auto data = pdu::decode<pdu::data_in>(reader.header());
    auto* task = find(data.initiator_task_tag, task_kind::scsi);
    if (!task || task->what.data_in.empty()) {
        discards_data_ = recovers();  // sent again, and its task ended meanwhile
        return discards_data_ ? failure{} : unknown_task(pdu::data_in::title, data.initiator_task_tag);
    }
    if (recovers() && task->input.judge(data.data_sn) == order::duplicate) {
        discards_data_ = true;
        return {};
    }
    if (auto wrong = check_data_in(*task, data, reader.data_size())) {
        // Nor is what came before to be trusted: no reassignment keeps it.
        task->input.miss_before(data.data_sn.next());
        return wrong;
    }
    reader.place_data(task->what.data_in.subspan(data.buffer_offset, reader.data_size()));
    return {};
}

failure full_feature_phase::check_data_in(const task& task, const pdu::data_in& data, std::uint32_t size) {
    const auto found = task.input.judge(data.data_sn);
    if (found != order::in_order && (!recovers() || task.input.has_too_many_gaps())) {
        return {protocol_errc::remote_bad_data_sequence,
                "Data-In with DataSN " + number(data.data_sn.value) + ", expected " + number(task.input.next().value)};
    }
    const auto whole = task.what.data_in.size();
    const auto expected = task.received.prefix();
    const bool anywhere = !has_order() || recovers();
    const bool fits = data.buffer_offset <= whole && size <= whole - data.buffer_offset;
    if (!fits || (!anywhere && data.buffer_offset != expected) || task.received.touches(data.buffer_offset, size)) {
        return {protocol_errc::remote_bad_data_offset,
                "Data-In of " + number(size) + " bytes at offset " + number(data.buffer_offset) + ", expected offset " +
                    number(expected) + " and at most " + number(whole - expected) + " bytes"};
    }
    return {};
}

failure full_feature_phase::on_data_in(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto data = pdu::decode<pdu::data_in>(reader.header());
    if (!discards_data_) {
        auto* task = find(data.initiator_task_tag, task_kind::scsi);
        if (!task) return unknown_task(pdu::data_in::title, data.initiator_task_tag);
        take_data(*task, data, reader.data_size(), events);
    }
    if (!data.has_status) return {};

    auto kind = status_kind::fresh;
    if (auto gap = take_status(data.stat_sn, pdu::data_in::title, kind)) return gap;
    if (kind == status_kind::known) return {};
    auto* task = find(data.initiator_task_tag, task_kind::scsi);
    if (!task && discards_data_) return {};
    if (!task) return unknown_task(pdu::data_in::title, data.initiator_task_tag);
    scsi_outcome outcome{
        .status = data.status,
        .residual_count = data.residual_count,
        .overflow = data.overflow,
        .underflow = data.underflow,
    };
    end_task(*task, std::move(outcome), data.stat_sn, events);
    return {};
}

void full_feature_phase::take_data(task& task,
                                   const pdu::data_in& data,
                                   std::uint32_t size,
                                   std::vector<event>& events) {
    task.received.add(data.buffer_offset, size);
    if (const auto gap = task.input.take(data.data_sn)) ask_for_data(task, *gap);
    if (recovers() && data.acknowledge) task.acknowledgement_wanted = data.target_transfer_tag;
    if (!task.input.complete()) return;
    if (task.acknowledgement_wanted) acknowledge_data(task);
    if (!task.held) return;
    auto held = *std::exchange(task.held, std::nullopt);
    end_task(task, std::move(held.outcome), held.stat_sn, events);
}

failure full_feature_phase::on_scsi_response(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto response = pdu::decode<pdu::scsi_response>(reader.header());
    auto* task = find(response.initiator_task_tag, task_kind::scsi);
    if (!task && !recovers()) return unknown_task(pdu::scsi_response::title, response.initiator_task_tag);
    auto kind = status_kind::fresh;
    if (auto gap = take_status(response.stat_sn, pdu::scsi_response::title, kind)) return gap;
    if (kind == status_kind::known) return {};
    if (!task) return unknown_task(pdu::scsi_response::title, response.initiator_task_tag);

    scsi_outcome outcome{
        .status = response.status,
        .residual_count = response.residual_count,
        .overflow = response.overflow,
        .underflow = response.underflow,
        .bidi_read_residual_count = response.bidirectional_read_residual_count,
        .bidi_read_overflow = response.bidirectional_read_overflow,
        .bidi_read_underflow = response.bidirectional_read_underflow,
    };
    const auto segment = reader.data();
    if (segment.size() >= 2) {  // SenseLength, then sense (RFC 7143 §11.4.7.2); what follows it is not ours
        const auto length = std::min<std::size_t>(pdu::load_be<2>(segment.data()), segment.size() - 2);
        const auto sense = segment.subspan(2, length);
        outcome.sense.assign(sense.begin(), sense.end());
    }
    std::optional<arrivals<pdu::data_sn>::run> gap;
    if (response.response != pdu::service_response::completed) {
        outcome.failed = {protocol_errc::remote_rejected_pdu, "iSCSI service response " + number(response.response)};
    } else if (recovers() && task->what.data_out.empty()) {  // of other commands it does not count the R2Ts
        gap = task->input.miss_before(response.exp_data_sn);
    }
    end_task(*task, std::move(outcome), response.stat_sn, events);
    if (gap) ask_for_data(*task, *gap);  // the status is held by now: nothing acknowledges it
    return {};
}

/// Or holds the status until the data has come.
void full_feature_phase::end_task(task& task,
                                  scsi_outcome outcome,
                                  pdu::status_sn stat_sn,
                                  std::vector<event>& events) {
    if (!task.input.complete() && !task.data_is_lost && !outcome.failed) {
        statuses_.hold(stat_sn);
        task.held = held_status{std::move(outcome), stat_sn};
        return;
    }
    statuses_.let_go(stat_sn);
    outcome.data_in_size = task.received.prefix();
    if (!outcome.failed && task.data_is_lost && !task.input.complete()) {
        outcome.failed = {protocol_errc::remote_data_lost, "the target does not send it again"};
    }
    if (!outcome.failed) outcome.failed = check_amount(task, outcome);
    events.push_back(scsi_answered{&task, std::move(outcome)});
}

failure full_feature_phase::on_r2t(const pdu::pdu_reader& reader) {
    const auto r2t = pdu::decode<pdu::r2t>(reader.header());
    auto* task = find(r2t.initiator_task_tag, task_kind::scsi);
    if (!task || task->what.data_out.empty()) return unknown_task(pdu::r2t::title, r2t.initiator_task_tag);
    if (std::exchange(task->input_restarts, false)) task->input = arrivals<pdu::data_sn>(r2t.r2t_sn);
    if (recovers() && task->input.judge(r2t.r2t_sn) == order::duplicate) return {};
    if (auto wrong = check_r2t(*task, r2t)) return wrong;

    if (const auto gap = task->input.take(r2t.r2t_sn)) ask_for_data(*task, *gap);
    ++task->open_r2ts;
    task->promised.add(r2t.buffer_offset, r2t.desired_data_transfer_length);
    transfers_.push_back({.task = task->tag,
                          .tag = r2t.target_transfer_tag,
                          .offset = r2t.buffer_offset,
                          .end = r2t.buffer_offset + r2t.desired_data_transfer_length,
                          .next = {}});
    return {};
}

failure full_feature_phase::check_r2t(const task& task, const pdu::r2t& r2t) const {
    const auto length = r2t.desired_data_transfer_length;
    const auto refuse = [&](std::string_view why) -> failure {
        return {protocol_errc::remote_bad_r2t,
                "R2T " + number(r2t.r2t_sn.value) + " for " + number(length) + " bytes at offset " +
                    number(r2t.buffer_offset) + ": " + std::string(why)};
    };
    if (r2t.target_transfer_tag == pdu::transfer_tag::reserved) return refuse("reserved Target Transfer Tag");
    const auto found = task.input.judge(r2t.r2t_sn);
    if (found != order::in_order && (!recovers() || task.input.has_too_many_gaps())) {
        return refuse("expected R2TSN " + number(task.input.next().value));
    }
    const bool anywhere = !agreed_.data_sequence_in_order || recovers();  // recovery R2Ts ask again (RFC 7143 §7.8)
    if (!anywhere && r2t.buffer_offset != task.promised.prefix()) {
        return refuse("expected offset " + number(task.promised.prefix()));
    }
    if (!recovers() && task.promised.touches(r2t.buffer_offset, length)) return refuse("asked for before");
    const auto whole = task.what.data_out.size();
    const auto rest = r2t.buffer_offset > whole ? 0 : whole - r2t.buffer_offset;
    if (length == 0 || length > rest || length > agreed_.max_burst_length) {
        return refuse(number(rest) + " bytes are left, MaxBurstLength is " + number(agreed_.max_burst_length));
    }
    if (task.open_r2ts >= agreed_.max_outstanding_r2t + (recovers() ? most_recovery_r2ts : 0U)) {
        return refuse("MaxOutstandingR2T is " + number(agreed_.max_outstanding_r2t));
    }
    return {};
}

}  // namespace persiscsi
