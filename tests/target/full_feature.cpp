// SPDX-License-Identifier: Apache-2.0
#include "tests/target/full_feature.hpp"

#include "pdu/endian.hpp"
#include "tests/target/full_feature_number.hpp"

#include <algorithm>

namespace persiscsi::target {
namespace {

constexpr std::size_t longest_text_request = 64 * 1024;

std::string number_text(auto value) {
    return std::to_string(static_cast<std::uint64_t>(value));
}

}  // namespace

full_feature::full_feature(wire& wire, device_server* devices, pending_attentions& attentions, const start& begin)
    : wire_(wire),
      devices_(devices),
      attentions_(attentions),
      agreed_(begin.agreed),
      command_window_(begin.command_window),
      cid_(begin.cid),
      exp_cmd_sn_(begin.cmd_sn),
      max_cmd_sn_(begin.cmd_sn.plus(begin.command_window - 1)),
      stat_sn_(begin.stat_sn) {}

void full_feature::on_pdu(const pdu::bhs_bytes& bhs, bytes data, bool placed, const received_fault& fault) {
    current_ = bhs;
    const auto received = pdu::decode_any(bhs);
    const bool from_initiator = static_cast<std::uint8_t>(pdu::opcode_of(bhs)) < 0x20;
    if (!received || !from_initiator) {
        wire_.violation("opcode " + number_text(pdu::opcode_of(bhs)) + " is not an initiator's", false);
        return reject_pdu(pdu::reject_reason::command_not_supported);
    }
    const auto numbered = [&](const auto& request) {
        check_exp_stat_sn(request.exp_stat_sn);
        if (!admit(request.immediate, request.cmd_sn, request.title)) return false;
        if (!request.immediate) ++finished_commands_;  // answered at once, or never by a script
        if (fault.reject) reject_pdu(*fault.reject);
        return !fault.ignore && !fault.reject;
    };
    if (const auto* command = std::get_if<pdu::scsi_command>(&*received)) return on_scsi_command(*command, data, fault);
    if (const auto* out = std::get_if<pdu::data_out>(&*received)) return on_data_out(*out, data, placed, fault);
    if (const auto* nop = std::get_if<pdu::nop_out>(&*received))
        return numbered(*nop) ? on_nop_out(*nop, data) : void();
    if (const auto* text = std::get_if<pdu::text_request>(&*received))
        return numbered(*text) ? on_text_request(*text, data) : void();
    if (const auto* logout = std::get_if<pdu::logout_request>(&*received))
        return numbered(*logout) ? on_logout_request(*logout) : void();
    if (const auto* management = std::get_if<pdu::task_management_request>(&*received))
        return numbered(*management) ? on_task_management(*management) : void();
    if (std::holds_alternative<pdu::snack_request>(*received)) return on_snack();
    wire_.violation("Login Request in Full Feature Phase", false);
    reject_pdu(pdu::reject_reason::protocol_error);
}

bool full_feature::admit(bool immediate, pdu::command_sn cmd_sn, std::string_view title) {
    if (immediate) return true;
    const auto place = exp_cmd_sn_.distance_to(cmd_sn);
    const bool in_window = place >= 0 && !max_cmd_sn_.precedes(cmd_sn);
    if (place == 0 && in_window) {
        exp_cmd_sn_ = exp_cmd_sn_.next();
        return true;
    }
    // RFC 7143 §4.2.2.1: outside the window it is ignored. Inside, one connection leaves no way to fill the gap.
    wire_.violation(std::string(title) + ": CmdSN " + number_text(cmd_sn.value) + ", ExpCmdSN " +
                        number_text(exp_cmd_sn_.value) + ", MaxCmdSN " + number_text(max_cmd_sn_.value),
                    in_window);
    return false;
}

void full_feature::check_exp_stat_sn(pdu::status_sn exp_stat_sn) {
    if (stat_sn_.precedes(exp_stat_sn))
        wire_.violation("ExpStatSN " + number_text(exp_stat_sn.value) + " acknowledges what was not sent, StatSN " +
                            number_text(stat_sn_.value),
                        false);
}

void full_feature::on_nop_out(const pdu::nop_out& request, bytes data) {
    if (request.initiator_task_tag == pdu::task_tag::reserved) {
        if (request.target_transfer_tag != pdu::transfer_tag::reserved) wire_.count_nop_in_answer();
        return;
    }
    if (request.target_transfer_tag != pdu::transfer_tag::reserved)
        wire_.violation("NOP-Out with both ITT and TTT", false);
    pdu::nop_in answer;
    answer.lun = request.lun;
    answer.initiator_task_tag = request.initiator_task_tag;
    number(answer, true);
    const auto echo = data.first(std::min<std::size_t>(data.size(), agreed_.initiator_max_recv));
    wire_.transmit_owned(encode(answer), {echo.begin(), echo.end()});
}

void full_feature::on_text_request(const pdu::text_request& request, bytes data) {
    const bool goes_on = request.target_transfer_tag != pdu::transfer_tag::reserved;
    if (!goes_on) text_in_.clear();
    if (text_in_.size() + data.size() > longest_text_request) {
        text_in_.clear();
        return reject_pdu(pdu::reject_reason::long_operation_reject);
    }
    text_in_.insert(text_in_.end(), data.begin(), data.end());
    if (request.continued) {
        pdu::text_response more;
        more.initiator_task_tag = request.initiator_task_tag;
        more.target_transfer_tag = static_cast<pdu::transfer_tag>(next_transfer_tag_);
        number(more, true);
        return wire_.transmit_owned(encode(more), {});
    }
    const bool wants_rest = goes_on && text_in_.empty() && text_sent_ < text_out_.size();
    if (!wants_rest) {
        const auto parsed = pdu::parse_text(text_in_);
        text_in_.clear();
        if (parsed.error) {
            wire_.violation("Text Request: " + parsed.detail, false);
            return reject_pdu(pdu::reject_reason::protocol_error);
        }
        text_out_.clear();
        text_sent_ = 0;
        for (const auto& [key, value] : parsed.keys) {
            const bool own_name_only = devices_ && value.empty();  // empty in a normal session: the target it is in
            const auto found = key == "SendTargets"
                                   ? wire_.send_targets(own_name_only ? devices_->options().name
                                                                      : (value == "All" ? std::string() : value))
                                   : pdu::encode_text({{key, "NotUnderstood"}});
            text_out_.insert(text_out_.end(), found.begin(), found.end());
            if (text_out_.size() > pdu::max_text_sequence) return reject_pdu(pdu::reject_reason::long_operation_reject);
        }
    }
    answer_text(request.initiator_task_tag, request.lun);
}

void full_feature::answer_text(pdu::task_tag tag, pdu::lun_id lun) {
    const auto piece = std::min<std::size_t>(text_out_.size() - text_sent_, agreed_.initiator_max_recv);
    const auto from = text_out_.begin() + static_cast<std::ptrdiff_t>(text_sent_);
    std::vector<std::byte> data(from, from + static_cast<std::ptrdiff_t>(piece));
    text_sent_ += piece;
    pdu::text_response response;
    response.final = text_sent_ == text_out_.size();
    response.continued = !response.final;
    response.lun = lun;
    response.initiator_task_tag = tag;
    if (!response.final) response.target_transfer_tag = static_cast<pdu::transfer_tag>(next_transfer_tag_);
    number(response, true);
    wire_.transmit_owned(encode(response), std::move(data));
}

void full_feature::on_logout_request(const pdu::logout_request& request) {
    pdu::logout_response response;
    response.initiator_task_tag = request.initiator_task_tag;
    response.time2wait = static_cast<std::uint16_t>(agreed_.default_time2wait);
    response.time2retain = static_cast<std::uint16_t>(agreed_.default_time2retain);
    if (request.reason == pdu::logout_reason::close_connection && request.cid != cid_)
        response.response = pdu::logout_outcome::cid_not_found;
    else if (request.reason == pdu::logout_reason::remove_connection_for_recovery)
        response.response = pdu::logout_outcome::recovery_not_supported;
    const bool closed = response.response == pdu::logout_outcome::closed;
    if (closed) abort_tasks(std::nullopt);
    number(response, true);
    wire_.transmit_owned(encode(response), {});
    if (!closed) return;
    wire_.logged_out();
    wire_.close_after_flush();
}

void full_feature::on_task_management(const pdu::task_management_request& request) {
    pdu::task_management_response response;
    response.response = carry_out(request);
    response.initiator_task_tag = request.initiator_task_tag;
    number(response, true);
    wire_.transmit_owned(encode(response), {});
}

pdu::task_management_outcome full_feature::carry_out(const pdu::task_management_request& request) {
    using enum pdu::task_management_function;
    using enum pdu::task_management_outcome;
    if (!devices_) return function_rejected;
    if (request.function == abort_task) {
        const auto found = tasks_.find(static_cast<std::uint32_t>(request.referenced_task_tag));
        if (found == tasks_.end()) return task_does_not_exist;
        end_task(request.referenced_task_tag);
        return function_complete;
    }
    if (request.function == target_warm_reset || request.function == target_cold_reset) {
        wire_.reset_units({}, true);
        if (request.function == target_cold_reset) wire_.close_after_flush();
        return function_complete;
    }
    if (!devices_->find(request.lun)) return lun_does_not_exist;
    if (request.function == logical_unit_reset) {
        wire_.reset_units(request.lun, false);
        return function_complete;
    }
    if (request.function != abort_task_set && request.function != clear_task_set) return function_not_supported;
    abort_tasks(request.lun);
    return function_complete;
}

void full_feature::on_snack() {
    wire_.violation("SNACK Request at ErrorRecoveryLevel 0", false);
    reject_pdu(pdu::reject_reason::snack_reject);
}

void full_feature::reject_pdu(pdu::reject_reason reason) {
    pdu::reject answer;
    answer.reason = reason;
    number(answer, true);
    wire_.transmit_owned(encode(answer), {current_.begin(), current_.end()});
}

void full_feature::ping() {
    pdu::nop_in ping;
    ping.target_transfer_tag = static_cast<pdu::transfer_tag>(next_transfer_tag_++);
    number(ping, false);
    wire_.transmit_owned(encode(ping), {});
}

void full_feature::tell_window() {
    pdu::nop_in window;
    number(window, false);
    wire_.transmit_owned(encode(window), {});
}

void full_feature::send_async(pdu::async_message message) {
    number(message, true);
    wire_.transmit_owned(encode(message), {});
}

void full_feature::abort_tasks(std::optional<pdu::lun_id> lun) {
    std::vector<pdu::task_tag> tags;
    for (const auto& [tag, task] : tasks_)
        if (!lun || task.command.lun == *lun) tags.push_back(static_cast<pdu::task_tag>(tag));
    for (const auto tag : tags) end_task(tag);
}

}  // namespace persiscsi::target
