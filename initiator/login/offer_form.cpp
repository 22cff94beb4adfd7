// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/offer_form.hpp"

#include "initiator/login/text_values.hpp"

#include <algorithm>
#include <string>

namespace persiscsi::login {
namespace {

failure bad_option(std::string what) {
    return {login_errc::bad_option, std::move(what)};
}

/// A standard-label (RFC 7143 §6.1), or one of the two names of §13 that are none.
bool is_key_name(std::string_view name) {
    if (find_operational_key(name) != nullptr) return true;
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto fits = [&](char c) {
        return is_capital(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view(".-+@_").find(c) != std::string_view::npos;
    };
    return !name.empty() && name.size() <= pdu::max_key_name && is_capital(name.front()) &&
           std::all_of(name.begin(), name.end(), fits);
}

failure check_offer_form(const pdu::text_key& offer) {
    const auto what = "parameter " + pdu::escaped(offer.key, pdu::max_key_name);
    if (!is_key_name(offer.key)) return bad_option(what + " is no name of a key (RFC 7143 §6.1)");
    if (is_security_key(offer.key)) return bad_option(what + " is a security key, set by the CHAP options");
    if (find_operational_key(offer.key) == nullptr && !offer.key.starts_with("X-"))
        return bad_option(what + " is no key of RFC 7143 §13, and private ones begin with X- (§13.22)");
    if (auto wrong = check_text(what, offer.value)) return wrong;
    if (is_reserved_answer(offer.value)) return bad_option(what + " has a value that only answers may have");
    return {};
}

}  // namespace

failure check_text(std::string_view what, std::string_view text) {
    if (text.size() > max_simple_value)
        return bad_option(std::string(what) + " has " + std::to_string(text.size()) + " bytes, allowed " +
                          std::to_string(max_simple_value));
    if (text.find('\0') != std::string_view::npos) return bad_option(std::string(what) + " has a NUL inside");
    return {};
}

failure check_offer_forms(const pdu::text_keys& offers) {
    for (auto at = offers.begin(); at != offers.end(); ++at) {
        if (auto wrong = check_offer_form(*at)) return wrong;
        if (std::any_of(offers.begin(), at, [&](const auto& earlier) { return earlier.key == at->key; }))
            return bad_option("parameter " + at->key + " is given twice");
    }
    return {};
}

failure illegal_offer(const operational_key& key, std::string_view value) {
    return bad_option(std::string(key.name) + " is " + pdu::escaped(value) + ", legal is " + legal_offers(key));
}

}  // namespace persiscsi::login
