// SPDX-License-Identifier: Apache-2.0
// Completion scripts, printed from the table of commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::cli {

/// What a shell can offer for a value or operand, read from what --help calls it.
struct offered_values {
    std::vector<std::string> words;  ///< "none|crc32c|prefer": each of them; words in capitals stand for something else
    bool files = false;              ///< "FILE"
    bool directories = false;        ///< "DIR"
};
[[nodiscard]] offered_values offered_for(std::string_view value);

/// Commands, options, choices and file names. To be sourced, or put where the shell looks for such scripts.
[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

}  // namespace persiscsi::cli
