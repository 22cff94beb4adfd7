// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/login_refusal.hpp"

#include "pdu/text.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

namespace persiscsi::login {
namespace {

struct refusal_row {
    pdu::login_status status;
    login_errc meaning;
};

constexpr refusal_row refusals[] = {
    {pdu::login_status::initiator_error, login_errc::initiator_error},
    {pdu::login_status::authentication_failure, login_errc::authentication_failure},
    {pdu::login_status::authorization_failure, login_errc::authorization_failure},
    {pdu::login_status::not_found, login_errc::not_found},
    {pdu::login_status::target_removed, login_errc::target_removed},
    {pdu::login_status::unsupported_version, login_errc::unsupported_version},
    {pdu::login_status::too_many_connections, login_errc::too_many_connections},
    {pdu::login_status::missing_parameter, login_errc::missing_parameter},
    {pdu::login_status::cannot_include_in_session, login_errc::cannot_include_in_session},
    {pdu::login_status::session_type_not_supported, login_errc::session_type_not_supported},
    {pdu::login_status::session_does_not_exist, login_errc::session_does_not_exist},
    {pdu::login_status::invalid_during_login, login_errc::invalid_during_login},
    {pdu::login_status::target_error, login_errc::target_error},
    {pdu::login_status::service_unavailable, login_errc::service_unavailable},
    {pdu::login_status::out_of_resources, login_errc::out_of_resources},
};

unsigned class_of(pdu::login_status status) {
    return static_cast<unsigned>(status) >> 8U;
}

/// Details that RFC 7143 does not name keep the meaning of their class: the target's errors may be tried again.
login_errc meaning_of(pdu::login_status status) {
    for (const auto& row : refusals)
        if (row.status == status) return row.meaning;
    return class_of(status) == 3 ? login_errc::target_error : login_errc::unknown_status;
}

std::string place_of(pdu::login_status status, pdu::login_stage stage) {
    std::array<char, 8> number{};
    std::snprintf(number.data(), number.size(), "0x%04x", static_cast<unsigned>(status));
    return " (status " + std::string(number.data()) + ", " + std::string(name_of(stage)) + ")";
}

failure bad_redirect(pdu::login_status status, pdu::login_stage stage, const std::string& why) {
    return {login_errc::bad_redirect_address, "redirected " + why + place_of(status, stage)};
}

login_dialogue::step on_redirect(pdu::login_status status, std::span<const std::byte> data, pdu::login_stage stage) {
    const auto text = pdu::parse_text(data);
    if (text.error) return bad_redirect(status, stage, "by malformed text, " + text.detail);
    const auto value = pdu::find_key(text.keys, "TargetAddress");
    if (!value) return bad_redirect(status, stage, "without a TargetAddress");
    const auto address = parse_target_address(*value);
    if (!address) return bad_redirect(status, stage, "to TargetAddress=" + pdu::escaped(*value));
    return login_dialogue::redirect{address->at, status == pdu::login_status::target_moved_permanently};
}

/// What a target leaves unsaid. tgtd 1.0.85 takes algorithm 7 for SHA-1, and answers either status.
std::string_view likely_reason(login_errc meaning, const security_negotiation& security) {
    const bool about_chap = meaning == login_errc::authentication_failure;
    if (about_chap && security.offered_none())
        return ": the target demands authentication, and no CHAP secret was given";
    if ((about_chap || meaning == login_errc::initiator_error) && security.may_use(chap_algorithm::sha256))
        return ": CHAP with SHA-256 was tried, which tgtd computes wrongly; --param CHAP_A=5 offers MD5 alone";
    return {};
}

}  // namespace

std::string_view name_of(pdu::login_stage stage) {
    return stage == pdu::login_stage::security_negotiation ? "security stage" : "operational stage";
}

login_dialogue::step on_refusal(pdu::login_status status,
                                std::span<const std::byte> data,
                                pdu::login_stage stage,
                                const security_negotiation& security) {
    if (class_of(status) == 1) return on_redirect(status, data, stage);
    const auto meaning = meaning_of(status);
    return failure{
        meaning,
        make_error_code(meaning).message() + std::string(likely_reason(meaning, security)) + place_of(status, stage)};
}

}  // namespace persiscsi::login
