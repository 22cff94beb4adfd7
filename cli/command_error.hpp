// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/exit_code.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace persiscsi::cli {

/// Ends a command with its one line on stderr: "persiscsi: <command> <object>: <reason>". A command is a straight line
/// of steps of which each can fail, and only `main` has something to do about it: hence an exception. No secret, and no
/// part of a URL before its host, ever enters it.
class command_error : public std::runtime_error {
  public:
    command_error(exit_code code, const std::string& reason) : std::runtime_error(reason), code_(code) {}
    command_error(exit_code code, std::string object, const std::string& reason)
        : std::runtime_error(reason), code_(code), object_(std::move(object)) {}

    [[nodiscard]] exit_code code() const { return code_; }
    [[nodiscard]] const std::string& object() const { return object_; }

  private:
    exit_code code_;
    std::string object_;
};

[[nodiscard]] inline command_error usage_error(const std::string& reason) {
    return {exit_code::usage, reason};
}

}  // namespace persiscsi::cli
