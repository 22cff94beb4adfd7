// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace persiscsi::control {

/// $PERSISCSI_STATE_DIR; else /var/lib/persiscsi for root; else $XDG_STATE_HOME/persiscsi, ~/.local/state/persiscsi.
[[nodiscard]] std::filesystem::path default_state_dir();

/// Where the daemon puts its socket: $PERSISCSI_RUNTIME_DIR; else /run/persiscsi for root or where there is no
/// $XDG_RUNTIME_DIR; else $XDG_RUNTIME_DIR/persiscsi.
[[nodiscard]] std::filesystem::path default_runtime_dir();

/// Where a client looks for it: default_runtime_dir(), but a plain user without a daemon of his own finds the system's.
[[nodiscard]] std::filesystem::path client_runtime_dir();

/// The socket in a runtime directory.
[[nodiscard]] std::filesystem::path socket_in(const std::filesystem::path& runtime_dir);

}  // namespace persiscsi::control
