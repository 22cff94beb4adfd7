// SPDX-License-Identifier: Apache-2.0
#include "tests/target/text_exchange.hpp"

#include "tests/target/text_values.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi::target {
namespace {

constexpr std::size_t longest_text_request = 64 * 1024;

bool is_of_login(std::string_view key) {
    constexpr std::string_view names[] = {
        "HeaderDigest",   "DataDigest",          "AuthMethod",         "MaxConnections",     "InitiatorName",
        "TargetName",     "InitialR2T",          "ImmediateData",      "MaxBurstLength",     "FirstBurstLength",
        "SessionType",    "TaskReporting",       "DefaultTime2Wait",   "DefaultTime2Retain", "MaxOutstandingR2T",
        "DataPDUInOrder", "DataSequenceInOrder", "ErrorRecoveryLevel", "iSCSIProtocolLevel", "TargetPortalGroupTag"};
    return std::find(std::begin(names), std::end(names), key) != std::end(names);
}

}  // namespace

void text_exchange::reset() {
    open_ = false;
    in_.clear();
    out_.clear();
    sent_ = 0;
    seen_.clear();
    declared_.reset();
}

text_exchange::outcome text_exchange::on_request(const pdu::text_request& request,
                                                 std::span<const std::byte> data,
                                                 pdu::transfer_tag fresh,
                                                 std::uint32_t most) {
    if (request.target_transfer_tag == pdu::transfer_tag::reserved) {
        reset();
        itt_ = request.initiator_task_tag;
    }
    if (auto wrong = check(request)) return *wrong;
    if (in_.size() + data.size() > longest_text_request) return refused(pdu::reject_reason::long_operation_reject, {});
    in_.insert(in_.end(), data.begin(), data.end());
    open_ = true;
    outcome result;
    const bool wants_rest = in_.empty() && sent_ < out_.size();
    if (!request.continued && !wants_rest) {
        if (auto wrong = answer_keys(std::exchange(in_, {}))) return *wrong;
    }
    give(request, fresh, most, result);
    return result;
}

std::optional<text_exchange::outcome> text_exchange::check(const pdu::text_request& request) {
    if (request.final && request.continued)
        return refused(pdu::reject_reason::protocol_error, "Text Request with F and C bit");
    if (request.target_transfer_tag == pdu::transfer_tag::reserved) return std::nullopt;
    if (!open_ || request.target_transfer_tag != ttt_)
        return refused(pdu::reject_reason::invalid_pdu_field, "Text Request with a TTT that was not given");
    if (request.initiator_task_tag != itt_)
        return refused(pdu::reject_reason::invalid_pdu_field, "Text Request goes on with another ITT");
    return std::nullopt;
}

text_exchange::outcome text_exchange::refused(pdu::reject_reason reason, std::string violation) {
    reset();
    outcome result;
    result.rejected = reason;
    result.violation = std::move(violation);
    return result;
}

std::optional<text_exchange::outcome> text_exchange::answer_keys(std::span<const std::byte> text) {
    const auto parsed = pdu::parse_text(text);
    if (parsed.error) return refused(pdu::reject_reason::protocol_error, "Text Request: " + parsed.detail);
    out_.clear();
    sent_ = 0;
    for (const auto& key : parsed.keys) {
        // RFC 7143 §6.4: a key that comes twice in a negotiation is rejected with its PDU.
        if (!seen_.insert(key.key).second)
            return refused(pdu::reject_reason::protocol_error, "key " + pdu::escaped(key.key) + " negotiated twice");
        outcome wrong;
        const auto answer = key.key == "SendTargets" ? std::string() : answer_key(key, wrong);
        if (wrong.rejected) return refused(*wrong.rejected, wrong.violation);
        const auto found = key.key == "SendTargets" ? targets_(key.value)
                           : answer.empty()         ? std::vector<std::byte>{}
                                                    : pdu::encode_text({{key.key, answer}});
        out_.insert(out_.end(), found.begin(), found.end());
        if (out_.size() > pdu::max_text_sequence) return refused(pdu::reject_reason::long_operation_reject, {});
    }
    return std::nullopt;
}

/// Empty: it is declared, and needs no answer.
std::string text_exchange::answer_key(const pdu::text_key& key, outcome& wrong) {
    if (key.key == "InitiatorAlias" || key.key == "X#NodeArchitecture") return {};
    if (key.key == "MaxRecvDataSegmentLength") {
        const auto value = read_number(key.value, 0xffffff);
        if (value && *value >= 512) {
            declared_ = static_cast<std::uint32_t>(*value);
            return {};
        }
        wrong.rejected = pdu::reject_reason::protocol_error;
        wrong.violation = "MaxRecvDataSegmentLength=" + pdu::escaped(key.value) + " is not from 512 to 16777215";
        return {};
    }
    if (!is_of_login(key.key)) return "NotUnderstood";
    wrong.rejected = pdu::reject_reason::protocol_error;
    wrong.violation = "key " + pdu::escaped(key.key) + " in Full Feature Phase";
    return {};
}

void text_exchange::give(const pdu::text_request& request,
                         pdu::transfer_tag fresh,
                         std::uint32_t most,
                         outcome& result) {
    auto& response = result.response;
    response.initiator_task_tag = request.initiator_task_tag;
    response.lun = request.lun;
    if (!request.continued) {
        const auto piece = std::min<std::size_t>(out_.size() - sent_, most);
        const auto from = out_.begin() + static_cast<std::ptrdiff_t>(sent_);
        result.data.assign(from, from + static_cast<std::ptrdiff_t>(piece));
        sent_ += piece;
        response.continued = sent_ < out_.size();
        response.final = request.final && !response.continued;
    }
    if (!response.final) {
        response.target_transfer_tag = ttt_ = fresh;
        return;
    }
    result.max_recv = declared_;
    reset();
}

}  // namespace persiscsi::target
