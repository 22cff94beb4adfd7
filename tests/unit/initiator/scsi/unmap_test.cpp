// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/unmap.hpp"

#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

namespace persiscsi::scsi {
namespace {

using test::from_hex;

TEST(unmap, the_parameter_list_has_both_lengths_and_a_descriptor_per_range) {
    const block_range ranges[] = {{lba{0x0102030405060708}, block_count{0x11121314}}, {lba{1}, block_count{2}}};
    EXPECT_EQ(unmap_parameter_list(ranges),
              from_hex("0026 0020 00000000 0102030405060708 11121314 00000000 0000000000000001 00000002 00000000"));
}

TEST(unmap, no_ranges_give_the_header_alone) {
    EXPECT_EQ(unmap_parameter_list({}), from_hex("0006 0000 00000000"));
}

TEST(unmap, the_most_ranges_fit_the_parameter_list_length) {
    const std::vector<block_range> ranges(max_unmap_ranges);
    const auto list = unmap_parameter_list(ranges);
    EXPECT_LE(list.size(), 65535U);
    EXPECT_GT(list.size() + 16, 65535U);
}

}  // namespace
}  // namespace persiscsi::scsi
