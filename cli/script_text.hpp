// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace persiscsi::cli {

/// Each `what` becomes `by`.
[[nodiscard]] inline std::string replaced(std::string_view text, char what, std::string_view by) {
    std::string result;
    for (const char c : text)
        if (c == what)
            result += by;
        else
            result += c;
    return result;
}

/// In single quotes, for bash and zsh.
[[nodiscard]] inline std::string quoted(std::string_view text) {
    return "'" + replaced(text, '\'', "'\\''") + "'";
}

/// Each `mark` becomes `with`.
[[nodiscard]] inline std::string filled(std::string_view text, std::string_view mark, std::string_view with) {
    std::string result(text);
    for (auto at = result.find(mark); at != result.npos; at = result.find(mark, at + with.size()))
        result.replace(at, mark.size(), with);
    return result;
}

}  // namespace persiscsi::cli
