// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/full_feature_phase.hpp"
#include "initiator/session/numbers_in_text.hpp"
#include "pdu/nop_in.hpp"
#include "pdu/nop_out.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace persiscsi {
namespace {

/// Answers to the target's pings and requests for lost PDUs that may wait to be sent; beyond it the target floods us
/// and does not read.
constexpr std::size_t most_waiting_frames = 4096;
/// Text Responses of one sequence; SendTargets of thousands of targets stays far below.
constexpr std::uint32_t most_text_exchanges = 4096;
/// A StatSN so far ahead is no gap but another connection's (RFC 7143 §4.2.2.2 wants such a bound).
constexpr std::int32_t farthest_status = 65536;
/// Statuses without a PDU of ours to acknowledge them, at error recovery levels where the target keeps them until then.
constexpr std::uint32_t most_silent_statuses = 32;

}  // namespace

failure full_feature_phase::on_header(pdu::pdu_reader& reader) {
    discards_data_ = false;
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
            "opcode " + number(pdu::opcode_of(reader.header())) + " in Full Feature Phase"};
}

failure full_feature_phase::on_pdu(const pdu::pdu_reader& reader, std::vector<event>& events) {
    if (queue_.frame_count() > most_waiting_frames) {
        return {protocol_errc::remote_unexpected_pdu, "PDUs that want an answer, faster than the answers are read"};
    }
    // ExpCmdSN and MaxCmdSN have the same place in every PDU of a target (RFC 7143 §11.4 to §11.19).
    const auto numbers = pdu::decode<pdu::nop_in>(reader.header());
    window_.update(numbers.exp_cmd_sn, numbers.max_cmd_sn);
    auto wrong = take_in(reader, events);
    if (!wrong && recovers() && silent_statuses_ >= most_silent_statuses) send_acknowledgement();
    return wrong;
}

