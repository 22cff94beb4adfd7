// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace persiscsi::cli {

class invocation;
class console;

/// Sends a request that changes something: the daemon's answer. With --job nothing: the id of the job is printed.
/// Throws command_error as daemon_link does.
[[nodiscard]] std::optional<boost::json::object> answer_or_job(const invocation& line,
                                                               console& out,
                                                               const std::string& method,
                                                               const std::string& target,
                                                               const boost::json::value& body);

}  // namespace persiscsi::cli
