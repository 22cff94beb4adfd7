// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/iscsi_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi {
namespace {

using testing::HasSubstr;

TEST(iscsi_name, the_three_formats_of_the_rfc_are_names) {
    for (const auto* name : {"iqn.2001-04.com.example",
                             "iqn.2001-04.com.example:storage:diskarrays-sn-a8675309",
                             "iqn.1992-08.com.netapp:sn.1234_5",
                             "iqn.2001-04.com.example:\xc3\xa9",
                             "eui.02004567A425678D",
                             "naa.52004567BA64678D",
                             "naa.62004567BA64678D0123456789ABCDEF"})
        EXPECT_EQ(iscsi_name_fault(name), "") << name;
}

TEST(iscsi_name, what_is_wrong_is_said) {
    EXPECT_EQ(iscsi_name_fault(""), "is empty");
    EXPECT_THAT(iscsi_name_fault("disk1"), HasSubstr("does not begin with iqn."));
    EXPECT_THAT(iscsi_name_fault("IQN.2001-04.com.example"), HasSubstr("does not begin with iqn."));
    for (const auto* name : {"iqn.",
                             "iqn.2001-04",
                             "iqn.2001-04.",
                             "iqn.201-04.com.example",
                             "iqn.2001_04.com.example",
                             "iqn.2001-04:x",
                             "iqn.2001-04..x",
                             "iqn.2001-04.:x"})
        EXPECT_THAT(iscsi_name_fault(name), HasSubstr("yyyy-mm")) << name;
    EXPECT_EQ(iscsi_name_fault("iqn.2001-13.com.example"), "has month 13");
    EXPECT_EQ(iscsi_name_fault("iqn.2001-00.com.example"), "has month 00");
    EXPECT_THAT(iscsi_name_fault("eui.02004567A425678"), HasSubstr("16 hexadecimal digits"));
    EXPECT_THAT(iscsi_name_fault("eui.02004567A425678G"), HasSubstr("16 hexadecimal digits"));
    EXPECT_THAT(iscsi_name_fault("naa.52004567BA64678D0"), HasSubstr("16 or 32 hexadecimal digits"));
}

TEST(iscsi_name, characters_that_could_be_mistaken_are_refused) {
    EXPECT_EQ(iscsi_name_fault("iqn.2001-04.com.example:a b"), "has the character ' '");
    EXPECT_EQ(iscsi_name_fault("iqn.2001-04.com.example:a/b"), "has the character '/'");
    EXPECT_EQ(iscsi_name_fault("iqn.2001-04.com.example:a*"), "has the character '*'");
    EXPECT_EQ(iscsi_name_fault("iqn.2001-04.com.example\n"), "has the character '\\x0a'");
    EXPECT_EQ(iscsi_name_fault(std::string_view("iqn.2001-04.com\0", 16)), "has the character '\\x00'");
}

TEST(iscsi_name, above_ascii_is_utf_8) {
    const std::string start = "iqn.2001-04.com.example:";
    for (const auto* good : {"\xc2\x80",
                             "\xdf\xbf",
                             "\xe0\xa0\x80",
                             "\xed\x9f\xbf",
                             "\xee\x80\x80",
                             "\xf0\x90\x80\x80",
                             "\xf4\x8f\xbf\xbf"})
        EXPECT_EQ(iscsi_name_fault(start + good + "a"), "");
    for (const auto* bad : {"\x80",      // begins nothing
                            "\xc0\x80",  // overlong
                            "\xc1\xbf",
                            "\xe0\x9f\xbf",
                            "\xf0\x8f\xbf\xbf",
                            "\xed\xa0\x80",      // a surrogate
                            "\xf4\x90\x80\x80",  // above U+10FFFF
                            "\xf5\x80\x80\x80",
                            "\xff",
                            "\xc3",  // cut
                            "\xe2\x82",
                            "\xc3\xc3",
                            "\xe2\x82\x28",
                            "\xf0\x9f\x98\x28"}) {
        EXPECT_NE(iscsi_name_fault(start + bad), "");
        EXPECT_NE(iscsi_name_fault(start + bad + "a"), "");
    }
    EXPECT_EQ(iscsi_name_fault(start + "\xff"), "is not UTF-8");
}

TEST(iscsi_name, has_223_bytes_at_most) {
    const std::string start = "iqn.2001-04.com.example:";
    EXPECT_EQ(iscsi_name_fault(start + std::string(223 - start.size(), 'a')), "");
    EXPECT_EQ(iscsi_name_fault(start + std::string(224 - start.size(), 'a')), "has 224 bytes, allowed 223");
}

}  // namespace
}  // namespace persiscsi
