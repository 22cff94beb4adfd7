// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/any_pdu.hpp"

#include <string>

namespace persiscsi::pdu {

/// One line for a trace: the PDU's title and each row of its layout as name=value, all of it from the header. Data
/// segments, which may hold secrets, are no part of it.
[[nodiscard]] std::string print(const any_pdu& pdu);

/// As above for what stands on the wire, with TotalAHSLength and DataSegmentLength in bytes at the end. An opcode that
/// RFC 7143 does not name gives "unknown opcode 0x1e" and these two.
[[nodiscard]] std::string print(const bhs_bytes& bhs);

}  // namespace persiscsi::pdu
