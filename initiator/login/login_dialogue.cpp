// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/login_dialogue.hpp"

#include "initiator/login/login_refusal.hpp"
#include "initiator/login/operational_negotiation.hpp"
#include "initiator/login/security_negotiation.hpp"
#include "pdu/errors.hpp"
#include "pdu/text.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

namespace persiscsi {
namespace {

using pdu::login_stage;

/// RFC 7143 §6.2 wants six exchanges at least. More than this is a target that plays for time.
constexpr unsigned max_responses = 256;
/// Keys of one login, over all its responses. No target has reason for more.
constexpr std::size_t max_keys = 256;
/// RFC 7143 §6.3: the default MaxRecvDataSegmentLength is used during login.
constexpr std::size_t max_request_data = 8192;

login_stage stage_after(login_stage stage) {
    return stage == login_stage::security_negotiation ? login_stage::operational_negotiation
                                                      : login_stage::full_feature_phase;
}

failure bad_field(std::string what) {
    return {protocol_errc::remote_bad_field, "Login Response: " + std::move(what)};
}

failure unexpected_stage(std::string what) {
    return {login_errc::unexpected_stage, "Login Response: " + std::move(what)};
}

/// The defaults for what belongs to a connection, the rest as the session has it.
negotiated of_a_further_connection(negotiated session) {
    const negotiated defaults;
    session.header_digest = defaults.header_digest;
    session.data_digest = defaults.data_digest;
    session.max_send_data_segment_length = defaults.max_send_data_segment_length;
    session.max_recv_data_segment_length = defaults.max_recv_data_segment_length;
    session.auth_method = defaults.auth_method;
    session.algorithm = defaults.algorithm;
    return session;
}

}  // namespace

struct login_dialogue::state {
    login_options options;
    pdu::tsih tsih;
    pdu::connection_id cid;
    bool over = false;
    unsigned responses = 0;

    login_stage stage = login_stage::security_negotiation;
    bool transit_asked = false;            ///< the T bit of the last request
    std::vector<std::byte> unsent;         ///< what of our text follows in further requests (C bit)
    bool transit_after_unsent = false;     ///< the T bit of the last of them
    std::vector<std::byte> gathered;       ///< the target's text so far (C bit)
    std::unordered_set<std::string> seen;  ///< keys that the target has sent

    login::security_negotiation security;
    login::operational_negotiation operational;
    negotiated result;
    std::optional<std::uint16_t> session_portal_group;  ///< of the session that gets a further connection

    state(login_options wanted, pdu::tsih session, pdu::connection_id connection, random_source random)
        : options(std::move(wanted)),
          tsih(session),
          cid(connection),
          security(options, std::move(random)),
          operational(options, session == pdu::tsih::fresh) {
        result.tsih = session;
    }

    [[nodiscard]] bool is_leading() const { return tsih == pdu::tsih::fresh; }

    pdu::text_keys first_keys() const;
    step send(const pdu::text_keys& keys, bool transit);
    step send_next();
    request make_request(bool transit, bool continued, std::vector<std::byte> data);

