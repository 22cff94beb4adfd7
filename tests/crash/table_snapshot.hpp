// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "persistence/session_table.hpp"

#include <string>

namespace persiscsi::persistence::testing {

// Everything the table holds, except times, as one line of text: equal tables, equal lines. A damaged row shows too.
std::string snapshot_of(const session_table& table);

}  // namespace persiscsi::persistence::testing
