// SPDX-License-Identifier: Apache-2.0
#include "daemon/request_rate.hpp"

#include "daemon/api_failure.hpp"

#include <algorithm>

namespace persiscsi::daemon {
namespace {

constexpr std::size_t many_users = 1024;

}  // namespace

void request_rate::count(::uid_t who, time_point now) {
    forget_idle(now);
    auto& paid = paid_until_[who];
    const auto next = std::max(paid, now) + interval_;
    if (next > now + burst_ * interval_)
        throw api_failure(api_errc::too_many_requests,
                          "call the control API: more than " + std::to_string(a_second_) +
                              " requests a second by uid " + std::to_string(who) + "; try again in a second");
    paid = next;
}

void request_rate::forget_idle(time_point now) {
    if (paid_until_.size() < many_users) return;
    std::erase_if(paid_until_, [now](const auto& entry) { return entry.second <= now; });
}

}  // namespace persiscsi::daemon
