// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/cdb.hpp"

#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace persiscsi::scsi {
namespace {

/// The bytes that are sent; what is behind them must be zero (RFC 7143 §11.3.5).
test::bytes bytes_of(const cdb& command) {
    EXPECT_TRUE(std::all_of(
        command.bytes.begin() + command.size, command.bytes.end(), [](std::byte b) { return b == std::byte{0}; }));
    return {command.bytes.begin(), command.bytes.begin() + command.size};
}

struct cdb_example {
    cdb built;
    const char* bytes;
};

TEST(cdb, every_builder_writes_the_bytes_of_its_command) {
    const cdb_example examples[] = {
        {test_unit_ready(), "00 00 00 00 00 00"},
        {request_sense(252), "03 00 00 00 fc 00"},
        {inquiry(0x1234), "12 00 00 12 34 00"},
        {inquiry_vpd(0x83, 0x1234), "12 01 83 12 34 00"},
        {report_luns(0x12345678), "a0 00 00 00 00 00 12 34 56 78 00 00"},
        {mode_sense_6(mode_page::caching, 192), "1a 08 08 00 c0 00"},
        {mode_sense_10(mode_page::all, 0x1234), "5a 08 3f 00 00 00 00 12 34 00"},
        {read_capacity_10(), "25 00 00 00 00 00 00 00 00 00"},
        {read_capacity_16(32), "9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00"},
        {read_10(lba{0x12345678}, block_count{0x9abc}), "28 00 12 34 56 78 00 9a bc 00"},
        {read_10(lba{1}, block_count{2}, {.fua = true}), "28 08 00 00 00 01 00 00 02 00"},
        {read_16(lba{0x123456789abcdef0}, block_count{0x11223344}), "88 00 12 34 56 78 9a bc de f0 11 22 33 44 00 00"},
        {write_10(lba{0x12345678}, block_count{0x9abc}, {.fua = true}), "2a 08 12 34 56 78 00 9a bc 00"},
        {write_16(lba{0x123456789abcdef0}, block_count{0x11223344}, {.fua = true}),
         "8a 08 12 34 56 78 9a bc de f0 11 22 33 44 00 00"},
        {synchronize_cache_10(), "35 00 00 00 00 00 00 00 00 00"},
        {synchronize_cache_10(lba{0x12345678}, block_count{0x9abc}), "35 00 12 34 56 78 00 9a bc 00"},
        {synchronize_cache_16(lba{0x123456789abcdef0}, block_count{0x11223344}),
         "91 00 12 34 56 78 9a bc de f0 11 22 33 44 00 00"},
        {unmap(24), "42 00 00 00 00 00 00 00 18 00"},
    };
    for (const auto& [built, bytes] : examples) EXPECT_EQ(bytes_of(built), test::from_hex(bytes)) << bytes;
}

TEST(cdb, rw_takes_the_short_form_only_where_the_whole_range_fits) {
    EXPECT_EQ(rw_cdb(direction::read, lba{0}, block_count{65535}), read_10(lba{0}, block_count{65535}));
    EXPECT_EQ(rw_cdb(direction::read, lba{0}, block_count{65536}), read_16(lba{0}, block_count{65536}));
    EXPECT_EQ(rw_cdb(direction::read, lba{0xffffffff}, block_count{1}), read_10(lba{0xffffffff}, block_count{1}));
    EXPECT_EQ(rw_cdb(direction::read, lba{0xffffffff}, block_count{2}), read_16(lba{0xffffffff}, block_count{2}));
    EXPECT_EQ(rw_cdb(direction::read, lba{0x100000000}, block_count{0}), read_16(lba{0x100000000}, block_count{0}));
    EXPECT_EQ(rw_cdb(direction::read, lba{0xffffffffffffffff}, block_count{1}),
              read_16(lba{0xffffffffffffffff}, block_count{1}));
}

TEST(cdb, rw_keeps_direction_and_fua) {
    for (const auto blocks : {block_count{8}, block_count{0x10000}}) {
        for (const bool fua : {false, true}) {
            const auto read = rw_cdb(direction::read, lba{7}, blocks, fua);
            const auto write = rw_cdb(direction::write, lba{7}, blocks, fua);
            EXPECT_EQ(read.bytes[0], read.size == 10 ? std::byte{0x28} : std::byte{0x88});
            EXPECT_EQ(write.bytes[0], write.size == 10 ? std::byte{0x2a} : std::byte{0x8a});
            EXPECT_EQ(read.bytes[1], fua ? std::byte{0x08} : std::byte{0});
            EXPECT_EQ(write.bytes[1], fua ? std::byte{0x08} : std::byte{0});
        }
    }
}

}  // namespace
}  // namespace persiscsi::scsi
