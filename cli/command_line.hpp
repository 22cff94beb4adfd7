// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/invocation.hpp"

#include <string>
#include <variant>
#include <vector>

namespace persiscsi::cli {

/// --help was asked for: the text to print.
struct help_wanted {
    std::string text;
};

/// Takes a command line (without the program's name) apart by the table of commands. Throws command_error (usage).
[[nodiscard]] std::variant<invocation, help_wanted> parse_command_line(std::vector<std::string> arguments);

}  // namespace persiscsi::cli
