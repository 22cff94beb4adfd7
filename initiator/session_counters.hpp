// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace persiscsi {

/// What a session went through since it was made.
struct session_counters {
    std::uint64_t logins = 0;                 ///< of leading connections: the first, and one per session reinstatement
    std::uint64_t connection_logins = 0;      ///< all that reached Full Feature Phase
    std::uint64_t connections_recovered = 0;  ///< lost, and logged out within the session (RFC 7143 §7.1.4.3)
    std::uint64_t tasks_reassigned = 0;
    std::uint64_t commands_retried = 0;  ///< with their old CmdSN
    std::uint64_t snacks = 0;            ///< requests for lost PDUs
};

}  // namespace persiscsi
