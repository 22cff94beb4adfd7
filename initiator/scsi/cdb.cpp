// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/cdb.hpp"

#include "initiator/scsi/cdb_fields.hpp"

namespace persiscsi::scsi {
namespace {

constexpr std::byte evpd{0x01};
constexpr std::byte disable_block_descriptors{0x08};

}  // namespace

cdb test_unit_ready() {
    return make_cdb(0x00, 6);
}

cdb request_sense(std::uint8_t allocation_length) {
    auto made = make_cdb(0x03, 6);
    put<4, 1>(made, allocation_length);
    return made;
}

cdb inquiry(std::uint16_t allocation_length) {
    auto made = make_cdb(0x12, 6);
    put<3, 2>(made, allocation_length);
    return made;
}

cdb inquiry_vpd(std::uint8_t page, std::uint16_t allocation_length) {
    auto made = inquiry(allocation_length);
    made.bytes[1] |= evpd;
    put<2, 1>(made, page);
    return made;
}

cdb report_luns(std::uint32_t allocation_length) {
    assert(allocation_length >= 16);
    auto made = make_cdb(0xa0, 12);
    put<6, 4>(made, allocation_length);
    return made;
}

cdb mode_sense_6(mode_page page, std::uint8_t allocation_length) {
    auto made = make_cdb(0x1a, 6);
    made.bytes[1] = disable_block_descriptors;
    put<2, 1>(made, static_cast<std::uint64_t>(page));
    put<4, 1>(made, allocation_length);
    return made;
}

cdb mode_sense_10(mode_page page, std::uint16_t allocation_length) {
    auto made = make_cdb(0x5a, 10);
    made.bytes[1] = disable_block_descriptors;
    put<2, 1>(made, static_cast<std::uint64_t>(page));
    put<7, 2>(made, allocation_length);
    return made;
}

cdb read_capacity_10() {
    return make_cdb(0x25, 10);
}

cdb read_capacity_16(std::uint32_t allocation_length) {
    auto made = make_cdb(0x9e, 16, 0x10);
    put<10, 4>(made, allocation_length);
    return made;
}

cdb read_10(lba first, block_count blocks, access how) {
    return with(block_range_10(0x28, first, blocks), how);
}

cdb read_16(lba first, block_count blocks, access how) {
    return with(block_range_16(0x88, first, blocks), how);
}

cdb write_10(lba first, block_count blocks, access how) {
    return with(block_range_10(0x2a, first, blocks), how);
}

cdb write_16(lba first, block_count blocks, access how) {
    return with(block_range_16(0x8a, first, blocks), how);
}

cdb rw_cdb(direction which, lba first, block_count blocks, bool fua) {
    const access how{.fua = fua};
    if (fits(first, blocks, 0xffff))
        return which == direction::read ? read_10(first, blocks, how) : write_10(first, blocks, how);
    return which == direction::read ? read_16(first, blocks, how) : write_16(first, blocks, how);
}

cdb synchronize_cache_10(lba first, block_count blocks, bool immediate) {
    auto made = block_range_10(0x35, first, blocks);
    set_if(immediate, made, 1);
    return made;
}

cdb synchronize_cache_16(lba first, block_count blocks, bool immediate) {
    auto made = block_range_16(0x91, first, blocks);
    set_if(immediate, made, 1);
    return made;
}

cdb unmap(std::uint16_t parameter_list_length, bool anchor) {
    auto made = make_cdb(0x42, 10);
    set_if(anchor, made, 0);
    put<7, 2>(made, parameter_list_length);
    return made;
}

cdb reserve_6() {
    return make_cdb(0x16, 6);
}

cdb release_6() {
    return make_cdb(0x17, 6);
}

}  // namespace persiscsi::scsi
