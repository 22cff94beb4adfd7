// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/rows.hpp"

#include <map>
#include <string>
#include <vector>

namespace persiscsi::conformance {

struct registered_test {
    std::string name;
    std::string file;  ///< from the top of the tree
};

/// The tests of this program by the row they name, "ffp 16.1.2".
[[nodiscard]] std::map<std::string, std::vector<registered_test>> tests_by_row();
/// All rows of all suites.
[[nodiscard]] std::vector<row> all_rows();

/// docs/conformance.md.
[[nodiscard]] std::string document();

}  // namespace persiscsi::conformance
