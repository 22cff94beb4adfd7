// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_options.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi {

/// An ISID of the "Random" format (RFC 7143 §11.12.5, T = 10b): 24 random bits and `qualifier`. Whoever wants the same
/// session back (reinstatement, §6.3.5) keeps it and does not ask again.
[[nodiscard]] pdu::isid random_isid(const random_source& random, std::uint16_t qualifier = 0);

}  // namespace persiscsi
