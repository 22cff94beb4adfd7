// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace persiscsi::daemon {

struct daemon_options {
    std::filesystem::path state_dir;
    std::filesystem::path runtime_dir;
    std::string initiator_name;       // empty: the one in the state directory
    std::string socket_group;         // operators; empty: only the daemon's user and root may change anything
    std::string readers_group;        // who may look; empty: those who may change
    std::filesystem::path audit_log;  // empty: audit.log in the state directory
    bool verbose = false;
    bool debug = false;
    bool handover = false;  // stop the running daemon for an upgrade instead of being one
};

/// Reads the command line. nullopt: it has been answered (--help, --version, or a usage error) and the program ends
/// with `exit_code`.
[[nodiscard]] std::optional<daemon_options> parse_command_line(int argc, const char* const* argv, int& exit_code);

}  // namespace persiscsi::daemon
