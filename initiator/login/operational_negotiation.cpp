// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/operational_negotiation.hpp"

#include "initiator/login/text_values.hpp"

#include <algorithm>

namespace persiscsi::login {
namespace {

std::string section_of(const operational_key& key) {
    return " (RFC 7143 §" + std::string(key.section) + ")";
}

failure illegal_value(const operational_key& key, std::string_view value) {
    return {login_errc::bad_key_value,
            "the target sent " + std::string(key.name) + "=" + pdu::escaped(value) + ", legal is " + legal_values(key) +
                section_of(key)};
}

failure not_allowed(std::string_view key, std::string_view why) {
    return {login_errc::unexpected_key, "the target sent " + pdu::escaped(key) + ", " + std::string(why)};
}

failure not_offered(std::string_view key, std::string_view answer) {
    return {login_errc::bad_key_value,
            "the target sent " + pdu::escaped(key) + "=" + std::string(answer) +
                " for a key that was not offered (RFC 7143 §6.2)"};
}

bool is_digest(const operational_key& key) {
    return key.section == "13.1";
}

/// A digest that we insist on: CRC32C was offered alone.
bool must_have(const operational_key& key, std::string_view offered) {
    return is_digest(key) && offered == "CRC32C";
}

failure digest_missing(const operational_key& key, std::string_view answer) {
    return {login_errc::digest_refused,
            std::string(key.name) + "=CRC32C was asked for, the target " +
                (answer.empty() ? "does not answer it" : "answers " + pdu::escaped(answer))};
}

/// To go on with the default None would lead to a session in which each side refuses the other's PDUs (istgt).
failure digest_wanted(const operational_key& key) {
    return {login_errc::digest_refused, "the target rejects " + std::string(key.name) + "=None: it wants a digest"};
}

bool is_offered_unasked(const operational_key& key, const login_options& options) {
    if (key.offered != offering::when_asked) return key.offered == offering::always;
    return key.wish(options) != key.wish(login_options{});
}

void settle(const operational_key& key, std::string_view value, negotiated& result) {
    key.settle(result, read_value(key, value).value(), value);
}

}  // namespace

operational_negotiation::operational_negotiation(const login_options& options, bool leading)
    : options_(options), leading_(leading) {
    for (const auto& key : operational_keys()) {
        if (!is_usable(key)) continue;
        const auto chosen = pdu::find_key(options.parameters, key.name);
        if (chosen)
            offers_.push_back({std::string(key.name), std::string(*chosen)});
        else if (is_offered_unasked(key, options))
            offers_.push_back({std::string(key.name), key.wish(options)});
    }
    // RFC 7143 §13.22: vendor-specific keys are for Normal sessions only.
    if (options.type == session_type::normal)
        for (const auto& parameter : options.parameters)
            if (find_operational_key(parameter.key) == nullptr) offers_.push_back(parameter);
    unanswered_ = offers_;
}

bool operational_negotiation::is_usable(const operational_key& key) const {
    if (key.use == key_use::leading_only && !leading_) return false;
    return !(key.irrelevant_in_discovery && options_.type == session_type::discovery);
}

failure operational_negotiation::on_key(pdu::login_stage stage,
                                        const pdu::text_key& received,
                                        negotiated& result,
                                        pdu::text_keys& answers) {
    const auto* key = find_operational_key(received.key);
    if (key != nullptr && key->sender == key_sender::initiator)
        return not_allowed(received.key, "a key of the initiator's" + section_of(*key));
    if (key != nullptr && !key->any_stage && stage == pdu::login_stage::security_negotiation)
        return not_allowed(received.key, "a key of the operational stage, in the security stage");

    const auto offer = std::find_if(
        unanswered_.begin(), unanswered_.end(), [&](const auto& pair) { return pair.key == received.key; });
    if (offer == unanswered_.end())
        return key != nullptr ? on_proposal(*key, received.value, result, answers) : on_unknown(received, answers);
    const std::string offered = std::move(offer->value);
    unanswered_.erase(offer);
    return key != nullptr ? on_answer(*key, offered, received.value, result) : failure{};
}

failure operational_negotiation::on_unknown(const pdu::text_key& received, pdu::text_keys& answers) {
    if (is_reserved_answer(received.value)) return not_offered(received.key, received.value);
    answers.push_back({received.key, "NotUnderstood"});
    return {};
}

failure operational_negotiation::on_answer(const operational_key& key,
                                           std::string_view offered,
                                           std::string_view answer,
                                           negotiated& result) {
    if (key.result != result_function::declared) {
        if (answer == "NotUnderstood" && key.offered == offering::when_asked) return {};
        if (must_have(key, offered) && answer != "CRC32C") return digest_missing(key, answer);
        if (answer == "Reject" && is_digest(key) && offered == "None") return digest_wanted(key);
        // RFC 7143 §6.2: a rejected key stays at its default, an irrelevant one is of no consequence.
        if (answer == "Reject" || answer == "Irrelevant") return {};
    }
    if (!read_value(key, answer)) return illegal_value(key, answer);
    if (!is_possible_answer(key, offered, answer))
        return {login_errc::bad_key_value,
                "the target answered " + std::string(key.name) + "=" + pdu::escaped(answer) +
                    ", not a possible answer to " + std::string(offered) + section_of(key)};
    settle(key, answer, result);
    return {};
}

failure operational_negotiation::on_proposal(const operational_key& key,
                                             std::string_view proposed,
                                             negotiated& result,
                                             pdu::text_keys& answers) {
    if (is_reserved_answer(proposed)) return not_offered(key.name, proposed);
    if (key.use == key_use::leading_only && !leading_) {
        if (key.result != result_function::declared)
            answers.push_back({std::string(key.name), as_before(key, proposed)});
        return {};
    }
    const bool legal = read_value(key, proposed).has_value();
    if (key.result == result_function::declared) {
        if (!legal) return illegal_value(key, proposed);
        settle(key, proposed, result);
        return {};
    }
    std::string answer = "Reject";  // RFC 7143 §6.2.2: what a value out of bounds may be answered with
    if (!is_usable(key))
        answer = "Irrelevant";
    else if (legal && key.result != result_function::obsolete)
        answer = combine(key, key.wish(options_), proposed).value_or("Reject");
    answers.push_back({std::string(key.name), answer});
    if (!is_reserved_answer(answer)) settle(key, answer, result);
    return {};
}

std::string operational_negotiation::as_before(const operational_key& key, std::string_view proposed) const {
    if (!read_value(key, proposed)) return "Reject";
    const auto chosen = pdu::find_key(options_.parameters, key.name);
    return combine(key, chosen ? std::string(*chosen) : key.wish(options_), proposed).value_or("Reject");
}

failure operational_negotiation::finish(negotiated& result) {
    for (const auto& [name, offered] : unanswered_) {
        const auto* key = find_operational_key(name);
        if (key == nullptr) continue;
        if (must_have(*key, offered)) return digest_missing(*key, {});
        if (decides_alone(*key, offered)) settle(*key, offered, result);
    }
    const auto declared = pdu::find_key(offers_, "MaxRecvDataSegmentLength").value();
    result.max_recv_data_segment_length =
        read_value(*find_operational_key("MaxRecvDataSegmentLength"), declared).value();
    if (options_.type == session_type::discovery || !leading_) return {};

    const bool unsolicited = result.immediate_data || !result.initial_r2t;
    if (unsolicited && result.first_burst_length > result.max_burst_length)
        return {login_errc::bad_key_value,
                "FirstBurstLength=" + std::to_string(result.first_burst_length) + " exceeds MaxBurstLength=" +
                    std::to_string(result.max_burst_length) + " after the negotiation (RFC 7143 §13.14)"};
    if (result.error_recovery_level != 0 && result.data_sequence_in_order && result.max_outstanding_r2t != 1)
        return {login_errc::bad_key_value,
                "MaxOutstandingR2T=" + std::to_string(result.max_outstanding_r2t) +
                    " with ErrorRecoveryLevel=" + std::to_string(result.error_recovery_level) +
                    " after the negotiation, allowed 1 (RFC 7143 §13.19)"};
    return {};
}

}  // namespace persiscsi::login
