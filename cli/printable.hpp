// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace persiscsi::cli {

/// Foreign text made fit for a terminal and for one line: control characters as \xNN, cut after `longest` bytes.
[[nodiscard]] std::string printable(std::string_view foreign, std::size_t longest = 1024);

/// The same, in double quotes and short: for error lines.
[[nodiscard]] std::string in_quotes(std::string_view foreign);

}  // namespace persiscsi::cli
