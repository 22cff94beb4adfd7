// SPDX-License-Identifier: Apache-2.0
#include "tests/target/full_feature.hpp"

#include "tests/target/endless_text.hpp"
#include "tests/target/full_feature_number.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi::target {
namespace {

std::string number_text(auto value) {
    return std::to_string(static_cast<std::uint64_t>(value));
}

}  // namespace

full_feature::full_feature(wire& wire, std::shared_ptr<session_state> session, const start& begin)
    : wire_(wire),
      session_(std::move(session)),
      agreed_(begin.agreed),
      cid_(begin.cid),
      stat_sn_(begin.stat_sn),
      acknowledged_(begin.stat_sn),
      text_([this](const std::string& value) { return send_targets(value); }) {
    session_->connections.push_back(this);
}

full_feature::~full_feature() {
    leave();
}

void full_feature::on_pdu(const arrived_pdu& pdu, const received_fault& fault) {
    if (left_) return;
    current_ = pdu.bhs;
    const auto received = pdu::decode_any(pdu.bhs);
    const bool from_initiator = static_cast<std::uint8_t>(pdu::opcode_of(pdu.bhs)) < 0x20;
    if (!received || !from_initiator) {
        wire_.violation("opcode " + number_text(pdu::opcode_of(pdu.bhs)) + " is not an initiator's", false);
        return reject_pdu(pdu::reject_reason::command_not_supported);
    }
    const auto session = session_;  // a request may end this connection
    switch (pdu::opcode_of(pdu.bhs)) {
        case pdu::opcode::scsi_command:
            on_scsi_command(pdu, fault);
            break;
        case pdu::opcode::data_out:
            on_data_out(pdu, fault);
            break;
        case pdu::opcode::snack_request:
            on_snack(pdu, fault);
            break;
        case pdu::opcode::login_request:
            wire_.violation("Login Request in Full Feature Phase", false);
            return reject_pdu(pdu::reject_reason::protocol_error);
        default:
            on_request(*received, pdu, fault);
    }
    session->deliver_due();
    session->continue_aborts();
}

namespace {

/// The fields that each numbered request has at the same place (RFC 7143 §11.3-§11.5, §11.10, §11.14, §11.18).
struct request_numbers {
    bool immediate = false;
    pdu::command_sn cmd_sn;
    pdu::status_sn exp_stat_sn;
    std::string_view title;
};

request_numbers numbers_of(const pdu::any_pdu& request) {
    return std::visit(
        [](const auto& each) -> request_numbers {
            if constexpr (requires { each.immediate, each.cmd_sn, each.exp_stat_sn; })
                return {each.immediate, each.cmd_sn, each.exp_stat_sn, each.title};
            else
                return {};
        },
        request);
}

}  // namespace

/// The ExpStatSN of such a Logout Request is of the connection that it names (RFC 7143 §11.14.4).
bool full_feature::is_about_another_connection(const pdu::any_pdu& request) const {
    const auto* logout = std::get_if<pdu::logout_request>(&request);
    return logout && logout->reason != pdu::logout_reason::close_session && logout->cid != cid_;
}

void full_feature::on_request(const pdu::any_pdu& request, const arrived_pdu& pdu, const received_fault& fault) {
    const auto numbers = numbers_of(request);
    if (!is_about_another_connection(request)) check_exp_stat_sn(numbers.exp_stat_sn);
    if (fault.reject) return reject_request(*fault.reject, numbers.immediate);
    const auto admitted = admit(numbers.immediate, numbers.cmd_sn, numbers.title);
    if (admitted == admission::refused) return;
    if (admitted == admission::later) {
        if (!hold(numbers.cmd_sn, pdu, fault))
            wire_.violation(std::string(numbers.title) + ": too much waits for its CmdSN", true);
        return;
    }
    if (!numbers.immediate) session_->window.finish();  // answered at once, or never by a script
    if (!fault.ignore) carry_out(request, pdu.data, fault);
}

void full_feature::on_corrupt_pdu(const pdu::bhs_bytes& bhs) {
    if (left_) return;
    current_ = bhs;
    reject_pdu(pdu::reject_reason::data_digest_error);
    if (pdu::opcode_of(bhs) == pdu::opcode::data_out) return on_corrupt_data_out(bhs);
    session_->may_have_holes = true;  // the number of a request does not count as received (RFC 7143 §7.3)
}

void full_feature::on_turn(const command_window::held& request) {
    if (left_) return;
    current_ = request.bhs;
    const auto decoded = pdu::decode_any(request.bhs);
    if (const auto* command = std::get_if<pdu::scsi_command>(&*decoded)) {
        const auto found = tasks_.find(static_cast<std::uint32_t>(command->initiator_task_tag));
        const bool aborted = found == tasks_.end() || found->second.command.cmd_sn != command->cmd_sn;
        if (aborted) return session_->window.finish();
        const auto data = std::exchange(found->second.early, {});
        return begin_task(found->second, data, request.fault);
    }
    session_->window.finish();
    if (!request.fault.ignore) carry_out(*decoded, request.data, request.fault);
}

void full_feature::carry_out(const pdu::any_pdu& request, bytes data, const received_fault& fault) {
    if (const auto* nop = std::get_if<pdu::nop_out>(&request)) return on_nop_out(*nop, data);
    if (const auto* text = std::get_if<pdu::text_request>(&request)) return on_text_request(*text, data, fault);
    if (const auto* logout = std::get_if<pdu::logout_request>(&request)) return on_logout_request(*logout);
    if (const auto* management = std::get_if<pdu::task_management_request>(&request))
        on_task_management(*management, fault);
}

