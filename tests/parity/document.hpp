// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace persiscsi::parity {

/// docs/windows-parity.md.
[[nodiscard]] std::string document();

}  // namespace persiscsi::parity