    step on_response(const pdu::login_response& response, std::span<const std::byte> data);
    failure check_header(const pdu::login_response& response) const;
    failure check_transit(const pdu::login_response& response) const;
    step on_text(const pdu::login_response& response);
    failure take_keys(const pdu::text_keys& keys, pdu::text_keys& answers);
    failure check_portal_group() const;
    step enter_operational_stage(pdu::text_keys answers);
    step finish(const pdu::login_response& response);
};

/// RFC 7143 §6.3.1. SessionType belongs to the leading login only (§13.21).
pdu::text_keys login_dialogue::state::first_keys() const {
    pdu::text_keys keys = {{"InitiatorName", options.initiator_name}};
    if (!options.initiator_alias.empty()) keys.push_back({"InitiatorAlias", options.initiator_alias});
    if (!options.target_name.empty()) keys.push_back({"TargetName", options.target_name});
    if (is_leading()) keys.push_back({"SessionType", options.type == session_type::discovery ? "Discovery" : "Normal"});
    const auto offers = security.offers();
    keys.insert(keys.end(), offers.begin(), offers.end());
    return keys;
}

login_dialogue::request login_dialogue::state::make_request(bool transit, bool continued, std::vector<std::byte> data) {
    transit_asked = transit;
    request next;
    next.pdu.transit = transit;
    next.pdu.continued = continued;
    next.pdu.current_stage = stage;
    if (transit) next.pdu.next_stage = stage_after(stage);  // reserved otherwise, §11.12.3
    next.pdu.isid = options.isid;
    next.pdu.tsih = tsih;
    next.pdu.cid = cid;
    next.data = std::move(data);
    return next;
}

login_dialogue::step login_dialogue::state::send(const pdu::text_keys& keys, bool transit) {
    unsent = pdu::encode_text(keys);
    transit_after_unsent = transit;
    return send_next();
}

/// The next piece of our text; the T bit goes with the last one, the C bit with the others (RFC 7143 §11.12.2).
login_dialogue::step login_dialogue::state::send_next() {
    const auto size = std::min(unsent.size(), max_request_data);
    const auto cut = unsent.begin() + static_cast<std::ptrdiff_t>(size);
    std::vector<std::byte> piece(unsent.begin(), cut);
    unsent.erase(unsent.begin(), cut);
    const bool continued = !unsent.empty();
    return make_request(transit_after_unsent && !continued, continued, std::move(piece));
}

login_dialogue::step login_dialogue::state::on_response(const pdu::login_response& response,
                                                        std::span<const std::byte> data) {
    if (++responses > max_responses)
        return failure{login_errc::too_many_exchanges,
                       "no end of the login after " + std::to_string(max_responses) + " responses"};
    if (response.status != pdu::login_status::success) return login::on_refusal(response.status, data, stage, security);
    if (auto wrong = check_header(response)) return wrong;
    if (!unsent.empty()) {
        if (!data.empty() || response.continued)
            return bad_field(std::to_string(data.size()) + " bytes of text while our own text is not complete");
        return send_next();
    }
    if (data.size() > pdu::max_text_sequence - gathered.size())
        return failure{protocol_errc::remote_text_too_long,
                       "Login Response: more than " + std::to_string(pdu::max_text_sequence) + " bytes of text"};
    gathered.insert(gathered.end(), data.begin(), data.end());
    if (response.continued) return make_request(false, false, {});
    return on_text(response);
}

failure login_dialogue::state::check_header(const pdu::login_response& response) const {
    if (response.version_active != 0)
        return {login_errc::unsupported_version,
                "Login Response: protocol version " + std::to_string(response.version_active) + ", supported 0"};
    if (response.isid != options.isid) return bad_field("it does not echo our ISID");
    if (response.current_stage != stage)
        return unexpected_stage("stage " + std::to_string(static_cast<unsigned>(response.current_stage)) +
                                ", the request was of stage " + std::to_string(static_cast<unsigned>(stage)));
    return response.transit ? check_transit(response) : failure{};
}

failure login_dialogue::state::check_transit(const pdu::login_response& response) const {
    if (response.continued) return bad_field("both the T bit and the C bit are set");
    if (!transit_asked) return unexpected_stage("the T bit is set, the request did not have it");
    if (response.next_stage != stage_after(stage))
        return unexpected_stage("next stage " + std::to_string(static_cast<unsigned>(response.next_stage)) +
                                ", asked for was " + std::to_string(static_cast<unsigned>(stage_after(stage))));
    return {};
}

login_dialogue::step login_dialogue::state::on_text(const pdu::login_response& response) {
    const auto text = pdu::parse_text(std::exchange(gathered, {}));
    if (text.error) return failure{text.error, "Login Response: " + text.detail};
    pdu::text_keys answers;
    if (auto wrong = take_keys(text.keys, answers)) return wrong;
    if (auto wrong = check_portal_group()) return wrong;
    if (!response.transit) return send(answers, stage == login_stage::operational_negotiation || security.ready());
    // RFC 7143 §6.3 forbids what wants an answer here. An unknown key may want none: NotUnderstood is said in the next
    // stage, or where the login ends not at all.
    for (const auto& [key, value] : answers)
        if (value != "NotUnderstood")
            return failure{login_errc::unexpected_key,
                           "the target sent " + key + ", which wants an answer, in the last response of the " +
                               std::string(login::name_of(stage))};
    return stage == login_stage::security_negotiation ? enter_operational_stage(std::move(answers)) : finish(response);
}

failure login_dialogue::state::take_keys(const pdu::text_keys& keys, pdu::text_keys& answers) {
    pdu::text_keys security_keys;
    for (const auto& pair : keys) {
        if (!seen.insert(pair.key).second && pair.key != "TargetAddress")
            return {login_errc::key_offered_twice,
                    "the target sent " + pdu::escaped(pair.key) + " twice in this login"};
        if (seen.size() > max_keys)
            return {protocol_errc::remote_text_too_long,
                    "Login Response: more than " + std::to_string(max_keys) + " keys in this login"};
        if (!login::is_security_key(pair.key)) {
            if (auto wrong = operational.on_key(stage, pair, result, answers)) return wrong;
        } else if (stage == login_stage::security_negotiation) {
            security_keys.push_back(pair);
        } else {
            return {login_errc::unexpected_key,
                    "the target sent " + pdu::escaped(pair.key) +
                        ", a key of the security stage, in the operational stage"};
        }
    }
    if (stage != login_stage::security_negotiation) return {};
    return security.on_keys(security_keys, answers);
}

/// RFC 7143 §4.4.2: a session is with one portal group. Its tag (§13.9) tells whether a connection came to the same.
failure login_dialogue::state::check_portal_group() const {
    if (!session_portal_group || result.target_portal_group_tag == session_portal_group) return {};
    return {login_errc::other_portal_group,
            "TargetPortalGroupTag=" + std::to_string(*result.target_portal_group_tag) + ", the session has " +
                std::to_string(*session_portal_group)};
}

login_dialogue::step login_dialogue::state::enter_operational_stage(pdu::text_keys answers) {
    if (auto wrong = security.finish(result)) return wrong;
    stage = login_stage::operational_negotiation;
    answers.insert(answers.end(), operational.offers().begin(), operational.offers().end());
    return send(answers, true);
}

login_dialogue::step login_dialogue::state::finish(const pdu::login_response& response) {
    if (auto wrong = operational.finish(result)) return wrong;
    if (is_leading() && response.tsih == pdu::tsih::fresh) return bad_field("TSIH 0 at the end of the login");
    if (!is_leading() && response.tsih != tsih)
        return bad_field("TSIH " + std::to_string(static_cast<unsigned>(response.tsih)) + ", the session has " +
                         std::to_string(static_cast<unsigned>(tsih)));
    result.tsih = response.tsih;
    return std::move(result);
}

login_dialogue::login_dialogue(login_options options, pdu::tsih tsih, pdu::connection_id cid, random_source random)
    : state_(std::make_unique<state>(std::move(options), tsih, cid, std::move(random))) {}

login_dialogue::login_dialogue(login_options options,
                               const negotiated& session,
                               pdu::connection_id cid,
                               random_source random)
    : login_dialogue(std::move(options), session.tsih, cid, std::move(random)) {
    state_->result = of_a_further_connection(session);
    state_->session_portal_group = session.target_portal_group_tag;
}

login_dialogue::login_dialogue(login_dialogue&&) noexcept = default;
login_dialogue& login_dialogue::operator=(login_dialogue&&) noexcept = default;
login_dialogue::~login_dialogue() = default;

login_dialogue::step login_dialogue::start() {
    if (auto wrong = validate(state_->options)) {
        state_->over = true;
        return wrong;
    }
    return state_->send(state_->first_keys(), state_->security.ready());
}

login_dialogue::step login_dialogue::on_response(const pdu::login_response& response, std::span<const std::byte> data) {
    if (state_->over)
        return failure{protocol_errc::local_bad_request, "a Login Response was given to a login that is over"};
    auto next = state_->on_response(response, data);
    state_->over = !std::holds_alternative<request>(next);
    return next;
}

}  // namespace persiscsi
