// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/talk.hpp"

#include <ostream>
#include <vector>

namespace persiscsi::conformance {

/// A conversation that breaks one rule and no other.
struct doctored {
    rule breaks;
    void (*play)(talk&);
};

/// How a failing test names it.
inline void PrintTo(const doctored& one, std::ostream* out) {
    *out << row_of(one.breaks).name;
}

[[nodiscard]] std::vector<doctored> doctored_frames();
[[nodiscard]] std::vector<doctored> doctored_transfers();
[[nodiscard]] std::vector<doctored> doctored_requests();
[[nodiscard]] std::vector<doctored> doctored_logins();
[[nodiscard]] std::vector<doctored> all_doctored();

[[nodiscard]] std::vector<void (*)(talk&)> sound_conversations();

}  // namespace persiscsi::conformance
