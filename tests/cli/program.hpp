// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace persiscsi::cli {

struct program_result {
    int exit = -1;  ///< the exit code; -1 where a signal or the time limit ended it
    std::string out;
    std::string err;
};

struct program_input {
    std::string standard_input = {};
    std::vector<std::pair<std::string, std::string>> environment = {};
    /// What standard output is instead of a pipe to us.
    std::string standard_output_file = {};
    /// Close our end of its standard output after this many bytes.
    std::optional<std::size_t> read_only_this_much = std::nullopt;
    /// Keep standard input open, and silent after `standard_input`, until the program ends.
    bool hold_standard_input = false;
    /// Where the test runs as root: give that up first.
    bool as_nobody = false;
};

/// Runs `persiscsi` with these arguments, at most a minute.
[[nodiscard]] program_result run_program(const std::vector<std::string>& arguments, const program_input& input = {});

}  // namespace persiscsi::cli
