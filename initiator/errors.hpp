// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/errors.hpp"

#include <string>
#include <system_error>

namespace persiscsi {

/// Why a login did not lead to Full Feature Phase, or a negotiation in it to no agreement. The rows from
/// `initiator_error` to `out_of_resources` are the statuses of RFC 7143 §11.13.5.
enum class login_errc {
    connect_failed = 1,
    host_not_found,
    timed_out,
    too_many_redirects,
    bad_redirect_address,
    initiator_error,
    authentication_failure,
    authorization_failure,
    not_found,
    target_removed,
    unsupported_version,
    too_many_connections,
    missing_parameter,
    cannot_include_in_session,
    session_type_not_supported,
    session_does_not_exist,
    invalid_during_login,
    target_error,
    service_unavailable,
    out_of_resources,
    unknown_status,
    no_common_auth_method,
    no_common_chap_algorithm,
    target_wants_authentication,
    bad_chap_message,
    target_failed_authentication,
    reflected_challenge,
    digest_refused,
    bad_key_value,
    key_offered_twice,
    unexpected_key,
    unexpected_stage,
    too_many_exchanges,
    bad_option,
    negotiation_reset,
    other_portal_group,
};

inline constexpr error_row<login_errc> login_errors[] = {
    {login_errc::connect_failed, "connect_failed", "no TCP connection", error_class::retry_later},
    {login_errc::host_not_found, "host_not_found", "host name not found", error_class::retry_later},
    {login_errc::timed_out, "timed_out", "timed out", error_class::retry_later},
    {login_errc::too_many_redirects, "too_many_redirects", "redirected too often", error_class::retry_later},
    {login_errc::bad_redirect_address,
     "bad_redirect_address",
     "redirected to an address that makes no sense",
     error_class::permanent},
    {login_errc::initiator_error, "initiator_error", "the target refuses the login as wrong", error_class::permanent},
    {login_errc::authentication_failure, "authentication_failure", "authentication failed", error_class::permanent},
    {login_errc::authorization_failure,
     "authorization_failure",
     "this initiator is not allowed to use the target",
     error_class::permanent},
    {login_errc::not_found, "not_found", "target not found", error_class::permanent},
    {login_errc::target_removed, "target_removed", "target removed", error_class::permanent},
    {login_errc::unsupported_version,
     "unsupported_version",
     "the target does not support our protocol version",
     error_class::permanent},
    {login_errc::too_many_connections, "too_many_connections", "too many connections", error_class::retry_later},
    {login_errc::missing_parameter, "missing_parameter", "the target misses a parameter", error_class::permanent},
    {login_errc::cannot_include_in_session,
     "cannot_include_in_session",
     "the target cannot add the connection to the session",
     error_class::permanent},
    {login_errc::session_type_not_supported,
     "session_type_not_supported",
     "the target does not support this session type",
     error_class::permanent},
    {login_errc::session_does_not_exist,
     "session_does_not_exist",
     "the session does not exist",
     error_class::permanent},
    {login_errc::invalid_during_login,
     "invalid_during_login",
     "the target calls our request invalid during login",
     error_class::permanent},
    {login_errc::target_error, "target_error", "the target has an internal error", error_class::retry_later},
    {login_errc::service_unavailable,
     "service_unavailable",
     "the target's service is not available now",
     error_class::retry_later},
    {login_errc::out_of_resources, "out_of_resources", "the target is out of resources", error_class::retry_later},
    {login_errc::unknown_status,
     "unknown_status",
     "the target answers with a status that RFC 7143 does not name",
     error_class::permanent},
    {login_errc::no_common_auth_method,
     "no_common_auth_method",
     "no authentication method in common",
     error_class::permanent},
    {login_errc::no_common_chap_algorithm,
     "no_common_chap_algorithm",
     "no CHAP algorithm in common",
     error_class::permanent},
    {login_errc::target_wants_authentication,
     "target_wants_authentication",
     "the target demands CHAP and no secret was given",
     error_class::permanent},
    {login_errc::bad_chap_message, "bad_chap_message", "the target's CHAP message is wrong", error_class::permanent},
    {login_errc::target_failed_authentication,
     "target_failed_authentication",
     "the target failed to authenticate itself",
     error_class::permanent},
    {login_errc::reflected_challenge,
     "reflected_challenge",
     "the target sent our own challenge back",
     error_class::permanent},
    {login_errc::digest_refused,
     "digest_refused",
     "the target refuses the digest that was asked for",
     error_class::permanent},
    {login_errc::bad_key_value,
     "bad_key_value",
     "the target answered a key with an illegal value",
     error_class::permanent},
    {login_errc::key_offered_twice, "key_offered_twice", "the target negotiated a key twice", error_class::permanent},
    {login_errc::unexpected_key,
     "unexpected_key",
     "the target sent a key that is not allowed now",
     error_class::permanent},
    {login_errc::unexpected_stage,
     "unexpected_stage",
     "the target moved to a stage that was not asked for",
     error_class::permanent},
    {login_errc::too_many_exchanges, "too_many_exchanges", "the login does not come to an end", error_class::permanent},
    {login_errc::bad_option, "bad_option", "an option of the login has an illegal value", error_class::misuse},
    {login_errc::negotiation_reset,
     "negotiation_reset",
     "the negotiation was reset, what was agreed on before stays",
     error_class::retry_later},
    {login_errc::other_portal_group,
     "other_portal_group",
     "the address belongs to another portal group than the session",
     error_class::permanent},
};

[[nodiscard]] const table_category& login_category();
[[nodiscard]] inline std::error_code make_error_code(login_errc value) {
    return {static_cast<int>(value), login_category()};
}

/// An error with its story: `detail` names operation, object and numbers in one line, safe to print (a peer's text
/// inside it is escaped). No secret ever enters it.
struct failure {
    std::error_code code{};
    std::string detail{};

    explicit operator bool() const { return static_cast<bool>(code); }
};

}  // namespace persiscsi

template <>
struct std::is_error_code_enum<persiscsi::login_errc> : std::true_type {};
