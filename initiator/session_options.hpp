// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_options.hpp"
#include "initiator/tls_options.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace persiscsi {

/// What happens to commands while a lost session is being rebuilt.
struct wait_for_ever {};
struct fail_after {
    std::chrono::seconds limit{120};
};
struct fail_at_once {};
using recovery_policy = std::variant<wait_for_ever, fail_after, fail_at_once>;

/// A session and how it is kept. Every time-out is wall-clock time of the steady clock.
struct session_options {
    login_options login;
    persiscsi::portal portal;   ///< the one asked for; redirections are followed for one login only
    std::string local_address;  ///< IP address to connect from; empty: the system chooses
    tls_options tls;            ///< holds for redirected connections too
    recovery_policy recovery = wait_for_ever{};

    std::chrono::milliseconds connect_timeout{5000};  ///< one TCP connect, name look-up and TLS handshake included
    std::chrono::milliseconds login_timeout{15000};   ///< from TCP up to Full Feature Phase
    std::chrono::milliseconds logout_timeout{5000};
    std::chrono::milliseconds task_timeout{60000};  ///< from submission on, waits for a rebuilt session not counted
    std::chrono::milliseconds ping_interval{5000};  ///< silence after which a NOP-Out asks for life
    std::chrono::milliseconds ping_timeout{5000};   ///< silence after that which loses the connection
    /// Time after which a command that the target has not acknowledged is sent again with its CmdSN (RFC 7143 §7.2.1).
    /// From ErrorRecoveryLevel 1 on.
    std::chrono::milliseconds command_retry{2000};
    std::chrono::milliseconds backoff_first{100};  ///< wait before the second attempt to log in; doubles each time
    std::chrono::milliseconds backoff_longest{10000};
    std::uint32_t attention_repeats = 5;  ///< of one command, after a UNIT ATTENTION
    std::uint32_t lost_repeats = 16;      ///< of one command, after its answer or its data was lost
};

}  // namespace persiscsi
