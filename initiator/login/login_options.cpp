// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/login_options.hpp"

#include "initiator/login/chap.hpp"
#include "initiator/login/iscsi_name.hpp"
#include "initiator/login/offer_form.hpp"
#include "initiator/login/operational_keys.hpp"
#include "initiator/login/operational_negotiation.hpp"
#include "initiator/login/text_values.hpp"

#include <algorithm>
#include <string>

namespace persiscsi {
namespace {

failure bad_option(std::string what) {
    return {login_errc::bad_option, std::move(what)};
}

failure check_names(const login_options& options) {
    if (const auto fault = iscsi_name_fault(options.initiator_name); !fault.empty())
        return bad_option("initiator name '" + pdu::escaped(options.initiator_name) + "' " + fault);
    if (options.target_name.empty() && options.type == session_type::normal)
        return bad_option("no target name, only a discovery session goes without");
    if (const auto fault = iscsi_name_fault(options.target_name); !options.target_name.empty() && !fault.empty())
        return bad_option("target name '" + pdu::escaped(options.target_name) + "' " + fault);
    if (login::is_reserved_answer(options.initiator_alias))
        return bad_option("initiator alias has a value that only answers may have");
    return login::check_text("initiator alias", options.initiator_alias);
}

/// RFC 7143 §11.12.5: 48 bits, format 11b is reserved.
failure check_isid(pdu::isid isid) {
    const auto number = static_cast<std::uint64_t>(isid);
    if (number >> 48U != 0) return bad_option("ISID is longer than 48 bits");
    if (number >> 46U == 3) return bad_option("ISID has the reserved format 11b (RFC 7143 §11.12.5)");
    return {};
}

failure check_algorithms(const std::vector<chap_algorithm>& algorithms) {
    if (algorithms.empty()) return bad_option("no CHAP algorithm to offer");
    for (auto at = algorithms.begin(); at != algorithms.end(); ++at) {
        const auto number = static_cast<unsigned>(*at);
        if (number < 5 || number > 8) return bad_option("CHAP algorithm " + std::to_string(number) + " is not known");
        if (std::find(algorithms.begin(), at, *at) != at)
            return bad_option("CHAP algorithm " + std::to_string(number) + " is listed twice");
    }
    return {};
}

failure check_chap(const login_options& options) {
    if (!options.chap) return options.mutual_chap ? bad_option("mutual CHAP without CHAP of our own") : failure{};
    if (options.chap->name.empty()) return bad_option("CHAP name is empty");
    if (options.chap->secret.empty()) return bad_option("CHAP secret is empty");
    if (auto wrong = login::check_text("CHAP name", options.chap->name)) return wrong;
    if (auto wrong = check_algorithms(options.chap_algorithms)) return wrong;
    if (!options.mutual_chap) return {};
    if (options.mutual_chap->secret.empty()) return bad_option("mutual CHAP secret is empty");
    if (options.mutual_chap->secret == options.chap->secret)
        return bad_option("both directions of CHAP have the same secret (forbidden by RFC 7143 §9.2.1)");
    return login::check_text("mutual CHAP name", options.mutual_chap->name);
}

failure check_parameter(const pdu::text_key& parameter) {
    const auto* key = login::find_operational_key(parameter.key);
    if (key == nullptr) return {};
    const auto what = "parameter " + parameter.key;
    if (key->offered == login::offering::mandatory) return bad_option(what + " is set by an option of its own");
    if (key->offered == login::offering::never) return bad_option(what + " is not for an initiator to set in a login");
    return login::may_offer(*key, parameter.value) ? failure{} : login::illegal_offer(*key, parameter.value);
}

failure check_parameters(const pdu::text_keys& parameters) {
    if (auto wrong = login::check_offer_forms(parameters)) return wrong;
    for (const auto& parameter : parameters)
        if (auto wrong = check_parameter(parameter)) return wrong;
    return {};
}

/// What will be offered, wishes and parameters together: each within its range, and the rules that join several keys.
failure check_offers(const login_options& options) {
    const login::operational_negotiation negotiation(options, true);
    const auto& offers = negotiation.offers();
    for (const auto& [name, value] : offers) {
        const auto* key = login::find_operational_key(name);
        if (key != nullptr && !login::may_offer(*key, value)) return login::illegal_offer(*key, value);
    }
    if (options.type == session_type::discovery) return {};
    const auto number = [&](std::string_view name) { return *login::parse_number(*pdu::find_key(offers, name)); };
    const auto first_burst = number("FirstBurstLength");
    const auto max_burst = number("MaxBurstLength");
    if (first_burst > max_burst)
        return bad_option("FirstBurstLength " + std::to_string(first_burst) + " exceeds MaxBurstLength " +
                          std::to_string(max_burst) + " (RFC 7143 §13.14)");
    if (number("ErrorRecoveryLevel") != 0 && number("MaxOutstandingR2T") != 1 &&
        pdu::find_key(offers, "DataSequenceInOrder") == "Yes")
        return bad_option("ErrorRecoveryLevel " + std::to_string(number("ErrorRecoveryLevel")) +
                          " needs MaxOutstandingR2T 1 (RFC 7143 §13.19)");
    return {};
}

}  // namespace

std::string_view name_of(task_reporting semantics) {
    switch (semantics) {
        case task_reporting::rfc3720:
            return "RFC3720";
        case task_reporting::response_fence:
            return "ResponseFence";
        case task_reporting::fast_abort:
            return "FastAbort";
    }
    return {};
}

failure validate(const login_options& options) {
    if (auto wrong = check_names(options)) return wrong;
    if (auto wrong = check_isid(options.isid)) return wrong;
    if (auto wrong = check_chap(options)) return wrong;
    if (auto wrong = check_parameters(options.parameters)) return wrong;
    return check_offers(options);
}

}  // namespace persiscsi
