// SPDX-License-Identifier: Apache-2.0
// The Login Phase of a connection, up to its place in a session.
#include "tests/target/connection.hpp"
#include "tests/target/endless_text.hpp"

#include <algorithm>
#include <string>

namespace persiscsi::target {

void connection::on_login_request(std::span<const std::byte> data, const received_fault& fault) {
    const auto request = pdu::decode<pdu::login_request>(bhs_);
    endless_text_ = endless_text_ || fault.endless_text;
    if (endless_text_) return answer_without_end(request);
    auto answer = login_->on_request(request, data);
    if (login_->finished()) {
        session_ = server_->establish(shared_from_this(), *login_, request, answer.response.status);
        if (session_) answer.response.tsih = static_cast<pdu::tsih>(session_->info.tsih);
    } else if (!answer.refused() && request.tsih != pdu::tsih::fresh && !server_->find_session(*login_, request)) {
        answer.response.status = pdu::login_status::session_does_not_exist;
    }
    if (answer.refused() && answer.reason.empty())
        answer.reason = "TSIH " + std::to_string(static_cast<unsigned>(request.tsih)) + " cannot be used with CID " +
                        std::to_string(static_cast<unsigned>(request.cid));
    answer_login(request, answer);
    if (answer.refused()) return close_after_flush();
    if (session_) enter_full_feature(request);
}

void connection::answer_without_end(const pdu::login_request& request) {
    pdu::login_response response;
    response.continued = true;
    response.current_stage = request.current_stage;
    response.isid = request.isid;
    response.initiator_task_tag = request.initiator_task_tag;
    number_login(request, response);
    transmit_owned(encode(response), endless_text());
}

void connection::answer_login(const pdu::login_request& request, login_phase::answer& answer) {
    using enum pdu::login_status;
    auto& response = answer.response;
    const auto status = response.status;
    if (answer.refused()) {
        response.transit = false;
        response.next_stage = pdu::login_stage::security_negotiation;
        const bool moved = status == target_moved_temporarily || status == target_moved_permanently;
        if (!moved) ++server_->counters.failed_logins;
        if (!moved) answer.keys.clear();
        server_->log(peer_ + ": login refused, " + answer.reason);
        if (status == initiator_error || status == missing_parameter || status == invalid_during_login)
            violation("Login Request: " + answer.reason, false);
    }
    number_login(request, response);
    transmit_owned(encode(response), pdu::encode_text(answer.keys));
}

/// A login of a further connection tells the window of its session, the leading one begins it (RFC 7143 §11.12.9).
void connection::number_login(const pdu::login_request& request, pdu::login_response& response) {
    response.stat_sn = login_stat_sn_;
    login_stat_sn_ = login_stat_sn_.next();
    response.exp_cmd_sn = response.max_cmd_sn = request.cmd_sn;
    const bool further = request.tsih != pdu::tsih::fresh;
    const auto* session = session_ ? session_ : further ? server_->find_session(*login_, request) : nullptr;
    if (!session) return;
    response.exp_cmd_sn = session->state->window.exp_cmd_sn();
    response.max_cmd_sn = session->state->window.max_cmd_sn();
}

void connection::enter_full_feature(const pdu::login_request& request) {
    full_feature::start start;
    const auto& own = login_->agreed();
    start.agreed = session_->state->agreed;
    start.agreed.digests = own.digests;
    start.agreed.initiator_max_recv = own.initiator_max_recv;
    start.agreed.target_max_recv = own.target_max_recv;
    start.agreed.first_burst_length = std::min(start.agreed.first_burst_length, start.agreed.max_burst_length);
    start.stat_sn = login_stat_sn_;
    start.cid = request.cid;
    cid_ = static_cast<std::uint16_t>(request.cid);
    digests_ = start.agreed.digests;
    reader_.expect(start.agreed.target_max_recv, digests_);
    session_->info.initiator_address = peer_;
    session_->info.header_digest = digests_.header;
    session_->info.data_digest = digests_.data;
    phase_.emplace(*this, session_->state, start);
    login_timer_.cancel();
    server_->log(peer_ + ": " + pdu::escaped(login_->initiator_name()) + " logged in to " +
                 (login_->target() ? login_->target()->name : "discovery") + ", CID " + std::to_string(cid_));
}

}  // namespace persiscsi::target
