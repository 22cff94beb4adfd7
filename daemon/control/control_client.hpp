// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::control {

/// Why there was no answer of the control API.
enum class control_failure {
    unreachable,  ///< no socket, or nobody listens on it
    permission,   ///< the operating system does not let us open the socket
    timeout,      ///< no whole answer before the deadline
    protocol,     ///< the connection broke, or the answer is not what the API promises
};
[[nodiscard]] std::string_view to_string(control_failure kind);

/// what() is one line that names operation, socket and reason.
class control_error : public std::runtime_error {
  public:
    control_error(control_failure kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
    [[nodiscard]] control_failure kind() const { return kind_; }

  private:
    control_failure kind_;
};

/// The body of every answer that is not a 2xx.
struct api_error {
    std::string code;
    std::string message;
    int exit = 1;  ///< the exit code a command ends with
};

struct response {
    unsigned status = 0;      ///< of HTTP
    boost::json::value body;  ///< null where the answer has none

    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

struct raw_response {
    unsigned status = 0;
    std::string content_type;
    std::vector<std::byte> body;

    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

/// What a not-ok answer says. A body that is not the API's error is described as such, never trusted.
[[nodiscard]] api_error error_of(const response& answer);
[[nodiscard]] api_error error_of(const raw_response& answer);

/// A caller of the daemon's control API over its Unix socket. Blocking, one call at a time; the connection is kept
/// between calls. No call is ever repeated by itself: after control_error the daemon may or may not have acted.
class control_client {
  public:
    /// Bytes of one answer we are ready to take.
    static constexpr std::size_t max_answer = std::size_t{64} << 20;

    /// Does not connect yet.
    explicit control_client(std::filesystem::path socket);
    ~control_client();
    control_client(control_client&&) noexcept;
    control_client& operator=(control_client&&) noexcept;

    /// How much longer than the deadline we wait for the daemon to say what was not done in time.
    static constexpr std::chrono::milliseconds grace{1000};

    /// One request. `target` starts with "/v1/"; a `body` of null sends none. The deadline is told to the daemon as
    /// Persiscsi-Deadline-Ms; with `grace` it covers everything from the connect on. Throws control_error; an HTTP
    /// status, whichever, is an answer and no exception.
    response call(std::string_view method,
                  std::string_view target,
                  const boost::json::value& body,
                  std::chrono::milliseconds deadline);

    /// The same with bytes instead of JSON: `body` goes out as application/octet-stream when it is present.
    raw_response call_raw(std::string_view method,
                          std::string_view target,
                          std::optional<std::span<const std::byte>> body,
                          std::chrono::milliseconds deadline);

  private:
    struct connection;
    std::unique_ptr<connection> connection_;
};

}  // namespace persiscsi::control
