// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_options.hpp"
#include "initiator/login/negotiated.hpp"

#include <string>

namespace persiscsi::cli {

/// "AuthMethod=CHAP CHAP_A=5 HeaderDigest=CRC32C …": what a login agreed on, in the words of RFC 7143 §13. Both
/// declarations of MaxRecvDataSegmentLength are shown: the initiator's, a slash, the target's.
[[nodiscard]] std::string negotiated_keys(const negotiated& agreed);

/// "MaxConnections 1 (asked for: 4)": connections and recovery that the target grants less of. Empty where it gave all.
[[nodiscard]] std::string granted_less(const negotiated& agreed, const login_options& asked);

}  // namespace persiscsi::cli
