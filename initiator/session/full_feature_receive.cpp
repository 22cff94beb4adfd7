// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/full_feature_phase.hpp"
#include "pdu/data_in.hpp"
#include "pdu/logout_response.hpp"
#include "pdu/nop_in.hpp"
#include "pdu/nop_out.hpp"
#include "pdu/r2t.hpp"
#include "pdu/reject.hpp"
#include "pdu/scsi_response.hpp"
#include "pdu/task_management_response.hpp"
#include "pdu/text_request.hpp"
#include "pdu/text_response.hpp"

#include <algorithm>
#include <string>

namespace persiscsi {
namespace {

/// Answers to the target's pings that may wait to be sent; beyond it the target floods us and does not read.
constexpr std::size_t most_waiting_frames = 4096;
/// Text Responses of one sequence; SendTargets of thousands of targets stays far below.
constexpr std::uint32_t most_text_exchanges = 4096;

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

failure unknown_task(std::string_view pdu_title, pdu::task_tag tag) {
    return {protocol_errc::remote_unknown_task_tag,
            std::string(pdu_title) + " for Initiator Task Tag " + number(static_cast<std::uint32_t>(tag))};
}

/// How much of its data a command has moved, held against what its end says.
failure check_amount(const task& task, const scsi_outcome& outcome) {
    if (outcome.status != 0) return {};  // only GOOD promises data
    const auto expected = task.what.data_in.size() + task.what.data_out.size();
    const auto residual = outcome.underflow ? std::min<std::size_t>(outcome.residual_count, expected) : 0;
    const auto moved = task.what.data_in.empty() ? task.data_out_promised : task.data_in_received;
    if (moved >= expected - residual) return {};
    return {protocol_errc::remote_short_data,
            number(moved) + " of " + number(expected) + " bytes moved, residual count " + number(residual)};
}

}  // namespace

failure full_feature_phase::in_sequence(pdu::status_sn stat_sn, std::string_view pdu_title) {
    if (stat_sn != exp_stat_sn_) {
        return {protocol_errc::remote_status_sequence_gap,
                std::string(pdu_title) + " with StatSN " + number(stat_sn.value) + ", expected " +
                    number(exp_stat_sn_.value)};
    }
    exp_stat_sn_ = exp_stat_sn_.next();
    return {};
}

failure full_feature_phase::on_header(pdu::pdu_reader& reader) {
    switch (pdu::opcode_of(reader.header())) {
        case pdu::opcode::data_in:
            return on_data_in_header(reader);
        case pdu::opcode::scsi_response:
        case pdu::opcode::r2t:
        case pdu::opcode::nop_in:
        case pdu::opcode::text_response:
        case pdu::opcode::task_management_response:
        case pdu::opcode::logout_response:
        case pdu::opcode::async_message:
        case pdu::opcode::reject:
            return {};
        default:
            break;  // before its data segment is waited for
    }
    return {protocol_errc::remote_unexpected_pdu,
            "opcode " + number(static_cast<unsigned>(pdu::opcode_of(reader.header()))) + " in Full Feature Phase"};
}

failure full_feature_phase::on_pdu(const pdu::pdu_reader& reader, std::vector<event>& events) {
    // ExpCmdSN and MaxCmdSN have the same place in every PDU of a target (RFC 7143 §11.4 to §11.19).
    const auto numbers = pdu::decode<pdu::nop_in>(reader.header());
    window_.update(numbers.exp_cmd_sn, numbers.max_cmd_sn);
    switch (pdu::opcode_of(reader.header())) {
        case pdu::opcode::data_in:
            return on_data_in(reader, events);
        case pdu::opcode::scsi_response:
            return on_scsi_response(reader, events);
        case pdu::opcode::r2t:
            return on_r2t(reader);
        case pdu::opcode::nop_in:
            return on_nop_in(reader, events);
        case pdu::opcode::text_response:
            return on_text_response(reader, events);
        case pdu::opcode::task_management_response:
            return on_task_management_response(reader, events);
        case pdu::opcode::logout_response:
            return on_logout_response(reader, events);
        case pdu::opcode::async_message:
            return on_async_message(reader, events);
        case pdu::opcode::reject:
            return on_reject(reader, events);
        default:
            return {};  // on_header has let none of them pass
    }
}

failure full_feature_phase::on_data_in_header(pdu::pdu_reader& reader) {
    const auto data = pdu::decode<pdu::data_in>(reader.header());
    auto* task = tasks_.find(data.initiator_task_tag);
    if (!task || task->kind != task_kind::scsi || task->what.data_in.empty() || task->state == task_state::waiting) {
        return unknown_task(pdu::data_in::title, data.initiator_task_tag);
    }
    if (data.data_sn != task->next_data_in) {
        return {protocol_errc::remote_bad_data_sequence,
                "Data-In with DataSN " + number(data.data_sn.value) + ", expected " + number(task->next_data_in.value)};
    }
    const auto room = task->what.data_in.size() - task->data_in_received;
    if (data.buffer_offset != task->data_in_received || reader.data_size() > room) {
        return {protocol_errc::remote_bad_data_offset,
                "Data-In of " + number(reader.data_size()) + " bytes at offset " + number(data.buffer_offset) +
                    ", expected offset " + number(task->data_in_received) + " and at most " + number(room) + " bytes"};
    }
    reader.place_data(task->what.data_in.subspan(data.buffer_offset, reader.data_size()));
    return {};
}

failure full_feature_phase::on_data_in(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto data = pdu::decode<pdu::data_in>(reader.header());
    auto* task = tasks_.find(data.initiator_task_tag);
    if (!task) return unknown_task(pdu::data_in::title, data.initiator_task_tag);
    task->data_in_received += reader.data_size();
    task->next_data_in = task->next_data_in.next();
    if (!data.has_status) return {};

    if (auto gap = in_sequence(data.stat_sn, pdu::data_in::title)) return gap;
    scsi_outcome outcome{
        .failed = {},
        .status = data.status,
        .sense = {},
        .data_in_size = task->data_in_received,
        .residual_count = data.residual_count,
        .overflow = data.overflow,
        .underflow = data.underflow,
    };
    outcome.failed = check_amount(*task, outcome);
    events.push_back(scsi_answered{task, std::move(outcome)});
    return {};
}

failure full_feature_phase::on_scsi_response(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto response = pdu::decode<pdu::scsi_response>(reader.header());
    auto* task = tasks_.find(response.initiator_task_tag);
    if (!task || task->kind != task_kind::scsi || task->state == task_state::waiting) {
        return unknown_task(pdu::scsi_response::title, response.initiator_task_tag);
    }
    if (auto gap = in_sequence(response.stat_sn, pdu::scsi_response::title)) return gap;

    scsi_outcome outcome{
        .failed = {},
        .status = response.status,
        .sense = {},
        .data_in_size = task->data_in_received,
        .residual_count = response.residual_count,
        .overflow = response.overflow,
        .underflow = response.underflow,
    };
    const auto segment = reader.data();
    if (segment.size() >= 2) {  // SenseLength, then sense (RFC 7143 §11.4.7.2); what follows it is not ours
        const auto length = std::min<std::size_t>(pdu::load_be<2>(segment.data()), segment.size() - 2);
        const auto sense = segment.subspan(2, length);
        outcome.sense.assign(sense.begin(), sense.end());
    }
    if (response.response != pdu::service_response::completed) {
        outcome.failed = {protocol_errc::remote_rejected_pdu,
                          "iSCSI service response " + number(static_cast<unsigned>(response.response))};
    } else {
        outcome.failed = check_amount(*task, outcome);
    }
    events.push_back(scsi_answered{task, std::move(outcome)});
    return {};
}

failure full_feature_phase::on_r2t(const pdu::pdu_reader& reader) {
    const auto r2t = pdu::decode<pdu::r2t>(reader.header());
    auto* task = tasks_.find(r2t.initiator_task_tag);
    if (!task || task->kind != task_kind::scsi || task->what.data_out.empty() || task->state == task_state::waiting) {
        return unknown_task(pdu::r2t::title, r2t.initiator_task_tag);
    }
    const auto rest = task->what.data_out.size() - task->data_out_promised;
    const auto length = r2t.desired_data_transfer_length;
    const auto refuse = [&](std::string_view why) -> failure {
        return {protocol_errc::remote_bad_r2t,
                "R2T " + number(r2t.r2t_sn.value) + " for " + number(length) + " bytes at offset " +
                    number(r2t.buffer_offset) + ": " + std::string(why)};
    };
    if (r2t.target_transfer_tag == pdu::transfer_tag::reserved) return refuse("reserved Target Transfer Tag");
    if (r2t.r2t_sn != task->next_r2t) return refuse("expected R2TSN " + number(task->next_r2t.value));
    if (r2t.buffer_offset != task->data_out_promised) {
        return refuse("expected offset " + number(task->data_out_promised));
    }
    if (length == 0 || length > rest || length > agreed_.max_burst_length) {
        return refuse(number(rest) + " bytes are left, MaxBurstLength is " + number(agreed_.max_burst_length));
    }
    if (task->open_r2ts >= agreed_.max_outstanding_r2t) {
        return refuse("MaxOutstandingR2T is " + number(agreed_.max_outstanding_r2t));
    }
    ++task->open_r2ts;
    task->next_r2t = task->next_r2t.next();
    task->data_out_promised += length;
    transfers_.push_back({.task = task->tag,
                          .tag = r2t.target_transfer_tag,
                          .offset = r2t.buffer_offset,
                          .end = r2t.buffer_offset + length,
                          .next = {}});
    return {};
}

failure full_feature_phase::on_nop_in(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto nop = pdu::decode<pdu::nop_in>(reader.header());
    if (nop.initiator_task_tag != pdu::task_tag::reserved) {
        auto* task = tasks_.find(nop.initiator_task_tag);
        if (!task || task->kind != task_kind::ping) return unknown_task(pdu::nop_in::title, nop.initiator_task_tag);
        if (auto gap = in_sequence(nop.stat_sn, pdu::nop_in::title)) return gap;
        events.push_back(ping_answered{task});
        return {};
    }
    if (nop.target_transfer_tag == pdu::transfer_tag::reserved) return {};  // only carries the command window
    if (queue_.frame_count() > most_waiting_frames) {
        return {protocol_errc::remote_unexpected_pdu, "NOP-In faster than its answers are read"};
    }
    const pdu::nop_out answer{
        .immediate = true,
        .lun = nop.lun,
        .initiator_task_tag = pdu::task_tag::reserved,
        .target_transfer_tag = nop.target_transfer_tag,
        .cmd_sn = window_.next(),
        .exp_stat_sn = exp_stat_sn_,
    };
    queue_.push(pdu::frame(pdu::encode(answer), {}, {}, digests_), pdu::task_tag::reserved);
    return {};
}

failure full_feature_phase::on_text_response(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto response = pdu::decode<pdu::text_response>(reader.header());
    auto* task = tasks_.find(response.initiator_task_tag);
    if (!task || task->kind != task_kind::text || task->state == task_state::waiting) {
        return unknown_task(pdu::text_response::title, response.initiator_task_tag);
    }
    if (auto gap = in_sequence(response.stat_sn, pdu::text_response::title)) return gap;
    if (text_.size() + reader.data().size() > pdu::max_text_sequence || ++text_exchanges_ > most_text_exchanges) {
        return {protocol_errc::remote_text_too_long,
                number(text_.size() + reader.data().size()) + " bytes in " + number(text_exchanges_) + " responses"};
    }
    text_.insert(text_.end(), reader.data().begin(), reader.data().end());
    if (response.final && !response.continued) {
        auto parsed = pdu::parse_text(text_);
        text_.clear();
        events.push_back(text_answered{task, {parsed.error, parsed.detail}, std::move(parsed.keys)});
        return {};
    }
    if (response.target_transfer_tag == pdu::transfer_tag::reserved) {
        return {protocol_errc::remote_bad_field, "unfinished Text Response without a Target Transfer Tag"};
    }
    const pdu::text_request go_on{
        .immediate = true,
        .final = true,
        .lun = response.lun,
        .initiator_task_tag = task->tag,
        .target_transfer_tag = response.target_transfer_tag,
        .cmd_sn = window_.next(),
        .exp_stat_sn = exp_stat_sn_,
    };
    queue_.push(pdu::frame(pdu::encode(go_on), {}, {}, digests_), task->tag);
    return {};
}

failure full_feature_phase::on_task_management_response(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto response = pdu::decode<pdu::task_management_response>(reader.header());
    auto* task = tasks_.find(response.initiator_task_tag);
    if (!task || task->kind != task_kind::abort) {
        return unknown_task(pdu::task_management_response::title, response.initiator_task_tag);
    }
    if (auto gap = in_sequence(response.stat_sn, pdu::task_management_response::title)) return gap;
    using outcome = pdu::task_management_outcome;
    const bool gone = response.response == outcome::function_complete ||
                      response.response == outcome::task_does_not_exist ||
                      response.response == outcome::lun_does_not_exist;
    events.push_back(abort_answered{task, !gone});
    return {};
}

failure full_feature_phase::on_logout_response(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto response = pdu::decode<pdu::logout_response>(reader.header());
    auto* task = tasks_.find(response.initiator_task_tag);
    if (!task || task->kind != task_kind::logout) {
        return unknown_task(pdu::logout_response::title, response.initiator_task_tag);
    }
    if (auto gap = in_sequence(response.stat_sn, pdu::logout_response::title)) return gap;
    failure failed;
    if (response.response != pdu::logout_outcome::closed) {
        failed = {protocol_errc::remote_rejected_pdu,
                  "logout answered with response " + number(static_cast<unsigned>(response.response))};
    }
    events.push_back(logged_out{task, std::move(failed)});
    return {};
}

failure full_feature_phase::on_async_message(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto message = pdu::decode<pdu::async_message>(reader.header());
    if (auto gap = in_sequence(message.stat_sn, pdu::async_message::title)) return gap;
    switch (message.event) {
        case pdu::async_event::logout_request:
        case pdu::async_event::negotiation_request:
            events.push_back(logout_wanted{message.parameter3});
            break;
        case pdu::async_event::connection_drop:
        case pdu::async_event::session_drop:
            events.push_back(connection_dropped{message.parameter2});
            break;
        default:
            break;  // SCSI events reach the block layer as UNIT ATTENTION; others concern what we did not agree to
    }
    return {};
}

failure full_feature_phase::on_reject(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto reject = pdu::decode<pdu::reject>(reader.header());
    if (auto gap = in_sequence(reject.stat_sn, pdu::reject::title)) return gap;
    task* which = nullptr;
    if (reader.data().size() >= pdu::bhs_size) {
        pdu::bhs_bytes bad{};
        std::copy_n(reader.data().begin(), pdu::bhs_size, bad.begin());
        which = tasks_.find(pdu::decode<pdu::nop_out>(bad).initiator_task_tag);  // the tag has one place in all PDUs
    }
    events.push_back(rejected{which,
                              {protocol_errc::remote_rejected_pdu,
                               "reason " + number(static_cast<unsigned>(reject.reason)) + " (RFC 7143 §11.17.1)"}});
    return {};
}

}  // namespace persiscsi
