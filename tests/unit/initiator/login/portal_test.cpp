// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/login_options.hpp"

#include <gtest/gtest.h>

namespace persiscsi {
namespace {

TEST(portal, is_read_with_and_without_port) {
    EXPECT_EQ(parse_portal("192.0.2.7"), (portal{"192.0.2.7", 3260}));
    EXPECT_EQ(parse_portal("192.0.2.7:1"), (portal{"192.0.2.7", 1}));
    EXPECT_EQ(parse_portal("storage-1.example.com:65535"), (portal{"storage-1.example.com", 65535}));
    EXPECT_EQ(parse_portal("storage", 860), (portal{"storage", 860}));
}

TEST(portal, ipv6_stands_in_brackets) {
    EXPECT_EQ(parse_portal("[2001:db8::1]"), (portal{"2001:db8::1", 3260}));
    EXPECT_EQ(parse_portal("[::1]:3261"), (portal{"::1", 3261}));
    EXPECT_EQ(parse_portal("[fe80::1%eth0]:3261"), (portal{"fe80::1%eth0", 3261}));
    EXPECT_EQ(parse_portal("[::ffff:192.0.2.7]"), (portal{"::ffff:192.0.2.7", 3260}));
}

TEST(portal, anything_else_is_none) {
    for (const auto* text : {"",
                             ":3260",
                             "host:",
                             "host:0",
                             "host:65536",
                             "host:+1",
                             "host: 1",
                             "host:1:2",
                             "2001:db8::1",
                             "[::1",
                             "::1]",
                             "[]",
                             "[::1]3260",
                             "[::1]x:1",
                             "[::1]:",
                             "[host]:1",
                             "[192.0.2.7]:1",
                             "[fe80::1%]:1",
                             "[fe80::1%e/0]",
                             "ho st",
                             "host/x",
                             "-host",
                             ".host",
                             "999.1.1.1",
                             "1.2.3",
                             "user@host",
                             "h\xc3\xb6st"})
        EXPECT_EQ(parse_portal(text), std::nullopt) << text;
    EXPECT_EQ(parse_portal(std::string_view("ho\0st", 5)), std::nullopt);
    EXPECT_EQ(parse_portal(std::string(256, 'a')), std::nullopt);
    EXPECT_TRUE(parse_portal(std::string(255, 'a')));
}

TEST(portal, is_written_as_it_is_read) {
    for (const auto* text : {"192.0.2.7:3260", "[2001:db8::1]:3260", "storage.example:1"})
        EXPECT_EQ(to_string(parse_portal(text).value()), text);
}

TEST(target_address, has_an_optional_portal_group_tag) {
    EXPECT_EQ(parse_target_address("10.0.0.1:5003,1"), (target_address{{"10.0.0.1", 5003}, 1}));
    EXPECT_EQ(parse_target_address("[1080:0:0:0:8:800:200C:417A],65"),
              (target_address{{"1080:0:0:0:8:800:200C:417A", 3260}, 65}));
    EXPECT_EQ(parse_target_address("[1080::8:800:200C:417A]:5003,0"),
              (target_address{{"1080::8:800:200C:417A", 5003}, 0}));
    EXPECT_EQ(parse_target_address("computingcenter.example.com,0x17"),
              (target_address{{"computingcenter.example.com", 3260}, 23}));
    EXPECT_EQ(parse_target_address("10.0.0.1:0x138b,0bAQI="), (target_address{{"10.0.0.1", 5003}, 0x102}));
    EXPECT_EQ(parse_target_address("10.0.0.1"), (target_address{{"10.0.0.1", 3260}, std::nullopt}));
}

TEST(target_address, with_a_wrong_tag_or_portal_is_none) {
    for (const auto* text :
         {"", ",", ",1", "10.0.0.1,", "10.0.0.1,65536", "10.0.0.1,-1", "10.0.0.1,1,2", "10.0.0.1:0,1"})
        EXPECT_EQ(parse_target_address(text), std::nullopt) << text;
}

}  // namespace
}  // namespace persiscsi
