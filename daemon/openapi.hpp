// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/routes.hpp"

#include <boost/json/object.hpp>

#include <span>

namespace persiscsi::daemon {

/// The control API in OpenAPI 3.0.3: each of `all` with its parameters, what it takes and what it answers with. The
/// members of its JSON are those of docs/json.md.
[[nodiscard]] boost::json::object openapi_of(std::span<const route> all);

}  // namespace persiscsi::daemon
