// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/tls_failure.hpp"

#include "pdu/errors.hpp"
#include "pdu/text.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>

#include <string>

namespace persiscsi {
namespace {

struct reason_row {
    int reason;  ///< of OpenSSL's SSL library
    login_errc meaning;
};

/// OpenSSL numbers an alert that was received 1000 above its description (RFC 8446 §6).
constexpr reason_row reasons[] = {
    {SSL_R_WRONG_VERSION_NUMBER, login_errc::tls_not_spoken},
    {SSL_R_HTTP_REQUEST, login_errc::tls_not_spoken},
    {SSL_R_BAD_RECORD_TYPE, login_errc::tls_not_spoken},
    {SSL_R_PACKET_LENGTH_TOO_LONG, login_errc::tls_not_spoken},
    {SSL_R_UNSUPPORTED_PROTOCOL, login_errc::tls_refused},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, login_errc::tls_refused},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, login_errc::tls_refused},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, login_errc::tls_refused},
    {SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY, login_errc::tls_refused},
    {SSL_R_TLSV1_UNRECOGNIZED_NAME, login_errc::tls_refused},
    {SSL_R_SSLV3_ALERT_NO_CERTIFICATE, login_errc::tls_client_certificate_refused},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, login_errc::tls_client_certificate_refused},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, login_errc::tls_client_certificate_refused},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, login_errc::tls_client_certificate_refused},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, login_errc::tls_client_certificate_refused},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, login_errc::tls_client_certificate_refused},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, login_errc::tls_client_certificate_refused},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, login_errc::tls_client_certificate_refused},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, login_errc::tls_client_certificate_refused},
};

constexpr auto late_refusal = login_errc::tls_client_certificate_refused;

login_errc meaning_of_verification(long result) {
    switch (result) {
        case X509_V_ERR_CERT_NOT_YET_VALID:
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return login_errc::tls_certificate_expired;
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return login_errc::tls_name_mismatch;
        default:
            return login_errc::tls_certificate_untrusted;
    }
}

failure told(login_errc code, const std::string& reason) {
    return {code, make_error_code(code).message() + " (" + pdu::escaped(reason) + ")"};
}

}  // namespace

failure tls_failure(const SSL& connection, tls_stage stage) {
    const auto error = ERR_peek_error();
    ERR_clear_error();
    const auto* text = ERR_reason_error_string(error);
    const auto number = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
    if (number == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        const auto result = SSL_get_verify_result(&connection);
        return told(meaning_of_verification(result), X509_verify_cert_error_string(result));
    }
    const std::string reason = text == nullptr ? "no reason known" : text;
    for (const auto& row : reasons)
        if (row.reason == number && (stage == tls_stage::handshake || row.meaning == late_refusal))
            return told(row.meaning, reason);
    const auto ended = number == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    const auto detail = "TLS: " + (ended ? "the connection ended without close_notify" : pdu::escaped(reason));
    if (stage == tls_stage::handshake) return {login_errc::tls_handshake_failed, detail};
    return {protocol_errc::remote_closed, detail};
}

}  // namespace persiscsi
