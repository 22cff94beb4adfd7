// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/text_negotiation.hpp"

#include "initiator/login/offer_form.hpp"
#include "initiator/login/operational_keys.hpp"
#include "initiator/login/text_values.hpp"
#include "pdu/errors.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi {
namespace {

/// RFC 7143 §6.2 wants six exchanges at least. More than this is a target that plays for time.
constexpr unsigned max_responses = 256;
/// Keys of one negotiation, over all its responses.
constexpr std::size_t max_keys = 256;
constexpr std::string_view segment_length = "MaxRecvDataSegmentLength";

failure bad_field(std::string what) {
    return {protocol_errc::remote_bad_field, "Text Response: " + std::move(what)};
}

failure too_long(std::size_t allowed, std::string_view of_what) {
    return {protocol_errc::remote_text_too_long,
            "Text Response: more than " + std::to_string(allowed) + " " + std::string(of_what)};
}

std::string section_of(const login::operational_key& key) {
    return " (RFC 7143 §" + std::string(key.section) + ")";
}

bool is_declared_by_initiator(const login::operational_key& key) {
    return key.use == login::key_use::all && key.sender != login::key_sender::target;
}

}  // namespace

text_negotiation::text_negotiation(const negotiated& current, pdu::text_keys declarations)
    : result_(current),
      max_request_data_(current.max_send_data_segment_length),
      declarations_(std::move(declarations)) {}

failure text_negotiation::check_declarations() const {
    if (auto wrong = login::check_offer_forms(declarations_)) return wrong;
    for (const auto& [name, value] : declarations_) {
        const auto* key = login::find_operational_key(name);
        if (key == nullptr) continue;
        if (!is_declared_by_initiator(*key))
            return {login_errc::bad_option,
                    "parameter " + name + " is not for an initiator to set in Full Feature Phase" + section_of(*key)};
        if (!login::may_offer(*key, value)) return login::illegal_offer(*key, value);
    }
    return {};
}

text_negotiation::step text_negotiation::start() {
    if (auto wrong = check_declarations()) {
        over_ = true;
        return wrong;
    }
    return send(declarations_);
}

text_negotiation::step text_negotiation::send(const pdu::text_keys& keys) {
    unsent_ = pdu::encode_text(keys);
    return send_next();
}

/// The next piece of our text, as long as the target takes. The F bit is 1 from the last piece on: we have nothing to
/// add by ourselves (RFC 7143 §6.2); the C bit is with the pieces before it (§11.10.2).
text_negotiation::step text_negotiation::send_next() {
    const auto size = std::min<std::size_t>(unsent_.size(), max_request_data_);
    const auto cut = unsent_.begin() + static_cast<std::ptrdiff_t>(size);
    request next;
    next.data.assign(unsent_.begin(), cut);
    unsent_.erase(unsent_.begin(), cut);
    next.pdu.continued = !unsent_.empty();
    next.pdu.final = final_asked_ = unsent_.empty();
    next.pdu.target_transfer_tag = tag_;
    next.pdu.lun = lun_;  // RFC 7143 §11.11.4: both are copied
    return next;
}

/// RFC 7143 §6.4, §11.10.4: a request with the reserved tag makes the target drop the negotiation of our task tag.
text_negotiation::step text_negotiation::reset(failure why) {
    reset_for_ = std::move(why);
    tag_ = pdu::transfer_tag::reserved;
    lun_ = {};
    return send({});
}

text_negotiation::step text_negotiation::on_response(const pdu::text_response& response,
                                                     std::span<const std::byte> data) {
    if (over_)
        return failure{protocol_errc::local_bad_request, "a Text Response was given to a negotiation that is over"};
    auto next = take_response(response, data);
    over_ = !std::holds_alternative<request>(next);
    return next;
}

failure text_negotiation::on_reject() {
    over_ = true;
    if (reset_for_) return std::exchange(reset_for_, {});
    return {login_errc::negotiation_reset, "the target rejects the Text Request: what was agreed on before stays"};
}

