// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace persiscsi::cli {

class invocation;

/// On a terminal nobody loses anything by a slip: asks "<what>? [y/N]" there, unless --yes or --dry-run is given.
/// Scripts are not asked. Throws command_error (refused) without a yes.
void confirm(const invocation& line, const std::string& what);

}  // namespace persiscsi::cli
