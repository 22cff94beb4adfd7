// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/verdict.hpp"

#include "initiator/scsi/errors.hpp"

#include <gtest/gtest.h>

#include <map>

namespace persiscsi::scsi {
namespace {

using enum verdict;

constexpr unsigned read_10 = 0x28;

sense_data sense(sense_key key, unsigned asc = 0, unsigned ascq = 0) {
    return {.key = key, .asc = static_cast<std::uint8_t>(asc), .ascq = static_cast<std::uint8_t>(ascq)};
}

verdict checked(const sense_data& reported, unsigned operation_code = read_10) {
    return after(status::check_condition, reported, static_cast<std::uint8_t>(operation_code));
}

TEST(verdict, of_every_status_without_sense_is_in_the_table_and_the_others_are_reported) {
    const std::map<unsigned, verdict> table = {
        {0x00, done},
        {0x02, report},
        {0x04, done},
        {0x08, again_later},
        {0x18, report},
        {0x28, again_later},
        {0x30, report},
        {0x40, again_later},
    };
    for (unsigned code = 0; code < 256; ++code) {
        const auto row = table.find(code);
        const auto expected = row == table.end() ? report : row->second;
        EXPECT_EQ(after(static_cast<status>(code), std::nullopt), expected) << code;
        if (code == 0x02) continue;
        EXPECT_EQ(after(static_cast<status>(code), sense(sense_key::unit_attention, 0x29)), expected)
            << code << ": sense counts for CHECK CONDITION only";
    }
}

/// The policy once more, in other words than the code's.
verdict expected_of(const sense_data& reported) {
    const auto code = static_cast<unsigned>(reported.asc) << 8U | reported.ascq;
    if (reported.deferred) return report;
    switch (reported.key) {
        case sense_key::recovered_error:
            return done;
        case sense_key::unit_attention:
            return reported.asc == 0x28 ? report : again_at_once;
        case sense_key::not_ready:
            return code == 0x0401 || code == 0x0407 || code == 0x040a || code == 0x0414 || code == 0x041a ||
                           code == 0x041d
                       ? again_later
                       : report;
        case sense_key::aborted_command:
            return reported.asc == 0x10 || reported.asc == 0x4e ? report : again_at_once;
        default:
            return report;
    }
}

TEST(verdict, of_every_sense_key_and_code_is_the_policys) {
    std::map<verdict, unsigned> met;
    for (unsigned key = 0; key < 16; ++key)
        for (unsigned code = 0; code < 0x10000; ++code)
            for (const bool deferred : {false, true}) {
                auto reported = sense(static_cast<sense_key>(key), code >> 8U, code & 0xffU);
                reported.deferred = deferred;
                const auto found = checked(reported);
                ASSERT_EQ(found, expected_of(reported)) << key << ", " << code << ", " << deferred;
                ASSERT_EQ(found == done, !to_error(status::check_condition, reported)) << key << ", " << code;
                ++met[found];
            }
    EXPECT_EQ(met.size(), 4U);
}

TEST(verdict, of_what_lacks_readiness_is_test_unit_readys_answer_and_no_reason_to_wait) {
    for (const unsigned ascq : {0x01U, 0x0aU}) {
        EXPECT_EQ(checked(sense(sense_key::not_ready, 0x04, ascq)), again_later);
        EXPECT_EQ(checked(sense(sense_key::not_ready, 0x04, ascq), 0x00), report);
    }
    EXPECT_EQ(checked(sense(sense_key::unit_attention, 0x29), 0x00), again_at_once);
    EXPECT_EQ(after(status::busy, std::nullopt, 0x00), again_later);
}

}  // namespace
}  // namespace persiscsi::scsi
