// SPDX-License-Identifier: Apache-2.0
#include "persistence/records.hpp"

#include "persistence/login_rules.hpp"
#include "persistence/record_rows.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace persiscsi::persistence {
namespace {

TEST(records, registration_id_prints_and_parses_back) {
    for (const std::int64_t value : {std::int64_t{1}, std::int64_t{17}, std::numeric_limits<std::int64_t>::max()}) {
        const registration_id id{value};
        EXPECT_EQ(parse_registration_id(to_string(id)), id);
    }
    EXPECT_EQ(to_string(registration_id{17}), "reg-17");
}

TEST(records, registration_id_parses_nothing_but_what_it_prints) {
    for (const std::string_view text : {"",
                                        "reg",
                                        "reg-",
                                        "17",
                                        "reg-0",
                                        "reg-017",
                                        "reg--1",
                                        "reg-+1",
                                        "reg-1 ",
                                        " reg-1",
                                        "REG-1",
                                        "reg-1x",
                                        "reg-*",
                                        "reg-9223372036854775808",
                                        "reg-99999999999999999999999"}) {
        EXPECT_EQ(parse_registration_id(text), std::nullopt) << text;
    }
    EXPECT_EQ(parse_registration_id(std::string_view("reg-1\0", 6)), std::nullopt);
}

TEST(records, session_id_prints_both_halves_with_leading_zeros) {
    const session_id id{0xffffe00112345678, 0x13700000001};
    EXPECT_EQ(to_string(id), "ffffe00112345678-0000013700000001");
    EXPECT_EQ(parse_session_id("ffffe00112345678-0000013700000001"), id);
    EXPECT_EQ(parse_session_id("FFFFE00112345678-0000013700000001"), id);
    std::ostringstream out;
    out << id << ' ' << registration_id{3};
    EXPECT_EQ(out.str(), "ffffe00112345678-0000013700000001 reg-3");
}

TEST(records, session_id_parses_nothing_but_what_it_prints) {
    for (const std::string_view text : {"",
                                        "-",
                                        "ffffe00112345678",
                                        "ffffe00112345678-000001370000000",
                                        "ffffe00112345678-00000137000000012",
                                        "ffffe00112345678_0000013700000001",
                                        "+fffe00112345678-0000013700000001",
                                        "-fffe00112345678-0000013700000001",
                                        "0xffe00112345678-0000013700000001",
                                        " fffe00112345678-0000013700000001",
                                        "ffffe0011234567g-0000013700000001",
                                        "****************-****************"}) {
        EXPECT_EQ(parse_session_id(text), std::nullopt) << text;
    }
}

TEST(records, wishes_and_policies_are_spelt_as_documented) {
    EXPECT_EQ(to_string(digest_wish::prefer), "prefer");
    EXPECT_EQ(parse_digest_wish("crc32c"), digest_wish::crc32c);
    EXPECT_EQ(parse_digest_wish("CRC32C"), std::nullopt);
    EXPECT_EQ(to_string(recovery_policy::wait_for_ever), "wait_for_ever");
    EXPECT_EQ(parse_recovery_policy("fail_after"), recovery_policy::fail_after);
    EXPECT_EQ(parse_recovery_policy("fail_at_once"), recovery_policy::fail_at_once);
    EXPECT_EQ(parse_recovery_policy(""), std::nullopt);
}

TEST(records, packed_pairs_refuse_every_truncation) {
    const key_values pairs{{"a", "1:b,"}, {"", ""}};
    const auto packed = pack_pairs(pairs);
    EXPECT_EQ(unpack_pairs(packed), pairs);
    const auto first_pair = pack_pairs({pairs.front()}).size();
    for (std::size_t size = 1; size < packed.size(); ++size) {
        if (size == first_pair) continue;
        EXPECT_EQ(unpack_pairs(packed.substr(0, size)), std::nullopt) << size;
    }
}

TEST(records, packed_pairs_refuse_foreign_lengths) {
    for (const std::string_view text : {"1:a,",
                                        "-1:a,1:b,",
                                        "01:a,1:b,",
                                        "99999999999999999999:a,1:b,",
                                        "65537:a,1:b,",
                                        "1a,1:b,",
                                        ":,:,",
                                        "1:a;1:b,",
                                        "x",
                                        "2:a,1:b,"}) {
        EXPECT_EQ(unpack_pairs(text), std::nullopt) << text;
    }
}

TEST(records, are_read_only_as_they_were_written) {
    stored_session written{1, {{0, 0xa}, {}, std::nullopt, "boot-1", {}}};
    written.session.login.target = written.session.login.portal_host = written.session.login.initiator_name = "x";
    auto values = to_row(written);
    stored_session read;
    EXPECT_NO_THROW(from_row(values, read));
    values.at(1) = std::string("0000000000000000-000000000000000A");
    EXPECT_THROW(from_row(values, read), row_fault);
}

}  // namespace
}  // namespace persiscsi::persistence
