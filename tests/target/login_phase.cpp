// SPDX-License-Identifier: Apache-2.0
#include "tests/target/login_phase.hpp"

#include "tests/target/text_values.hpp"

#include <algorithm>

namespace persiscsi::target {
namespace {

using pdu::login_stage;
using pdu::login_status;

constexpr std::size_t longest_login_text = 64 * 1024;
constexpr std::size_t most_requests = 64;
constexpr std::size_t longest_reply = 8192;      // the initiator's MaxRecvDataSegmentLength is not known yet
constexpr std::size_t longest_iscsi_name = 223;  // RFC 7143 §4.2.7.1

std::string number(auto value) {
    return std::to_string(static_cast<std::uint64_t>(value));
}

}  // namespace

login_phase::answer login_phase::on_request(const pdu::login_request& request, std::span<const std::byte> data) {
    answer reply;
    auto& response = reply.response;
    response.isid = request.isid;
    response.tsih = request.tsih;
    response.initiator_task_tag = request.initiator_task_tag;
    response.current_stage = request.current_stage;
    auto refused = check_header(request);
    if (!refused && !first_) stage_ = request.current_stage;
    if (!first_) first_ = request;
    if (!refused) refused = gather(data);
    if (!refused && !request.continued) refused = take_request(request, reply);
    if (!refused && pdu::encode_text(reply.keys).size() > longest_reply)
        refused = {login_status::initiator_error, "too many keys"};
    if (refused) {
        const bool moved = refused->status == login_status::target_moved_temporarily ||
                           refused->status == login_status::target_moved_permanently;
        if (!moved) reply.keys.clear();
        response.status = refused->status;
        response.transit = false;
        response.next_stage = login_stage::security_negotiation;
        reply.reason = std::move(refused->reason);
    }
    return reply;
}

login_phase::outcome login_phase::check_header(const pdu::login_request& request) const {
    if (request.version_min > 0)
        return refusal{login_status::unsupported_version, "version " + number(request.version_min) + " is not known"};
    const bool reserved_stage = request.current_stage == static_cast<login_stage>(2) ||
                                request.current_stage == login_stage::full_feature_phase;
    if (reserved_stage || (first_ && request.current_stage != stage_))
        return refusal{login_status::invalid_during_login, "CSG " + number(request.current_stage) + " is not possible"};
    if (request.transit && (request.continued || request.next_stage <= request.current_stage ||
                            request.next_stage == static_cast<login_stage>(2)))
        return refusal{login_status::initiator_error,
                       "T bit with NSG " + number(request.next_stage) + " and C bit " + number(request.continued)};
    if (first_ && (request.isid != first_->isid || request.tsih != first_->tsih || request.cid != first_->cid ||
                   request.initiator_task_tag != first_->initiator_task_tag))
        return refusal{login_status::initiator_error, "ISID, TSIH, CID or ITT changed within a login"};
    if (requests_ >= most_requests) return refusal{login_status::initiator_error, "too many login requests"};
    return std::nullopt;
}

login_phase::outcome login_phase::gather(std::span<const std::byte> data) {
    ++requests_;
    if (text_.size() + data.size() > longest_login_text)
        return refusal{login_status::initiator_error, "login text above " + number(longest_login_text) + " bytes"};
    text_.insert(text_.end(), data.begin(), data.end());
    return std::nullopt;
}

login_phase::outcome login_phase::take_request(const pdu::login_request& request, answer& reply) {
    const auto parsed = pdu::parse_text(text_);
    text_.clear();
    if (parsed.error) return refusal{login_status::initiator_error, "login text: " + parsed.detail};
    if (!identified_)
        if (auto refused = identify(parsed.keys, reply)) return refused;
    if (stage_ == login_stage::security_negotiation)
        if (auto refused = negotiate_security(parsed.keys, reply)) return refused;
    if (stage_ == login_stage::operational_negotiation) {
        if (!authenticated()) return refusal{login_status::authentication_failure, "CHAP is required and was skipped"};
        if (auto error = operational_->answer(parsed.keys, reply.keys))
            return refusal{login_status::initiator_error, *error};
    }
    return request.transit ? move_on(request, reply) : std::nullopt;
}

login_phase::outcome login_phase::identify(const pdu::text_keys& keys, answer& reply) {
    const auto name = pdu::find_key(keys, "InitiatorName");
    if (!name || name->empty()) return refusal{login_status::missing_parameter, "InitiatorName is missing"};
    if (name->size() > longest_iscsi_name)
        return refusal{login_status::initiator_error, "InitiatorName has " + number(name->size()) + " bytes"};
    initiator_name_ = *name;
    const auto type = pdu::find_key(keys, "SessionType").value_or("Normal");
    if (type != "Normal" && type != "Discovery")
        return refusal{login_status::session_type_not_supported, "SessionType=" + pdu::escaped(type)};
    discovery_ = type == "Discovery";
    using login = operational_negotiation::login;
    if (!discovery_) {
        if (auto refused = find_target(keys, reply)) return refused;
        const auto kind = first_->tsih == pdu::tsih::fresh ? login::leading : login::further;
        operational_.emplace(target_->limits, target_->header_digest, target_->data_digest, kind);
        if (target_->chap) chap_options_ = &*target_->chap;
    } else {
        operational_limits limits;
        limits.error_recovery_level = 0;  // RFC 7143 §7.4.1
        operational_.emplace(limits, digest_policy::optional, digest_policy::optional, login::discovery);
        if (server_.discovery_chap) chap_options_ = &*server_.discovery_chap;
    }
    if (chap_options_) chap_.emplace(*chap_options_);
    identified_ = true;
    return std::nullopt;
}

login_phase::outcome login_phase::find_target(const pdu::text_keys& keys, answer& reply) {
    const auto name = pdu::find_key(keys, "TargetName");
    if (!name) return refusal{login_status::missing_parameter, "TargetName is missing"};
    const auto found = std::find_if(
        server_.targets.begin(), server_.targets.end(), [&](const auto& target) { return target.name == *name; });
    if (found == server_.targets.end())
        return refusal{login_status::not_found, "no target '" + pdu::escaped(*name) + "' here"};
    if (found->redirect) {
        reply.keys.push_back({"TargetAddress", found->redirect->address});
        return refusal{found->redirect->permanent ? login_status::target_moved_permanently
                                                  : login_status::target_moved_temporarily,
                       "redirected to " + found->redirect->address};
    }
    target_ = &*found;
    reply.keys.push_back({"TargetPortalGroupTag", std::to_string(server_.portal_group_tag)});
    return std::nullopt;
}

login_phase::outcome login_phase::negotiate_security(const pdu::text_keys& keys, answer& reply) {
    if (const auto offered = pdu::find_key(keys, "AuthMethod"))
        if (auto refused = choose_auth_method(*offered, reply)) return refused;
    if (!chap_) return std::nullopt;
    if (auto error = chap_->step(keys, reply.keys)) return refusal{login_status::authentication_failure, *error};
    return std::nullopt;
}

login_phase::outcome login_phase::choose_auth_method(std::string_view offered, answer& reply) {
    const std::string_view ours = chap_options_ ? "CHAP" : "None";
    const auto methods = read_list(offered);
    if (std::find(methods.begin(), methods.end(), ours) == methods.end())
        return refusal{login_status::authentication_failure,
                       "AuthMethod=" + pdu::escaped(offered) + " without " + std::string(ours)};
    reply.keys.push_back({"AuthMethod", std::string(ours)});
    return std::nullopt;
}

bool login_phase::authenticated() const {
    return !chap_options_ || chap_->done();
}

login_phase::outcome login_phase::move_on(const pdu::login_request& request, answer& reply) {
    if (!authenticated()) {
        const bool nothing_offered = reply.keys.empty();  // a transition without a step of CHAP leads nowhere
        if (nothing_offered) return refusal{login_status::authentication_failure, "CHAP is required and was skipped"};
        return std::nullopt;
    }
    if (request.next_stage == login_stage::full_feature_phase)
        if (const auto missing = operational_->missing()) return refusal{login_status::initiator_error, *missing};
    reply.response.transit = true;
    reply.response.next_stage = request.next_stage;
    stage_ = request.next_stage;
    return std::nullopt;
}

}  // namespace persiscsi::target
