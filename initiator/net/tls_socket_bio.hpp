// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/bio.h>

namespace persiscsi {

/// What OpenSSL moves its bytes through: a non-blocking socket that stays its owner's. OpenSSL's own would raise
/// SIGPIPE. `last_error` is the errno of the last call that failed otherwise than by having to wait.
struct tls_socket {
    int descriptor = -1;
    int last_error = 0;
    bool ended = false;  ///< the peer has closed its direction
};

/// Null where memory is short. The socket must outlive it.
[[nodiscard]] BIO* make_socket_bio(tls_socket& socket);

}  // namespace persiscsi
