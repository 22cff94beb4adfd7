// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace persiscsi {

/// TLS below iSCSI: the whole connection, from its first byte on (no RFC defines it; stunnel in front of a target is
/// the practice). TLS 1.2 or later. The files are read anew for each attempt to connect, so that renewed certificates
/// are found.
struct tls_options {
    bool enabled = false;
    bool verify = true;       ///< the target's certificate: issuer, time, name. False protects against no attacker
    std::string ca;           ///< PEM file, or a directory of hashed names; empty: the system's store
    std::string certificate;  ///< PEM file with our certificate and its chain; empty: we show none
    std::string key;          ///< PEM file with its private key, not readable by everybody, without a passphrase
    /// Host name or IP address that the target's certificate must bear (subjectAltName); a host name is also asked for
    /// by SNI. Empty: the host that is connected to, after a redirection the new one.
    std::string server_name;

    friend bool operator==(const tls_options&, const tls_options&) = default;
};

/// What keeps these options from being used for a connection to `host` now: a line that names the file, or the name,
/// and never tells what is in a file. Empty: nothing does. Blocks on the disk.
[[nodiscard]] std::string tls_fault(const tls_options& options, const std::string& host);

}  // namespace persiscsi