text_negotiation::step text_negotiation::take_response(const pdu::text_response& response,
                                                       std::span<const std::byte> data) {
    if (++responses_ > max_responses)
        return failure{login_errc::too_many_exchanges,
                       "no end of the negotiation after " + std::to_string(max_responses) + " Text Responses"};
    if (auto wrong = check_header(response)) return wrong;
    if (reset_for_) {
        if (!response.final) return std::move(reset_for_);
        return failure{login_errc::negotiation_reset, "negotiation reset: " + reset_for_.detail};
    }
    if (!response.final) {
        tag_ = response.target_transfer_tag;
        lun_ = response.lun;
    }
    if (!unsent_.empty()) {
        if (!data.empty() || response.continued)
            return bad_field(std::to_string(data.size()) + " bytes of text while our own text is not complete");
        return send_next();
    }
    if (data.size() > pdu::max_text_sequence - gathered_.size()) return too_long(pdu::max_text_sequence, "bytes");
    gathered_.insert(gathered_.end(), data.begin(), data.end());
    if (response.continued) return send({});
    return on_text(response.final);
}

failure text_negotiation::check_header(const pdu::text_response& response) const {
    if (response.final && response.continued) return bad_field("both the F bit and the C bit are set");
    if (response.final && !final_asked_) return bad_field("the F bit is set, the request did not have it");
    // RFC 7143 §11.10.4: with the F bit the tag is ignored.
    if (!response.final && response.target_transfer_tag == pdu::transfer_tag::reserved)
        return bad_field("neither the F bit nor a Target Transfer Tag to go on with (RFC 7143 §11.11.1)");
    return {};
}

text_negotiation::step text_negotiation::on_text(bool final) {
    const auto text = pdu::parse_text(std::exchange(gathered_, {}));
    pdu::text_keys answers;
    auto wrong = text.error ? failure{text.error, "Text Response: " + text.detail} : take_keys(text.keys, answers);
    if (!final) return wrong ? reset(std::move(wrong)) : send(answers);
    if (wrong) return wrong;
    // RFC 7143 §6.4 forbids it; as no request is left to say it in, NotUnderstood alone may be spared.
    for (const auto& [key, value] : answers)
        if (value != "NotUnderstood")
            return failure{login_errc::unexpected_key,
                           "the target sent " + key + ", which wants an answer, in its last Text Response"};
    return finish();
}

failure text_negotiation::take_keys(const pdu::text_keys& keys, pdu::text_keys& answers) {
    for (const auto& pair : keys) {
        if (!seen_.insert(pair.key).second && pair.key != "TargetAddress")
            return {login_errc::key_offered_twice,
                    "the target sent " + pdu::escaped(pair.key) + " twice in this negotiation"};
        if (seen_.size() > max_keys) return too_long(max_keys, "keys in this negotiation");
        const bool known = login::find_operational_key(pair.key) != nullptr || login::is_security_key(pair.key);
        if (auto wrong = known ? take_known_key(pair, answers) : take_unknown_key(pair, answers)) return wrong;
    }
    return {};
}

failure text_negotiation::take_known_key(const pdu::text_key& received, pdu::text_keys& answers) {
    const auto* key = login::find_operational_key(received.key);
    const auto refused = [&](const std::string& why) {
        return failure{login_errc::unexpected_key, "the target sent " + pdu::escaped(received.key) + ", " + why};
    };
    if (key == nullptr) return refused("a key of the login, in Full Feature Phase (RFC 7143 §6.3)");
    if (key->sender == login::key_sender::initiator) return refused("a key of the initiator's" + section_of(*key));
    const bool reserved = login::is_reserved_answer(received.value);
    if (key->result == login::result_function::obsolete && !reserved) {
        answers.push_back({received.key, "Reject"});
        return {};
    }
    if (key->use != login::key_use::all) return refused("a key of the login, in Full Feature Phase" + section_of(*key));
    const auto number = login::read_value(*key, received.value);
    if (!number)
        return {login_errc::bad_key_value,
                "the target sent " + received.key + "=" + pdu::escaped(received.value) + ", legal is " +
                    login::legal_values(*key) + section_of(*key)};
    key->settle(result_, *number, received.value);
    return {};
}

/// An answer to a private key of ours, or a key of the target's that we do not know.
failure text_negotiation::take_unknown_key(const pdu::text_key& received, pdu::text_keys& answers) const {
    if (pdu::find_key(declarations_, received.key)) return {};
    if (login::is_reserved_answer(received.value))
        return {login_errc::bad_key_value,
                "the target sent " + pdu::escaped(received.key) + "=" + received.value +
                    " for a key that was not offered (RFC 7143 §6.2)"};
    answers.push_back({received.key, "NotUnderstood"});
    return {};
}

negotiated text_negotiation::finish() {
    const auto* key = login::find_operational_key(segment_length);
    if (const auto declared = pdu::find_key(declarations_, segment_length))
        result_.max_recv_data_segment_length = login::read_value(*key, *declared).value();
    return std::move(result_);
}

}  // namespace persiscsi
