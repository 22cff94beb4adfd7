// SPDX-License-Identifier: Apache-2.0
// Random bytes against every parser of the room; the sanitizer builds see each read outside of them. Fixed seed.
#include "initiator/scsi/capacity.hpp"
#include "initiator/scsi/inquiry.hpp"
#include "initiator/scsi/mode_sense.hpp"
#include "initiator/scsi/report_luns.hpp"
#include "initiator/scsi/sense.hpp"
#include "initiator/scsi/vpd.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

namespace persiscsi::scsi {
namespace {

TEST(hostile_replies, no_parser_gives_more_than_it_was_given) {
    std::mt19937 generator(3720);
    static constexpr unsigned response_codes[] = {0x70, 0x71, 0x72, 0x73, 0xf0};
    static constexpr unsigned pages[] = {0x00, 0x80, 0x83, 0xb0, 0xb2};
    for (int i = 0; i < 100000; ++i) {
        auto reply = test::random_bytes(generator, generator() % 80);
        const auto size = reply.size();
        if (const auto luns = parse_report_luns(reply); !luns.error) {
            ASSERT_LE(luns.value.luns.size() * 8, size);
        }
        if (const auto disk = parse_capacity_16(reply); !disk.error) {
            ASSERT_LE(disk.value.blocks, INT64_MAX / disk.value.block_size);
        }
        ASSERT_EQ(static_cast<bool>(parse_capacity_10(reply).error), !parse_capacity_10(reply).detail.empty());
        ASSERT_EQ(static_cast<bool>(parse_mode_sense_6(reply).error), size < 4);
        ASSERT_EQ(static_cast<bool>(parse_mode_sense_10(reply).error), size < 8);
        const auto inquiry = parse_inquiry(reply);
        ASSERT_EQ(static_cast<bool>(inquiry.error), size < 5);
        ASSERT_LE(inquiry.value.product.size(), 16U);
        if (size < 4) continue;

        reply[0] = static_cast<std::byte>(response_codes[generator() % 5]);
        const auto sense = parse_sense(reply);
        ASSERT_TRUE(sense);
        ASSERT_LT(describe(*sense).size(), 120U);
        (void)parse_response_sense(reply);

        reply[1] = static_cast<std::byte>(pages[generator() % 5]);
        reply[2] = std::byte{0};
        ASSERT_LE(parse_supported_pages(reply).value.size(), size - 4);
        ASSERT_LE(parse_unit_serial_number(reply).value.size(), size - 4);
        (void)parse_block_limits(reply);
        (void)parse_block_provisioning(reply);
        std::size_t named = 0;
        for (const auto& one : parse_device_identification(reply).value) {
            named += 4 + one.bytes.size();
            ASSERT_LE(to_string(one).size(), 10 + 2 * one.bytes.size());
        }
        ASSERT_LE(named, size - 4);
    }
}

}  // namespace
}  // namespace persiscsi::scsi
