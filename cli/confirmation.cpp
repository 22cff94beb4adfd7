// SPDX-License-Identifier: Apache-2.0
#include "cli/confirmation.hpp"

#include "cli/command_error.hpp"
#include "cli/invocation.hpp"

#include <iostream>
#include <unistd.h>

namespace persiscsi::cli {

void confirm(const invocation& line, const std::string& what) {
    if (line.given("--yes") || line.given("--dry-run") || ::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0)
        return;
    std::cerr << what << "? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "y" && answer != "yes") throw command_error(exit_code::refused, "not confirmed");
}

}  // namespace persiscsi::cli
