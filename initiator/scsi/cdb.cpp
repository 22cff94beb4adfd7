// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/cdb.hpp"

#include "pdu/endian.hpp"

#include <cassert>

namespace persiscsi::scsi {
namespace {

constexpr std::byte evpd{0x01};
constexpr std::byte fua_bit{0x08};
constexpr std::byte disable_block_descriptors{0x08};
constexpr std::byte read_capacity_16_action{0x10};

cdb make(std::uint8_t operation_code, std::uint8_t size) {
    cdb made{.size = size};
    made.bytes[0] = static_cast<std::byte>(operation_code);
    return made;
}

template <std::size_t Offset, std::size_t Width>
void put(cdb& into, std::uint64_t value) {
    static_assert(Offset + Width <= 16);
    pdu::store_be<Width>(into.bytes.data() + Offset, value);
}

constexpr bool fits_10(lba first, block_count blocks) {
    constexpr std::uint64_t end = std::uint64_t{1} << 32U;
    const auto from = static_cast<std::uint64_t>(first);
    const auto count = static_cast<std::uint64_t>(blocks);
    return count <= 0xffff && from < end && from + count <= end;
}

/// The layout that READ, WRITE and SYNCHRONIZE CACHE have in common.
cdb block_range_10(std::uint8_t operation_code, lba first, block_count blocks) {
    assert(fits_10(first, blocks));
    auto made = make(operation_code, 10);
    put<2, 4>(made, static_cast<std::uint64_t>(first));
    put<7, 2>(made, static_cast<std::uint64_t>(blocks));
    return made;
}

cdb block_range_16(std::uint8_t operation_code, lba first, block_count blocks) {
    auto made = make(operation_code, 16);
    put<2, 8>(made, static_cast<std::uint64_t>(first));
    put<10, 4>(made, static_cast<std::uint64_t>(blocks));
    return made;
}

cdb with_fua(cdb made, bool fua) {
    if (fua) made.bytes[1] |= fua_bit;
    return made;
}

}  // namespace

cdb test_unit_ready() {
    return make(0x00, 6);
}

cdb request_sense(std::uint8_t allocation_length) {
    auto made = make(0x03, 6);
    put<4, 1>(made, allocation_length);
    return made;
}

cdb inquiry(std::uint16_t allocation_length) {
    auto made = make(0x12, 6);
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
    auto made = make(0xa0, 12);
    put<6, 4>(made, allocation_length);
    return made;
}

cdb mode_sense_6(mode_page page, std::uint8_t allocation_length) {
    auto made = make(0x1a, 6);
    made.bytes[1] = disable_block_descriptors;
    put<2, 1>(made, static_cast<std::uint64_t>(page));
    put<4, 1>(made, allocation_length);
    return made;
}

cdb mode_sense_10(mode_page page, std::uint16_t allocation_length) {
    auto made = make(0x5a, 10);
    made.bytes[1] = disable_block_descriptors;
    put<2, 1>(made, static_cast<std::uint64_t>(page));
    put<7, 2>(made, allocation_length);
    return made;
}

cdb read_capacity_10() {
    return make(0x25, 10);
}

cdb read_capacity_16(std::uint32_t allocation_length) {
    auto made = make(0x9e, 16);
    made.bytes[1] = read_capacity_16_action;
    put<10, 4>(made, allocation_length);
    return made;
}

cdb read_10(lba first, block_count blocks, bool fua) {
    return with_fua(block_range_10(0x28, first, blocks), fua);
}

cdb read_16(lba first, block_count blocks, bool fua) {
    return with_fua(block_range_16(0x88, first, blocks), fua);
}

cdb write_10(lba first, block_count blocks, bool fua) {
    return with_fua(block_range_10(0x2a, first, blocks), fua);
}

cdb write_16(lba first, block_count blocks, bool fua) {
    return with_fua(block_range_16(0x8a, first, blocks), fua);
}

cdb rw_cdb(direction which, lba first, block_count blocks, bool fua) {
    if (fits_10(first, blocks))
        return which == direction::read ? read_10(first, blocks, fua) : write_10(first, blocks, fua);
    return which == direction::read ? read_16(first, blocks, fua) : write_16(first, blocks, fua);
}

cdb synchronize_cache_10(lba first, block_count blocks) {
    return block_range_10(0x35, first, blocks);
}

cdb synchronize_cache_16(lba first, block_count blocks) {
    return block_range_16(0x91, first, blocks);
}

cdb unmap(std::uint16_t parameter_list_length) {
    auto made = make(0x42, 10);
    put<7, 2>(made, parameter_list_length);
    return made;
}

}  // namespace persiscsi::scsi
