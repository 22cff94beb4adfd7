// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace persiscsi::daemon {

/// Why a request is answered with an error.
enum class api_errc {
    bad_request,
    too_large,
    forbidden,
    not_found,
    method_not_allowed,
    busy,
    too_many_clients,
    too_many_requests,
    login_failed,
    unreachable,
    internal,
    io_error,
    timed_out,
    cancelled,
};

/// One error of the control API: its name in JSON, the HTTP status, and the exit code a command ends with.
struct api_error_row {
    api_errc value;
    std::string_view name;
    unsigned status;
    int exit;
};

inline constexpr api_error_row api_errors[] = {
    {api_errc::bad_request, "bad_request", 400, 2},
    {api_errc::too_large, "too_large", 413, 2},
    {api_errc::forbidden, "forbidden", 403, 6},
    {api_errc::not_found, "not_found", 404, 4},
    {api_errc::method_not_allowed, "method_not_allowed", 405, 2},
    {api_errc::busy, "busy", 409, 7},
    {api_errc::too_many_clients, "too_many_clients", 503, 7},
    {api_errc::too_many_requests, "too_many_requests", 429, 7},
    {api_errc::login_failed, "login_failed", 422, 9},
    {api_errc::unreachable, "unreachable", 502, 8},
    {api_errc::internal, "internal", 500, 1},
    {api_errc::io_error, "io_error", 502, 10},
    {api_errc::timed_out, "timed_out", 504, 11},
    {api_errc::cancelled, "cancelled", 409, 3},
};
[[nodiscard]] const api_error_row& row_of(api_errc value);

/// Ends a request; what() is the one line its caller reads.
class api_failure : public std::runtime_error {
  public:
    api_failure(api_errc code, const std::string& message) : std::runtime_error(message), code_(code) {}
    [[nodiscard]] api_errc code() const { return code_; }

  private:
    api_errc code_;
};

/// The exception under way as an api_failure: a store_error by its code, anything else as internal. Call it from a
/// catch block only.
[[nodiscard]] api_failure current_failure();

/// {"error": {"code", "message", "exit"}}
[[nodiscard]] boost::json::value error_body(const api_failure& failure);

}  // namespace persiscsi::daemon