full_feature::admission full_feature::admit(bool immediate, pdu::command_sn cmd_sn, std::string_view title) {
    using enum command_window::place;
    if (immediate) return admission::now;
    auto& window = session_->window;
    const auto place = window.place_of(cmd_sn);
    const bool repeated = place == below || (place == ahead && window.holds(cmd_sn));
    // RFC 7143 §4.2.2.1: outside of the window, and twice within it, a request is ignored.
    if (repeated && session_->may_have_holes) {
        wire_.count_repeated_request();
        return admission::refused;
    }
    const bool hole = place == ahead && session_->connections.size() == 1 && !session_->may_have_holes;
    if (repeated || place == above || hole || !is_in_order(cmd_sn)) {
        wire_.violation(std::string(title) + ": CmdSN " + number_text(cmd_sn.value) + ", ExpCmdSN " +
                            number_text(window.exp_cmd_sn().value) + ", MaxCmdSN " +
                            number_text(window.max_cmd_sn().value),
                        hole);
        return admission::refused;
    }
    last_cmd_sn_ = cmd_sn;
    if (place == ahead) return admission::later;
    window.take();
    return admission::now;
}

bool full_feature::is_in_order(pdu::command_sn cmd_sn) const {
    return !last_cmd_sn_ || last_cmd_sn_->precedes(cmd_sn) || session_->may_have_holes;
}

bool full_feature::hold(pdu::command_sn cmd_sn, const arrived_pdu& pdu, const received_fault& fault) {
    return session_->window.hold(cmd_sn, {this, pdu.bhs, {pdu.data.begin(), pdu.data.end()}, fault});
}

void full_feature::check_exp_stat_sn(pdu::status_sn exp_stat_sn) {
    if (recovers()) acknowledge_statuses(exp_stat_sn);
    if (acknowledged_.precedes(exp_stat_sn)) acknowledged_ = exp_stat_sn;
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
    const auto echo = data.first(std::min<std::size_t>(data.size(), agreed_.initiator_max_recv));
    send_numbered(answer, {echo.begin(), echo.end()});
}

void full_feature::on_text_request(const pdu::text_request& request, bytes data, const received_fault& fault) {
    wire_.count_text_request();
    endless_text_ = endless_text_ || fault.endless_text;
    if (endless_text_) {
        pdu::text_response more;
        more.continued = true;
        more.initiator_task_tag = request.initiator_task_tag;
        more.target_transfer_tag = session_->fresh_transfer_tag();
        return send_numbered(more, endless_text());
    }
    auto outcome = text_.on_request(request, data, session_->fresh_transfer_tag(), agreed_.initiator_max_recv);
    if (!outcome.violation.empty()) wire_.violation(outcome.violation, false);
    if (outcome.rejected) return reject_pdu(*outcome.rejected);
    send_numbered(outcome.response, std::move(outcome.data));
    if (outcome.max_recv) agreed_.initiator_max_recv = *outcome.max_recv;
}

/// An empty value in a normal session: the target it is in (RFC 7143 Appendix C).
std::vector<std::byte> full_feature::send_targets(const std::string& value) const {
    if (session_->devices && value.empty()) return wire_.send_targets(session_->devices->options().name);
    return wire_.send_targets(value == "All" ? std::string() : value);
}

void full_feature::on_logout_request(const pdu::logout_request& request) {
    if (static_cast<unsigned>(request.reason) > 2) {
        wire_.violation("Logout Request: reason " + number_text(request.reason) + " is reserved", false);
        return reject_pdu(pdu::reject_reason::invalid_pdu_field);
    }
    pdu::logout_response response;
    response.response = wire_.log_out(request);
    response.initiator_task_tag = request.initiator_task_tag;
    response.time2wait = static_cast<std::uint16_t>(session_->agreed.default_time2wait);
    response.time2retain = static_cast<std::uint16_t>(session_->agreed.default_time2retain);
    const bool closed = response.response == pdu::logout_outcome::closed &&
                        (request.reason == pdu::logout_reason::close_session || request.cid == cid_);
    const bool recovers_tasks = request.reason == pdu::logout_reason::remove_connection_for_recovery;
    quiet_ = closed;
    if (closed && !recovers_tasks) terminate_tasks();
    send_numbered(response);
    if (closed) wire_.close_after_flush();
}

void full_feature::reject_pdu(pdu::reject_reason reason) {
    pdu::reject answer;
    answer.reason = reason;
    send_numbered(answer, {current_.begin(), current_.end()});
}

void full_feature::reject_request(pdu::reject_reason reason, bool immediate) {
    if (!immediate) session_->may_have_holes = true;
    reject_pdu(reason);
}

void full_feature::ping() {
    pdu::nop_in ping;
    ping.target_transfer_tag = session_->fresh_transfer_tag();
    number(ping, false);
    wire_.transmit_owned(encode(ping), {});
}

void full_feature::tell_window() {
    pdu::nop_in window;
    number(window, false);
    wire_.transmit_owned(encode(window), {});
}

void full_feature::send_async(pdu::async_message message, std::vector<std::byte> data) {
    send_numbered(message, std::move(data));
}

}  // namespace persiscsi::target
