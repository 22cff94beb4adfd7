// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::cli {

class invocation;

/// Which name in a piped object a command works on. Sessions carry a registration_id, registrations a session_id; both
/// their target and portal, and targets and portals their own. What --job prints carries a job_id.
enum class id_kind { session, registration, either, portal, target, job };

/// Ids out of what another command printed: words between white space, or one JSON document of ours (a list,
/// one object, or a list of texts). Throws command_error (usage) for anything else,
/// naming the item.
[[nodiscard]] std::vector<std::string> ids_in(std::string_view piped, id_kind wanted);

/// The operands of the line; where one is "-", the ids on standard input in its place.
[[nodiscard]] std::vector<std::string> ids_of(invocation& line, id_kind wanted);

/// As a request of the control API has them.
[[nodiscard]] boost::json::array array_of(const std::vector<std::string>& texts);

}  // namespace persiscsi::cli
