// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/daemon_options.hpp"

namespace persiscsi::daemon {

/// Runs until SIGTERM, SIGINT (orderly stop) or SIGUSR1 (handover). Returns the exit code; why it could not start is
/// one line on standard error.
[[nodiscard]] int run_daemon(const daemon_options& options);

}  // namespace persiscsi::daemon
