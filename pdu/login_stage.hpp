// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace persiscsi::pdu {

/// CSG and NSG (RFC 7143 §11.12.3). The value 2 is reserved.
enum class login_stage : std::uint8_t { security_negotiation = 0, operational_negotiation = 1, full_feature_phase = 3 };

}  // namespace persiscsi::pdu
