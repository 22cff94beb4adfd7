// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/secret.hpp"

#include <string>

namespace persiscsi::cli {

/// CHAP secrets longer than this are a mistaken file.
inline constexpr std::size_t longest_secret = 1024;

/// The secret in a file, or on standard input for "-". One newline at its end is not part of it. Throws command_error:
/// permission where group or others may read the file; usage where it is empty, has several lines or is too long.
/// `option` names the source in messages.
[[nodiscard]] secret read_secret(const std::string& path, const std::string& option);

/// Asks on the terminal, twice, without echo. Throws command_error when there is no terminal or the two differ.
[[nodiscard]] secret ask_secret(const std::string& question);

}  // namespace persiscsi::cli
