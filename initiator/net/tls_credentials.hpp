// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "initiator/tls_options.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace persiscsi {

struct ssl_deleter {
    void operator()(SSL_CTX* settings) const { SSL_CTX_free(settings); }
    void operator()(SSL* connection) const { SSL_free(connection); }
};
using ssl_settings = std::unique_ptr<SSL_CTX, ssl_deleter>;
using ssl_connection = std::unique_ptr<SSL, ssl_deleter>;

/// Reads the files that the options name. Null with `wrong` set (`login_errc::bad_option`, the file named) where that
/// fails; the contents of a file are never told.
[[nodiscard]] ssl_settings make_tls_settings(const tls_options& options, failure& wrong);

/// A connection that will demand a certificate for `host`, or for the options' server name. Null with `wrong` set where
/// the name makes no sense.
[[nodiscard]] ssl_connection make_tls_connection(SSL_CTX& settings,
                                                 const tls_options& options,
                                                 const std::string& host,
                                                 failure& wrong);

}  // namespace persiscsi
