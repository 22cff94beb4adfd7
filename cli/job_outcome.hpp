// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/exit_code.hpp"

#include <boost/json/object.hpp>

namespace persiscsi::cli {

class console;

/// How the command would have ended whose request became this job, as `/v1/jobs/{id}` shows it.
[[nodiscard]] exit_code exit_code_of_job(const boost::json::object& job);

/// What that command would have said on standard error: of an error its message, else one line for each item that
/// failed.
void complain_about_job(console& out, const boost::json::object& job);

}  // namespace persiscsi::cli
