// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/security_negotiation.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace persiscsi::login {
namespace {

/// Each message of CHAP has its keys and no others (RFC 7143 §12.1.3).
failure refuse_others(const pdu::text_keys& keys, std::initializer_list<std::string_view> expected) {
    for (const auto& [key, value] : keys)
        if (std::find(expected.begin(), expected.end(), key) == expected.end())
            return {login_errc::bad_chap_message, "CHAP: " + pdu::escaped(key) + " out of order"};
    return {};
}

}  // namespace

security_negotiation::security_negotiation(const login_options& options, random_source random) : options_(options) {
    if (!options.chap) return;
    chap_.emplace(*options.chap, options.mutual_chap ? &*options.mutual_chap : nullptr, std::move(random));
    step_ = step::chap_offered;
}

pdu::text_keys security_negotiation::offers() const {
    return {{"AuthMethod", chap_ ? "CHAP" : "None"}};
}

failure security_negotiation::on_keys(const pdu::text_keys& keys, pdu::text_keys& answers) {
    switch (step_) {
        case step::none_offered:
            return on_method_for_none(keys);
        case step::chap_offered:
            return on_method_for_chap(keys, answers);
        case step::algorithms_offered: {
            if (auto wrong = refuse_others(keys, {"CHAP_A", "CHAP_I", "CHAP_C"})) return wrong;
            step_ = step::response_sent;
            return chap_->on_challenge(keys, answers);
        }
        case step::response_sent: {
            if (keys.empty()) return {};
            if (!options_.mutual_chap) return refuse_others(keys, {});
            if (auto wrong = refuse_others(keys, {"CHAP_N", "CHAP_R"})) return wrong;
            step_ = step::target_proved;
            return chap_->on_proof(keys);
        }
        case step::target_proved:
            return refuse_others(keys, {});
    }
    return {};
}

/// A target that agrees may leave the answer out, and only move on.
failure security_negotiation::on_method_for_none(const pdu::text_keys& keys) const {
    const auto method = pdu::find_key(keys, "AuthMethod");
    if (method && *method != "None")
        return {login_errc::target_wants_authentication,
                "the target demands authentication (AuthMethod=" + pdu::escaped(*method) +
                    "), and no CHAP secret was given"};
    return refuse_others(keys, {"AuthMethod"});
}

failure security_negotiation::on_method_for_chap(const pdu::text_keys& keys, pdu::text_keys& answers) {
    const auto method = pdu::find_key(keys, "AuthMethod");
    if (!method) return {login_errc::no_common_auth_method, "the target does not answer AuthMethod=CHAP"};
    if (*method != "CHAP")
        return {login_errc::no_common_auth_method,
                "AuthMethod=CHAP was offered, the target answers " + pdu::escaped(*method)};
    if (auto wrong = refuse_others(keys, {"AuthMethod"})) return wrong;
    step_ = step::algorithms_offered;
    return chap_->offer(options_.chap_algorithms, answers);
}

failure security_negotiation::finish(negotiated& result) const {
    if (!chap_) return {};
    if (options_.mutual_chap && step_ != step::target_proved)
        return {login_errc::target_failed_authentication, "CHAP: the target did not prove itself"};
    result.auth_method = options_.mutual_chap ? "mutual CHAP" : "CHAP";
    result.algorithm = chap_->algorithm();
    return {};
}

}  // namespace persiscsi::login
