// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/block_access.hpp"

#include "initiator/scsi/cdb_fields.hpp"

namespace persiscsi::scsi {
namespace {

cdb block_range_6(std::uint8_t operation_code, lba first, block_count blocks) {
    assert(number_of(first) < 1U << 21U && number_of(blocks) >= 1 && number_of(blocks) <= 256);
    auto made = make_cdb(operation_code, 6);
    put<1, 3>(made, number_of(first));
    put<4, 1>(made, number_of(blocks));  // 256 is written as 0
    return made;
}

cdb checked(cdb made, byte_check check, const access& how) {
    assert(!how.fua);
    made.bytes[1] |= static_cast<std::byte>(static_cast<unsigned>(check) << 1U);
    return with(made, how);
}

cdb same(cdb made, const same_options& how) {
    made.bytes[1] |= static_cast<std::byte>(protect_bits(how.protect));
    set_if(how.anchor, made, 4);
    set_if(how.unmap, made, 3);
    set_if(how.no_data_out, made, 0);
    put_group(made, how.group);
    return made;
}

}  // namespace

cdb read_6(lba first, block_count blocks) {
    return block_range_6(0x08, first, blocks);
}

cdb read_12(lba first, block_count blocks, access how) {
    return with(block_range_12(0xa8, first, blocks), how);
}

cdb write_6(lba first, block_count blocks) {
    return block_range_6(0x0a, first, blocks);
}

cdb write_12(lba first, block_count blocks, access how) {
    return with(block_range_12(0xaa, first, blocks), how);
}

cdb write_atomic_16(lba first, block_count blocks, std::uint16_t boundary, access how) {
    assert(number_of(blocks) <= 0xffff);
    auto made = make_cdb(0x9c, 16);
    put<2, 8>(made, number_of(first));
    put<10, 2>(made, boundary);
    put<12, 2>(made, number_of(blocks));
    return with(made, how);
}

cdb orwrite_16(lba first, block_count blocks, access how) {
    return with(block_range_16(0x8b, first, blocks), how);
}

cdb compare_and_write(lba first, block_count blocks, access how) {
    assert(number_of(blocks) <= 0xff);
    return with(block_range_16(0x89, first, blocks), how);  // the count is the last byte of the four
}

cdb xdwriteread_10(lba first, block_count blocks, access how, bool write) {
    auto made = with(block_range_10(0x53, first, blocks), how);
    set_if(!write, made, 2);  // DISABLE WRITE
    return made;
}

cdb verify_10(lba first, block_count blocks, byte_check check, access how) {
    return checked(block_range_10(0x2f, first, blocks), check, how);
}

cdb verify_12(lba first, block_count blocks, byte_check check, access how) {
    return checked(block_range_12(0xaf, first, blocks), check, how);
}

cdb verify_16(lba first, block_count blocks, byte_check check, access how) {
    return checked(block_range_16(0x8f, first, blocks), check, how);
}

cdb write_and_verify_10(lba first, block_count blocks, byte_check check, access how) {
    assert(check != byte_check::one_block);
    return checked(block_range_10(0x2e, first, blocks), check, how);
}

cdb write_and_verify_12(lba first, block_count blocks, byte_check check, access how) {
    assert(check != byte_check::one_block);
    return checked(block_range_12(0xae, first, blocks), check, how);
}

cdb write_and_verify_16(lba first, block_count blocks, byte_check check, access how) {
    assert(check != byte_check::one_block);
    return checked(block_range_16(0x8e, first, blocks), check, how);
}

cdb write_same_10(lba first, block_count blocks, same_options how) {
    assert(!how.no_data_out);
    return same(block_range_10(0x41, first, blocks), how);
}

cdb write_same_16(lba first, block_count blocks, same_options how) {
    return same(block_range_16(0x93, first, blocks), how);
}

cdb pre_fetch_10(lba first, block_count blocks, bool immediate) {
    auto made = block_range_10(0x34, first, blocks);
    set_if(immediate, made, 1);
    return made;
}

cdb pre_fetch_16(lba first, block_count blocks, bool immediate) {
    auto made = block_range_16(0x90, first, blocks);
    set_if(immediate, made, 1);
    return made;
}

}  // namespace persiscsi::scsi
