// SPDX-License-Identifier: Apache-2.0
// Manual pages in roff (man macros), printed from the table of commands.
#pragma once

#include <string>

namespace persiscsi::cli {

struct command_row;

/// persiscsi(1): what there is.
[[nodiscard]] std::string man_page_of_all();
/// One command: the same as its --help.
[[nodiscard]] std::string man_page_of(const command_row& command);

/// "persiscsi-session-unregister".
[[nodiscard]] std::string man_page_name(const command_row& command);

}  // namespace persiscsi::cli
