// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/target_options.hpp"
#include "tests/target/tls_relay.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace persiscsi::target {

/// What the command line of persiscsi-target asks for.
struct program_options {
    server_options server;
    std::optional<tls_relay_options> tls;  ///< in front of the server, at the address and port that were asked for
    std::filesystem::path port_file;       ///< empty: none
    std::filesystem::path pid_file;        ///< empty: none
    std::filesystem::path report_file;     ///< empty: none
    bool verbose = false;
};

/// Reads the command line and the files it names. Throws std::invalid_argument or std::system_error with one line that
/// names option and reason; ends the process itself for --help, --version (0) and wrong usage (2).
[[nodiscard]] program_options read_program_options(int count, char** arguments);

/// "SIZE[,ro][,null][,block=N]", SIZE with K, M, G or T (powers of 1024). Throws std::invalid_argument.
[[nodiscard]] lun_options parse_lun(std::string_view text);

}  // namespace persiscsi::target
