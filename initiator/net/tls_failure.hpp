// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"

#include <openssl/ssl.h>

namespace persiscsi {

enum class tls_stage {
    handshake,
    /// Bytes may be moved. With TLS 1.3 a server refuses our certificate only now (RFC 8446 §4.4.2.4 and §6.2).
    established,
};

/// What OpenSSL's first queued error means: its row of login_errc, and a line with OpenSSL's reason. Empties the queue.
/// What has no row is `tls_handshake_failed`, or `remote_closed` of an established connection.
[[nodiscard]] failure tls_failure(const SSL& connection, tls_stage stage);

}  // namespace persiscsi
