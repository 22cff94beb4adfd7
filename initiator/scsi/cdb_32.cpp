// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/cdb_32.hpp"

#include "initiator/scsi/cdb_fields.hpp"

#include <algorithm>

namespace persiscsi::scsi {
namespace {

constexpr std::size_t group_at = 6;
constexpr std::size_t flags_at = 10;  // what byte 1 is in the shorter forms

void put_flags(cdb_32& into, unsigned flags) {
    into.bytes[flags_at] |= static_cast<std::byte>(flags);
}

cdb_32 block_range(std::uint16_t service_action, lba first, block_count blocks, const block_tags& expected) {
    cdb_32 made;
    auto* at = made.bytes.data();
    pdu::store_be<1>(at, 0x7f);
    pdu::store_be<1>(at + 7, made.bytes.size() - 8);  // ADDITIONAL CDB LENGTH
    pdu::store_be<2>(at + 8, service_action);
    pdu::store_be<8>(at + 12, number_of(first));
    pdu::store_be<4>(at + 20, expected.reference);
    pdu::store_be<2>(at + 24, expected.application);
    pdu::store_be<2>(at + 26, expected.application_mask);
    pdu::store_be<4>(at + 28, number_of(blocks));
    return made;
}

cdb_32 with(cdb_32 made, const access& how) {
    assert(how.group < 0x40);
    put_flags(made, protect_bits(how.protect) | (how.dpo ? 0x10U : 0U) | (how.fua ? 0x08U : 0U));
    made.bytes[group_at] = static_cast<std::byte>(how.group);
    return made;
}

}  // namespace

std::array<std::byte, 16> cdb_32::first() const {
    std::array<std::byte, 16> result{};
    std::copy_n(bytes.begin(), result.size(), result.begin());
    return result;
}

cdb_32 read_32(lba first, block_count blocks, access how, block_tags expected) {
    return with(block_range(0x0009, first, blocks, expected), how);
}

cdb_32 write_32(lba first, block_count blocks, access how, block_tags expected) {
    return with(block_range(0x000b, first, blocks, expected), how);
}

cdb_32 verify_32(lba first, block_count blocks, byte_check check, access how, block_tags expected) {
    assert(!how.fua);
    auto made = with(block_range(0x000a, first, blocks, expected), how);
    put_flags(made, static_cast<unsigned>(check) << 1U);
    return made;
}

cdb_32 write_and_verify_32(lba first, block_count blocks, byte_check check, access how, block_tags expected) {
    assert(!how.fua && check != byte_check::one_block);
    auto made = with(block_range(0x000c, first, blocks, expected), how);
    put_flags(made, static_cast<unsigned>(check) << 1U);
    return made;
}

cdb_32 write_same_32(lba first, block_count blocks, same_options how, block_tags expected) {
    auto made = with(block_range(0x000d, first, blocks, expected), access{.protect = how.protect, .group = how.group});
    put_flags(made, (how.anchor ? 0x10U : 0U) | (how.unmap ? 0x08U : 0U) | (how.no_data_out ? 0x01U : 0U));
    return made;
}

cdb_32 xdwriteread_32(lba first, block_count blocks, access how, bool write) {
    auto made = with(block_range(0x0007, first, blocks, {}), how);
    if (!write) put_flags(made, 0x04);  // DISABLE WRITE
    return made;
}

}  // namespace persiscsi::scsi
