// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>

namespace persiscsi::cli {

/// A session of the control API as Get-IscsiSession of Windows prints it: "Name : value", a line per property, the
/// colons below each other. What is not known has no value. ISID and TSIH begin with 0x, so that --isid and --tsih
/// take them as they are printed.
[[nodiscard]] std::string session_block(const boost::json::object& session);

/// Such a block for each, an empty line between them.
[[nodiscard]] std::string session_blocks(const boost::json::array& sessions);

}  // namespace persiscsi::cli