failure full_feature_phase::take_in(const pdu::pdu_reader& reader, std::vector<event>& events) {
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

/// A task that may be answered on this connection; none where the tag is another's.
task* full_feature_phase::find(pdu::task_tag tag, task_kind kind) {
    auto* found = tasks_.find(tag);
    const bool ours = found && found->kind == kind && found->allegiance == number_ && !found->stranded;
    return ours && (found->state == task_state::sent || found->state == task_state::abandoned) ? found : nullptr;
}

/// Takes a StatSN in, and asks for those before it that are missing. `known`: the PDU has come before.
failure full_feature_phase::take_status(pdu::status_sn stat_sn, std::string_view pdu_title, status_kind& kind) {
    using order = status_sequence::numbers::kind;
    const auto found = statuses_.judge(stat_sn);
    const auto ahead = statuses_.received().next().distance_to(stat_sn);
    const bool recoverable = recovers() && ahead < farthest_status && !statuses_.received().has_too_many_gaps();
    if (found != order::in_order && !recoverable) {
        return {protocol_errc::remote_status_sequence_gap,
                std::string(pdu_title) + " with StatSN " + number(stat_sn.value) + ", expected " +
                    number(statuses_.received().next().value)};
    }
    kind = found == order::duplicate ? status_kind::known : status_kind::fresh;
    if (found == order::duplicate) return {};
    if (const auto gap = statuses_.take(stat_sn)) ask_for_status(*gap);
    ++silent_statuses_;
    return {};
}

failure full_feature_phase::on_nop_in(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto nop = pdu::decode<pdu::nop_in>(reader.header());
    if (nop.initiator_task_tag != pdu::task_tag::reserved) {
        auto kind = status_kind::fresh;
        auto* task = find(nop.initiator_task_tag, task_kind::ping);
        if (!task && !recovers()) return unknown_task(pdu::nop_in::title, nop.initiator_task_tag);
        if (auto gap = take_status(nop.stat_sn, pdu::nop_in::title, kind)) return gap;
        if (kind == status_kind::known) return {};
        if (!task) return unknown_task(pdu::nop_in::title, nop.initiator_task_tag);
        events.push_back(ping_answered{task});
        return {};
    }
    if (recovers()) {  // it carries the next StatSN, which shows what was lost (RFC 7143 §7.1.4.2)
        const auto ahead = statuses_.received().next().distance_to(nop.stat_sn);
        if (ahead > 0 && ahead < farthest_status) ask_for_status(*statuses_.miss_before(nop.stat_sn));
    }
    if (nop.target_transfer_tag == pdu::transfer_tag::reserved) return {};  // only carries the command window
    const pdu::nop_out answer{
        .immediate = true,
        .lun = nop.lun,
        .initiator_task_tag = pdu::task_tag::reserved,
        .target_transfer_tag = nop.target_transfer_tag,
        .cmd_sn = window_.next(),
        .exp_stat_sn = exp_stat_sn(),
    };
    push(pdu::frame(pdu::encode(answer), {}, {}, digests_), pdu::task_tag::reserved);
    return {};
}

failure full_feature_phase::on_text_response(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto response = pdu::decode<pdu::text_response>(reader.header());
    auto kind = status_kind::fresh;
    auto* task = find(response.initiator_task_tag, task_kind::text);
    auto* negotiation = find(response.initiator_task_tag, task_kind::negotiation);
    const bool is_answer = task || negotiation;
    if (!is_answer && !recovers()) return unknown_task(pdu::text_response::title, response.initiator_task_tag);
    if (auto gap = take_status(response.stat_sn, pdu::text_response::title, kind)) return gap;
    if (kind == status_kind::known) return {};
    if (!is_answer) return unknown_task(pdu::text_response::title, response.initiator_task_tag);
    if (negotiation) {
        events.push_back(negotiation_answered{negotiation, response, {reader.data().begin(), reader.data().end()}});
        return {};
    }
    text_size_ += reader.data().size();
    if (text_size_ > pdu::max_text_sequence || ++text_exchanges_ > most_text_exchanges) {
        return {protocol_errc::remote_text_too_long,
                number(text_size_) + " bytes in " + number(text_exchanges_) + " responses"};
    }
    text_.insert(text_.end(), reader.data().begin(), reader.data().end());
    if (!response.continued) {
        if (auto wrong = take_text()) return wrong;
    }
    if (response.final && !response.continued) {
        events.push_back(text_answered{task, {}, std::exchange(text_keys_, {})});
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
        .exp_stat_sn = exp_stat_sn(),
    };
    push(pdu::frame(pdu::encode(go_on), {}, {}, digests_), task->tag);
    return {};
}

/// Whole keys: answers to SendTargets, for a Discovery session negotiates nothing else (RFC 7143 §13.21).
failure full_feature_phase::take_text() {
    auto parsed = pdu::parse_text(text_);
    text_.clear();
    if (parsed.error) return {parsed.error, "Text Response: " + parsed.detail};
    for (auto& pair : parsed.keys) {
        if (pair.key != "TargetName" && pair.key != "TargetAddress" && pair.key != "TargetAlias") {
            return {login_errc::unexpected_key,
                    "Text Response: the target sent " + pdu::escaped(pair.key) + ", which is no answer to SendTargets"};
        }
        text_keys_.push_back(std::move(pair));
    }
    return {};
}

failure full_feature_phase::on_task_management_response(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto response = pdu::decode<pdu::task_management_response>(reader.header());
    auto kind = status_kind::fresh;
    auto* task = find(response.initiator_task_tag, task_kind::management);
    if (!task && !recovers()) {
        return unknown_task(pdu::task_management_response::title, response.initiator_task_tag);
    }
    if (auto gap = take_status(response.stat_sn, pdu::task_management_response::title, kind)) return gap;
    if (kind == status_kind::known) return {};
    if (!task) return unknown_task(pdu::task_management_response::title, response.initiator_task_tag);
    events.push_back(management_answered{task, response.response});
    return {};
}

failure full_feature_phase::on_logout_response(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto response = pdu::decode<pdu::logout_response>(reader.header());
    auto kind = status_kind::fresh;
    auto* task = find(response.initiator_task_tag, task_kind::logout);
    if (!task) return unknown_task(pdu::logout_response::title, response.initiator_task_tag);
    if (auto gap = take_status(response.stat_sn, pdu::logout_response::title, kind)) return gap;
    if (kind == status_kind::fresh) events.push_back(logged_out{task, response});
    return {};
}

failure full_feature_phase::on_async_message(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto message = pdu::decode<pdu::async_message>(reader.header());
    auto kind = status_kind::fresh;
    if (auto gap = take_status(message.stat_sn, pdu::async_message::title, kind)) return gap;
    if (kind == status_kind::known) return {};
    events.push_back(async_received{message, {reader.data().begin(), reader.data().end()}});
    return {};
}

failure full_feature_phase::on_reject(const pdu::pdu_reader& reader, std::vector<event>& events) {
    const auto reject = pdu::decode<pdu::reject>(reader.header());
    auto kind = status_kind::fresh;
    if (auto gap = take_status(reject.stat_sn, pdu::reject::title, kind)) return gap;
    if (kind == status_kind::known) return {};
    if (reader.data().size() < pdu::bhs_size) {
        return {protocol_errc::remote_bad_field,
                "Reject with " + number(reader.data().size()) + " bytes of the header that is rejected"};
    }
    pdu::bhs_bytes bad{};
    std::copy_n(reader.data().begin(), pdu::bhs_size, bad.begin());
    const auto opcode = pdu::opcode_of(bad);
    if (opcode == pdu::opcode::snack_request) return on_snack_rejected(bad, events);
    auto* which = tasks_.find(pdu::decode<pdu::nop_out>(bad).initiator_task_tag);  // the tag has one place in all PDUs
    const bool ours = which && which->allegiance == number_ && !which->stranded;
    events.push_back(rejected{reject.reason, opcode, ours ? which : nullptr});
    return {};
}

}  // namespace persiscsi
