// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace persiscsi::target {

/// A piece of text of a negotiation that a script keeps from its end.
[[nodiscard]] inline std::vector<std::byte> endless_text() {
    std::vector<std::byte> text;
    for (const char each : std::string_view("X-org.example.endless=on")) text.push_back(static_cast<std::byte>(each));
    text.resize(512, static_cast<std::byte>('n'));
    return text;
}

}  // namespace persiscsi::target
