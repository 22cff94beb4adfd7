// SPDX-License-Identifier: Apache-2.0
#include "cli/cdb_text.hpp"

#include "cli/command_error.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

namespace persiscsi::cli {
namespace {

using words = std::vector<std::string>;
using test::from_hex;

std::string complaint_about(const words& cdb) {
    try {
        static_cast<void>(parse_cdb(cdb));
    } catch (const command_error& error) {
        EXPECT_EQ(error.code(), exit_code::usage);
        return error.what();
    }
    return "accepted";
}

TEST(cdb_text, takes_one_word_or_several_and_either_case) {
    const auto inquiry = from_hex("12 01 83 00 ff 00");
    for (const words& cdb : {words{"12018300FF00"},
                             words{"12", "01", "83", "00", "fF", "00"},
                             words{"12 01 83 00 ff 00"},
                             words{"12:01:83:00:ff:00"},
                             words{"1201", " 8300", "ff00 "}})
        EXPECT_EQ(parse_cdb(cdb), inquiry) << cdb.front();
}

TEST(cdb_text, takes_the_length_of_the_operation_code) {
    for (const char* cdb : {"000000000000",
                            "28000000000000000000",
                            "5e000000000000000000",
                            "88000000000000000000000000000000",
                            "a00000000000000000000000",
                            "c10000000000",
                            "c100000000000000000000",
                            "7f00000000000018000900000000000000000000000000000000000000000000"})
        EXPECT_EQ(complaint_about({cdb}), "accepted") << cdb;
    std::string longest = "7f000000000000fc0009";
    longest.resize(2 * 260, '0');
    EXPECT_EQ(parse_cdb(words{longest}).size(), 260U);
    EXPECT_EQ(parse_cdb(words{"7e" + std::string(2 * 259, '0')}).size(), 260U);
}

TEST(cdb_text, says_what_is_wrong_with_the_digits) {
    EXPECT_EQ(complaint_about({"12g0"}), "CDB: \"g\" at place 3 is no hexadecimal digit");
    EXPECT_EQ(complaint_about({"0x120000006000"}), "CDB: \"x\" at place 2 is no hexadecimal digit");
    EXPECT_EQ(complaint_about({"12\t"}), "CDB: \"\\x09\" at place 3 is no hexadecimal digit");
    EXPECT_EQ(complaint_about({"12000000600"}), "CDB: an odd number of hexadecimal digits (11)");
    EXPECT_EQ(complaint_about({"12", "0", "00"}), "CDB: byte 1 has one digit only; write two for each");
}

TEST(cdb_text, says_what_is_wrong_with_the_length) {
    EXPECT_EQ(complaint_about({""}), "CDB: 0 bytes; allowed are 6 to 260");
    EXPECT_EQ(complaint_about({"1200000060"}), "CDB: 5 bytes; allowed are 6 to 260");
    EXPECT_EQ(complaint_about({"c0" + std::string(2 * 260, '0')}), "CDB: 261 bytes; allowed are 6 to 260");
    EXPECT_EQ(complaint_about({"12000000600000"}), "CDB: 7 bytes, but operation code 12h wants 6");
    EXPECT_EQ(complaint_about({"280000000000000001"}), "CDB: 9 bytes, but operation code 28h wants 10");
    EXPECT_EQ(complaint_about({"880000000000"}), "CDB: 6 bytes, but operation code 88h wants 16");
    EXPECT_EQ(complaint_about({"a0000000000000000000"}), "CDB: 10 bytes, but operation code a0h wants 12");
    EXPECT_EQ(complaint_about({"7f000000000000180009"}), "CDB: 10 bytes, but byte 7 of operation code 7fh wants 32");
}

TEST(cdb_text, dumps_sixteen_bytes_a_line) {
    EXPECT_EQ(hex_dump({}), "");
    auto bytes = from_hex("00 41 7e 7f 80 20 1f 61 62 63 64 65 66 67 68 69 6a");
    EXPECT_EQ(hex_dump(bytes),
              "00000000  00 41 7e 7f 80 20 1f 61  62 63 64 65 66 67 68 69  |.A~.. .abcdefghi|\n"
              "00000010  6a                                                |j|\n");
    EXPECT_EQ(hex_of(bytes), "00417e7f80201f6162636465666768696a");
}

}  // namespace
}  // namespace persiscsi::cli
