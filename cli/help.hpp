// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace persiscsi::cli {

struct command_row;

/// What `persiscsi --help` prints: all commands.
[[nodiscard]] std::string help_of_all();
/// What `persiscsi NOUN --help` prints.
[[nodiscard]] std::string help_of_noun(std::string_view noun);
/// What `persiscsi [NOUN] VERB --help` prints: synopsis, options with units and defaults, exit codes, example.
[[nodiscard]] std::string help_of(const command_row& command);

}  // namespace persiscsi::cli
