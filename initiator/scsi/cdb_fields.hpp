// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "pdu/endian.hpp"

#include <cassert>
#include <cstddef>
#include <cstdint>

// Writing the fields of a CDB, for the files that build them.

namespace persiscsi::scsi {

inline cdb make_cdb(std::uint8_t operation_code, std::uint8_t size) {
    cdb made{.bytes = {}, .size = size};
    made.bytes[0] = static_cast<std::byte>(operation_code);
    return made;
}

template <std::size_t Offset, std::size_t Width>
void put(cdb& into, std::uint64_t value) {
    static_assert(Offset + Width <= 16);
    pdu::store_be<Width>(into.bytes.data() + Offset, value);
}

/// The SERVICE ACTION field in byte 1, with the CDB around it.
inline cdb make_cdb(std::uint8_t operation_code, std::uint8_t size, std::uint8_t service_action) {
    assert(service_action < 0x20);
    auto made = make_cdb(operation_code, size);
    put<1, 1>(made, service_action);
    return made;
}

/// A bit of byte 1, where most commands have theirs.
inline void set_if(bool wanted, cdb& into, unsigned bit) {
    if (wanted) into.bytes[1] |= static_cast<std::byte>(1U << bit);
}

constexpr std::uint64_t number_of(lba first) {
    return static_cast<std::uint64_t>(first);
}
constexpr std::uint64_t number_of(block_count blocks) {
    return static_cast<std::uint64_t>(blocks);
}

/// Does the range fit an address of four bytes and a count of `most` blocks?
constexpr bool fits(lba first, block_count blocks, std::uint64_t most) {
    constexpr std::uint64_t end = std::uint64_t{1} << 32U;
    const auto from = number_of(first);
    return number_of(blocks) <= most && from < end && from + number_of(blocks) <= end;
}

/// The layouts of address and length that block commands have in common.
inline cdb block_range_10(std::uint8_t operation_code, lba first, block_count blocks) {
    assert(fits(first, blocks, 0xffff));
    auto made = make_cdb(operation_code, 10);
    put<2, 4>(made, number_of(first));
    put<7, 2>(made, number_of(blocks));
    return made;
}

inline cdb block_range_12(std::uint8_t operation_code, lba first, block_count blocks) {
    assert(fits(first, blocks, 0xffffffff));
    auto made = make_cdb(operation_code, 12);
    put<2, 4>(made, number_of(first));
    put<6, 4>(made, number_of(blocks));
    return made;
}

inline cdb block_range_16(std::uint8_t operation_code, lba first, block_count blocks) {
    auto made = make_cdb(operation_code, 16);
    put<2, 8>(made, number_of(first));
    put<10, 4>(made, number_of(blocks));
    return made;
}

/// GROUP NUMBER stands behind address and length: in byte 6, 10 or 14 by the size of the CDB.
inline void put_group(cdb& into, std::uint8_t group) {
    assert(group < 0x40);
    into.bytes[into.size == 10 ? 6U : into.size - 2U] = static_cast<std::byte>(group);
}

inline std::uint8_t protect_bits(std::uint8_t protect) {
    assert(protect < 8);
    return static_cast<std::uint8_t>(protect << 5U);
}

/// Byte 1 and GROUP NUMBER of the commands that take `access`.
inline cdb with(cdb made, const access& how) {
    made.bytes[1] |= static_cast<std::byte>(protect_bits(how.protect));
    set_if(how.dpo, made, 4);
    set_if(how.fua, made, 3);
    put_group(made, how.group);
    return made;
}

}  // namespace persiscsi::scsi
