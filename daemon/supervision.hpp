// SPDX-License-Identifier: Apache-2.0
// What the process that supervises us sees and gives: readiness, watchdog and credentials of systemd, and a stop for an
// upgrade.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string_view>

namespace persiscsi::daemon {

/// Tells systemd (sd_notify(3)), where it asked to be told through $NOTIFY_SOCKET; else nothing. `state` is "READY=1".
void notify_supervisor(std::string_view state);

/// How often it wants to hear "WATCHDOG=1" (sd_watchdog_enabled(3)): half of what it waits for. nullopt: not at all.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval();

/// The credential of that name (systemd.exec(5), LoadCredential=); empty: none was given.
[[nodiscard]] std::filesystem::path credential(std::string_view name);

/// Stops the daemon behind the socket for an upgrade (SIGUSR1) and waits until it is gone. Returns the exit code; any
/// failure is one line on standard error.
[[nodiscard]] int hand_over(const std::filesystem::path& socket);

/// No core dump may hold a secret; PERSISCSI_ALLOW_CORE=1 allows them all the same.
void forbid_core_dumps();

}  // namespace persiscsi::daemon
