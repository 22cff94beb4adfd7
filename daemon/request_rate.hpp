// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <sys/types.h>

namespace persiscsi::daemon {

/// Bounds how many requests each user makes, so that one who runs wild leaves the daemon to the others. Takes time as
/// an argument.
class request_rate {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `a_second` in the long run, `burst` at once; both at least 1.
    request_rate(std::uint32_t a_second, std::uint32_t burst)
        : a_second_(a_second), interval_(std::chrono::nanoseconds(std::chrono::seconds(1)) / a_second), burst_(burst) {}

    /// Counts one request. Throws api_failure too_many_requests for one beyond the bound, which is not counted.
    void count(::uid_t who, time_point now);

    /// Users that are remembered: those of the last moments only.
    [[nodiscard]] std::size_t users() const { return paid_until_.size(); }

  private:
    void forget_idle(time_point now);

    std::uint32_t a_second_;
    std::chrono::nanoseconds interval_;  // that one request uses up
    std::uint32_t burst_;
    std::map<::uid_t, time_point> paid_until_;  // later than now: how far ahead of the allowed rate the user is
};

}  // namespace persiscsi::daemon
