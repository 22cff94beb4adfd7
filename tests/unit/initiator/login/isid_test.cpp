// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/isid.hpp"

#include "tests/unit/initiator/login/scripted_login.hpp"

#include <gtest/gtest.h>

namespace persiscsi {
namespace {

TEST(isid, random_isid_has_format_10b_24_random_bits_and_the_qualifier) {
    EXPECT_EQ(random_isid(test::counting(), 0xabcd), static_cast<pdu::isid>(0x80'010203'abcd));
    EXPECT_EQ(random_isid(test::counting()), static_cast<pdu::isid>(0x80'010203'0000));
}

TEST(isid, all_random_bits_set_leave_the_format_alone) {
    const auto ones = [](std::span<std::byte> bytes) {
        for (auto& byte : bytes) byte = std::byte{0xff};
    };
    EXPECT_EQ(random_isid(ones, 0xffff), static_cast<pdu::isid>(0x80'ffffff'ffff));
}

}  // namespace
}  // namespace persiscsi
