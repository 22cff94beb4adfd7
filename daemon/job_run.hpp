// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http_exchange.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace persiscsi::daemon {

/// Of a job whose request brings no deadline: longer than any request that makes sense, and not for ever.
inline constexpr std::chrono::minutes job_deadline{10};

/// Whether the request is to run in the background (?job=1); not where its caller may not make it: that is said at
/// once. Throws api_failure for another value, and where the route changes nothing or answers with octets.
[[nodiscard]] bool wants_job(const understood& what);

/// Runs the request in the background; the answer names the job. `in` outlives it.
[[nodiscard]] api_reply begin_job(service& in, boost::asio::any_io_executor executor, understood what);

}  // namespace persiscsi::daemon
