// SPDX-License-Identifier: Apache-2.0
#include "cli/url.hpp"

#include "cli/command_error.hpp"

#include <gtest/gtest.h>

#include <string>

namespace persiscsi::cli {
namespace {

constexpr char iqn[] = "iqn.2024-01.com.example:disk1";

std::string complaint_about(const std::string& text) {
    try {
        static_cast<void>(parse_place(text));
    } catch (const command_error& error) {
        EXPECT_EQ(error.code(), exit_code::usage) << text;
        return error.what();
    }
    return "accepted";
}

target_url url_of(const std::string& text) {
    return parse_target_url(text);
}

TEST(url, has_user_host_port_target_and_lun) {
    const auto url = url_of("iscsi://backup%2Dhost@array.example:3261/iqn.2024-01.com.example:disk1/16383");
    EXPECT_EQ(url.user, "backup-host");
    EXPECT_EQ(url.portal, (portal{"array.example", 3261}));
    EXPECT_EQ(url.target, iqn);
    EXPECT_EQ(url.lun, 16383);
}

TEST(url, port_is_3260_and_lun_open_unless_given) {
    const auto url = url_of("iscsi://192.0.2.7/iqn.2024-01.com.example:disk1");
    EXPECT_EQ(url.portal, (portal{"192.0.2.7", 3260}));
    EXPECT_EQ(url.user, "");
    EXPECT_FALSE(url.lun);
}

TEST(url, ipv6_stands_in_brackets_with_or_without_port_and_zone) {
    EXPECT_EQ(url_of("iscsi://[2001:db8::7]/iqn.2024-01.com.example:a").portal, (portal{"2001:db8::7", 3260}));
    EXPECT_EQ(url_of("iscsi://[2001:db8::7]:860/iqn.2024-01.com.example:a/1").portal, (portal{"2001:db8::7", 860}));
    EXPECT_EQ(url_of("iscsi://[fe80::1%25eth0]/iqn.2024-01.com.example:a").portal.host, "fe80::1%eth0");
    EXPECT_EQ(url_of("iscsi://u@[::1]:1/iqn.2024-01.com.example:a").portal, (portal{"::1", 1}));
}

TEST(url, target_is_percent_decoded) {
    EXPECT_EQ(url_of("iscsi://h/iqn.2024-01.com.example%3Adisk1/0").target, iqn);
}

TEST(url, prints_without_its_user) {
    EXPECT_EQ(to_string(url_of("iscsi://someone@[::1]/iqn.2024-01.com.example:disk1/3")),
              "iscsi://[::1]:3260/iqn.2024-01.com.example:disk1/3");
}

TEST(url, session_place_has_an_id_and_maybe_a_lun) {
    EXPECT_EQ(parse_place("session:4000-01"), place(session_place{"4000-01", std::nullopt}));
    EXPECT_EQ(parse_place("session:4000-01/7"), place(session_place{"4000-01", 7}));
    EXPECT_EQ(complaint_about("session:"), "the session id is missing (character 9)");
    EXPECT_EQ(complaint_about("session:a/x"), "LUN \"x\" is not a number from 0 to 16383 (character 11)");
    EXPECT_EQ(complaint_about("session:" + std::string(65, 'a')),
              "the session id is longer than 64 characters (character 9)");
}

struct wrong_url {
    const char* text;
    const char* complaint;
};

class refused_url : public testing::TestWithParam<wrong_url> {};

TEST_P(refused_url, names_reason_and_position) {
    EXPECT_EQ(complaint_about(GetParam().text), GetParam().complaint);
}

INSTANTIATE_TEST_SUITE_P(
    url,
    refused_url,
    testing::Values(
        wrong_url{"", "a URL begins with iscsi:// (character 1)"},
        wrong_url{"http://h/iqn.2024-01.com.example:a", "a URL begins with iscsi:// (character 1)"},
        wrong_url{"iscsi:///iqn.2024-01.com.example:a", "the host is missing (character 9)"},
        wrong_url{"iscsi://h", "the target's name is missing: /iqn… after the host (character 10)"},
        wrong_url{"iscsi://h/", "the target's name is missing (character 11)"},
        wrong_url{"iscsi://h//0", "the target's name is missing (character 11)"},
        wrong_url{"iscsi://h/disk1", "target: does not begin with iqn., eui. or naa. (character 11)"},
        wrong_url{"iscsi://h:0/iqn.2024-01.com.example:a", "port \"0\" is not a number from 1 to 65535 (character 11)"},
        wrong_url{"iscsi://h:65536/iqn.2024-01.com.example:a",
                  "port \"65536\" is not a number from 1 to 65535 (character 11)"},
        wrong_url{"iscsi://h:/iqn.2024-01.com.example:a", "port \"\" is not a number from 1 to 65535 (character 11)"},
        wrong_url{"iscsi://h:3260x/iqn.2024-01.com.example:a",
                  "port \"3260x\" is not a number from 1 to 65535 (character 11)"},
        wrong_url{"iscsi://h:-1/iqn.2024-01.com.example:a",
                  "port \"-1\" is not a number from 1 to 65535 (character 11)"},
        wrong_url{"iscsi://::1/iqn.2024-01.com.example:a", "an IPv6 address must stand in brackets (character 9)"},
        wrong_url{"iscsi://[::1/iqn.2024-01.com.example:a", "] is missing after the IPv6 address (character 13)"},
        wrong_url{"iscsi://[::g]/iqn.2024-01.com.example:a", "\"::g\" is not an IPv6 address (character 10)"},
        wrong_url{"iscsi://[192.0.2.7]/iqn.2024-01.com.example:a",
                  "\"192.0.2.7\" is not an IPv6 address (character 10)"},
        wrong_url{"iscsi://[::1]x/iqn.2024-01.com.example:a", "only a :port may follow the ] (character 14)"},
        wrong_url{"iscsi://192.0.2.256/iqn.2024-01.com.example:a",
                  "\"192.0.2.256\" is not an IPv4 address (character 9)"},
        wrong_url{"iscsi://a b/iqn.2024-01.com.example:a", "a character that no host name has (character 10)"},
        wrong_url{"iscsi://h/iqn.2024-01.com.example:a/", "LUN \"\" is not a number from 0 to 16383 (character 37)"},
        wrong_url{"iscsi://h/iqn.2024-01.com.example:a/16384",
                  "LUN \"16384\" is not a number from 0 to 16383 (character 37)"},
        wrong_url{"iscsi://h/iqn.2024-01.com.example:a/1/2",
                  "LUN \"1/2\" is not a number from 0 to 16383 (character 37)"},
        wrong_url{"iscsi://h/iqn.2024-01.com.example:a/+1",
                  "LUN \"+1\" is not a number from 0 to 16383 (character 37)"},
        wrong_url{"iscsi://h/iqn.2024-01.com.example%3",
                  "no two hexadecimal digits after % in the target's name "
                  "(character 34)"},
        wrong_url{"iscsi://h/iqn.2024-01.com.example:%00",
                  "a space or control character in the target's name "
                  "(character 35)"},
        wrong_url{"iscsi://@h/iqn.2024-01.com.example:a", "the user before @ is empty (character 9)"}));

TEST(url, secret_in_it_is_refused_and_not_repeated) {
    for (const std::string text : {"iscsi://user:hunter2secret@h/iqn.2024-01.com.example:a",
                                   "iscsi://user:hunter2@secret@h/iqn.2024-01.com.example:a",
                                   "iscsi://user:hunter2/secret@h/iqn.2024-01.com.example:a",
                                   "iscsi://user/hunter2secret@h/iqn.2024-01.com.example:a",
                                   "iscsi://user%hunter2secret@h/iqn.2024-01.com.example:a",
                                   "iscsi://h/iqn.2024-01.com.example:a?target_password=hunter2secret"}) {
        const auto complaint = complaint_about(text);
        EXPECT_NE(complaint, "accepted") << text;
        EXPECT_EQ(complaint.find("hunter2"), complaint.npos) << complaint;
        EXPECT_EQ(complaint.find("secret@"), complaint.npos) << complaint;
        EXPECT_EQ(complaint.find("password="), complaint.npos) << complaint;
    }
}

TEST(url, over_long_one_is_refused_by_its_size) {
    EXPECT_EQ(complaint_about("iscsi://h/iqn.2024-01.com.example:" + std::string(3000, 'a')),
              "the URL is 3034 bytes long, the most is 2048");
    EXPECT_NE(complaint_about("iscsi://h/iqn.2024-01.com.example:" + std::string(300, 'a')), "accepted");
    EXPECT_NE(complaint_about("iscsi://" + std::string(300, 'h') + "/iqn.2024-01.com.example:a"), "accepted");
}

TEST(address, has_a_host_and_maybe_a_port) {
    EXPECT_EQ(parse_address("192.0.2.7"), (portal{"192.0.2.7", 3260}));
    EXPECT_EQ(parse_address("array:1"), (portal{"array", 1}));
    EXPECT_EQ(parse_address("[::1]:3261"), (portal{"::1", 3261}));
    EXPECT_EQ(parse_address("[::1]"), (portal{"::1", 3260}));
    EXPECT_EQ(parse_address("::1"), (portal{"::1", 3260}));
    EXPECT_THROW(static_cast<void>(parse_address("user@h")), command_error);
    EXPECT_THROW(static_cast<void>(parse_address("")), command_error);
    EXPECT_THROW(static_cast<void>(parse_address("h:0")), command_error);
}

}  // namespace
}  // namespace persiscsi::cli
