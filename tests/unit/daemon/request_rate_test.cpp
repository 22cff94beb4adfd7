// SPDX-License-Identifier: Apache-2.0
#include "daemon/request_rate.hpp"

#include "daemon/api_failure.hpp"

#include <gtest/gtest.h>

namespace persiscsi::daemon {
namespace {

using std::chrono::milliseconds;

constexpr ::uid_t alice = 1000;
constexpr ::uid_t bob = 1001;
constexpr request_rate::time_point start{std::chrono::hours(1)};

bool is_refused(request_rate& rate, ::uid_t who, request_rate::time_point now) {
    try {
        rate.count(who, now);
        return false;
    } catch (const api_failure& failure) {
        EXPECT_EQ(failure.code(), api_errc::too_many_requests);
        EXPECT_NE(std::string(failure.what()).find("more than 10 requests a second by uid " + std::to_string(who)),
                  std::string::npos)
            << failure.what();
        return true;
    }
}

TEST(request_rate, refuses_what_goes_beyond_the_burst) {
    request_rate rate(10, 3);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(is_refused(rate, alice, start));
    EXPECT_TRUE(is_refused(rate, alice, start));
    EXPECT_FALSE(is_refused(rate, bob, start)) << "each user has a rate of its own";
}

TEST(request_rate, a_refused_request_is_not_counted) {
    request_rate rate(10, 1);
    EXPECT_FALSE(is_refused(rate, alice, start));
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(is_refused(rate, alice, start + milliseconds(99)));
    EXPECT_FALSE(is_refused(rate, alice, start + milliseconds(100)));
}

TEST(request_rate, serves_the_rate_for_ever) {
    request_rate rate(10, 1);
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(is_refused(rate, alice, start + i * milliseconds(100)));
}

TEST(request_rate, forgets_users_who_are_gone) {
    request_rate rate(10, 1);
    for (::uid_t who = 0; who < 5000; ++who) rate.count(who, start + who * milliseconds(100));
    EXPECT_LE(rate.users(), 1025U);
}

}  // namespace
}  // namespace persiscsi::daemon
