// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/exit_code.hpp"

#include <boost/json/array.hpp>

#include <string>
#include <string_view>

namespace persiscsi::cli {

class console;

/// How a change of several items ended: ok; some failed; nothing matched where no item was found; refused where every
/// failed item was. With `strict` what was not registered counts as failed. `all_wanted`: an empty list is as wanted.
[[nodiscard]] exit_code exit_code_of(const boost::json::array& results, bool strict, bool all_wanted);

/// Whether that result of one item is a failure.
[[nodiscard]] bool is_failure(std::string_view result, bool strict);

/// One line on stderr for each item that failed: "session unregister <id>: <message>".
void complain_about(console& out, const std::string& command, const boost::json::array& results, bool strict);

}  // namespace persiscsi::cli
