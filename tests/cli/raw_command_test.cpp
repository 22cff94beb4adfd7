// SPDX-License-Identifier: Apache-2.0
#include "cli/raw_command.hpp"

#include "tests/unit/pdu/bytes.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace persiscsi::cli {
namespace {

using test::from_hex;

raw_command read_of(std::size_t wanted, std::size_t came) {
    raw_command command;
    command.cdb = from_hex("28 00 00 00 00 00 00 00 01 00");
    command.data_in.resize(wanted, std::byte{0x41});
    command.outcome.data_in_size = came;
    return command;
}

TEST(raw_command, of_a_read_tells_what_came_and_what_did_not) {
    auto command = read_of(4, 3);
    command.outcome.underflow = true;
    command.outcome.residual_count = 1;
    EXPECT_EQ(to_text(command), "READ (10): GOOD\ndata in: 3 of 4 bytes, underflow: 1 bytes were not used\n");
    const auto expected = boost::json::parse(
        R"json({"command":"READ (10)","cdb":"28000000000000000100","status":0,"status_name":"GOOD","sense":null,
                "data_in":{"requested":4,"residual":1,"overflow":false,"underflow":true,"received":3,"data":"414141"},
                "data_out":null})json");
    EXPECT_EQ(to_json(command, true), expected);
    EXPECT_TRUE(to_json(command, false).at("data_in").at("data").is_null());
}

TEST(raw_command, of_an_overflow_tells_how_much_more_there_was) {
    auto command = read_of(4, 4);
    command.outcome.overflow = true;
    command.outcome.residual_count = 508;
    EXPECT_EQ(to_text(command), "READ (10): GOOD\ndata in: 4 of 4 bytes, overflow: 508 bytes more were wanted\n");
    auto nothing_offered = read_of(0, 0);
    nothing_offered.outcome.overflow = true;
    nothing_offered.outcome.residual_count = 512;
    EXPECT_EQ(to_text(nothing_offered),
              "READ (10): GOOD\ndata in: 0 of 0 bytes, overflow: 512 bytes more were wanted\n");
    EXPECT_EQ(to_text(read_of(0, 0)), "READ (10): GOOD\n");
}

TEST(raw_command, of_both_ways_has_a_residual_each) {
    auto command = read_of(8, 6);
    command.cdb = from_hex("53 00 00 00 00 00 00 00 01 00");
    command.data_out.resize(10);
    command.outcome.overflow = true;
    command.outcome.residual_count = 502;
    command.outcome.bidi_read_underflow = true;
    command.outcome.bidi_read_residual_count = 2;
    EXPECT_EQ(to_text(command),
              "XDWRITEREAD (10): GOOD\n"
              "data out: 10 bytes offered, overflow: 502 bytes more were wanted\n"
              "data in: 6 of 8 bytes, underflow: 2 bytes were not used\n");
    const auto document = to_json(command, false);
    const auto out = boost::json::parse(R"json({"offered":10,"residual":502,"overflow":true,"underflow":false})json");
    EXPECT_EQ(document.at("data_out"), out);
    EXPECT_EQ(document.at("data_in").at("residual"), 2);
    EXPECT_EQ(document.at("data_in").at("underflow"), true);
}

TEST(raw_command, of_a_write_has_no_data_in) {
    raw_command command;
    command.cdb = from_hex("c1 00 00 00 00 00");
    command.data_out.resize(512);
    EXPECT_EQ(to_text(command), "operation code c1h: GOOD\ndata out: 512 bytes offered\n");
    EXPECT_TRUE(to_json(command, true).at("data_in").is_null());
    EXPECT_TRUE(to_json(command, true).at("command").is_null());
}

TEST(raw_command, sense_data_are_decoded_and_shown_as_they_came) {
    auto command = read_of(0, 0);
    command.outcome.status = 0x02;
    command.outcome.sense = from_hex("f0 00 05 00 00 12 34 0a 00 00 00 00 21 00 00 00 00 00");
    EXPECT_EQ(command.ending(),
              "CHECK CONDITION, ILLEGAL REQUEST, logical block address out of range (21/00), information 4660");
    const auto sense = boost::json::parse(
        R"json({"key":5,"asc":33,"ascq":0,"deferred":false,"information":4660,
                "text":"ILLEGAL REQUEST, logical block address out of range (21/00)",
                "bytes":"f00005000012340a00000000210000000000"})json");
    EXPECT_EQ(to_json(command, true).at("sense"), sense);
    command.outcome.sense = from_hex("00 01");
    EXPECT_EQ(command.ending(), "CHECK CONDITION, sense that cannot be read: 0001");
    EXPECT_TRUE(to_json(command, true).at("sense").at("key").is_null());
    command.outcome.status = 0x22;
    command.outcome.sense.clear();
    EXPECT_EQ(command.ending(), "status 22h");
}

TEST(raw_command, never_shows_more_than_its_memory_holds) {
    EXPECT_EQ(read_of(4, 100).received().size(), 4U);
}

}  // namespace
}  // namespace persiscsi::cli
