// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/scripted_target.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::target {

/// What a target saw, for a script to read: "NAME NUMBER" for each counter, then "violation TEXT" for each violation,
/// one a line.
[[nodiscard]] std::string report(const target_counters& counters, const std::vector<std::string>& violations);

}  // namespace persiscsi::target
