// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/tls_credentials.hpp"

#include "pdu/text.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>
#include <sys/stat.h>

namespace persiscsi {
namespace {

/// Received at once where the socket has it: several records (RFC 8446 §5.2: at most 16 KiB + 256 bytes each).
constexpr std::size_t read_ahead = 256 * 1024;

std::string reason() {
    const auto error = ERR_peek_error();
    ERR_clear_error();
    if (ERR_SYSTEM_ERROR(error)) return std::strerror(ERR_GET_REASON(error));
    const auto* text = ERR_reason_error_string(error);
    return text == nullptr ? "not in PEM format" : text;
}

failure bad_file(const std::string& what, const std::string& file, const std::string& why) {
    return {login_errc::bad_option, what + " '" + pdu::escaped(file) + "': " + why};
}

failure load_authorities(SSL_CTX& settings, const std::string& place) {
    if (place.empty()) {
        if (SSL_CTX_set_default_verify_paths(&settings) == 1) return {};
        return {login_errc::bad_option, "TLS: the system's certificates: " + reason()};
    }
    struct stat found {};
    if (::stat(place.c_str(), &found) != 0) return bad_file("TLS CA", place, std::strerror(errno));
    const bool is_directory = S_ISDIR(found.st_mode);
    const auto loaded = is_directory ? SSL_CTX_load_verify_dir(&settings, place.c_str())
                                     : SSL_CTX_load_verify_file(&settings, place.c_str());
    return loaded == 1 ? failure{} : bad_file("TLS CA", place, reason());
}

failure load_own_certificate(SSL_CTX& settings, const tls_options& options) {
    if (options.certificate.empty() && options.key.empty()) return {};
    if (options.certificate.empty()) return {login_errc::bad_option, "TLS: a key without a certificate"};
    if (options.key.empty()) return {login_errc::bad_option, "TLS: a certificate without its key"};
    if (SSL_CTX_use_certificate_chain_file(&settings, options.certificate.c_str()) != 1)
        return bad_file("TLS certificate", options.certificate, reason());
    struct stat found {};
    if (::stat(options.key.c_str(), &found) != 0) return bad_file("TLS key", options.key, std::strerror(errno));
    if ((found.st_mode & S_IROTH) != 0)
        return bad_file("TLS key", options.key, "readable by everybody: take that away with chmod o=");
    if (SSL_CTX_use_PrivateKey_file(&settings, options.key.c_str(), SSL_FILETYPE_PEM) != 1)
        return bad_file("TLS key", options.key, reason());
    return {};
}

/// Nobody is asked on the terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

/// SSL_set_tlsext_host_name, which is a macro with a cast of C.
bool ask_for(SSL& connection, const std::string& name) {
    auto copy = name;
    return SSL_ctrl(&connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, copy.data()) == 1;
}

failure bad_name(const std::string& name) {
    return {login_errc::bad_option, "TLS: the server name '" + pdu::escaped(name) + "' makes no sense"};
}

}  // namespace

ssl_settings make_tls_settings(const tls_options& options, failure& wrong) {
    ERR_clear_error();
    ssl_settings settings(SSL_CTX_new(TLS_client_method()));
    if (!settings) {
        wrong = {login_errc::bad_option, "TLS: " + reason()};
        return nullptr;
    }
    SSL_CTX_set_min_proto_version(settings.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(settings.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_read_ahead(settings.get(), 1);
    SSL_CTX_set_default_read_buffer_len(settings.get(), read_ahead);
    SSL_CTX_set_default_passwd_cb(settings.get(), no_passphrase);
    SSL_CTX_set_verify(settings.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (options.verify) wrong = load_authorities(*settings, options.ca);
    if (!wrong) wrong = load_own_certificate(*settings, options);
    return wrong ? nullptr : std::move(settings);
}

ssl_connection make_tls_connection(SSL_CTX& settings,
                                   const tls_options& options,
                                   const std::string& host,
                                   failure& wrong) {
    const auto& name = options.server_name.empty() ? host : options.server_name;
    ssl_connection connection(SSL_new(&settings));
    if (!connection) {
        wrong = {login_errc::bad_option, "TLS: " + reason()};
        return nullptr;
    }
    auto* const rules = SSL_get0_param(connection.get());
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    boost::system::error_code no_address;
    const auto address = boost::asio::ip::make_address(name, no_address);
    bool set = false;
    if (no_address) {  // RFC 6066 §3: SNI carries host names only
        set = X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size()) == 1 && ask_for(*connection, name);
    } else if (address.is_v4()) {
        const auto bytes = address.to_v4().to_bytes();
        set = X509_VERIFY_PARAM_set1_ip(rules, bytes.data(), bytes.size()) == 1;
    } else {
        const auto bytes = address.to_v6().to_bytes();  // without the zone, which no certificate has
        set = X509_VERIFY_PARAM_set1_ip(rules, bytes.data(), bytes.size()) == 1;
    }
    ERR_clear_error();
    if (set) return connection;
    wrong = bad_name(name);
    return nullptr;
}

std::string tls_fault(const tls_options& options, const std::string& host) {
    failure wrong;
    const auto settings = make_tls_settings(options, wrong);
    if (settings) static_cast<void>(make_tls_connection(*settings, options, host, wrong));
    return wrong.detail;
}

}  // namespace persiscsi
