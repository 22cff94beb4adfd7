// SPDX-License-Identifier: Apache-2.0
// The part of logical_unit that reads, writes and compares blocks.
#include "pdu/endian.hpp"
#include "tests/target/inquiry_pages.hpp"
#include "tests/target/logical_unit.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

namespace persiscsi::target {
namespace {

using transfer = command_plan::transfer;

constexpr std::size_t unmap_header = 8, unmap_descriptor = 16;
constexpr std::uint64_t most_unmap_descriptors = 256;
constexpr std::byte variable_length{0x7f};

/// A block count of 0 means 256 in the 6-byte commands only.
std::uint64_t blocks_6(std::span<const std::byte> cdb) {
    const auto count = pdu::load_be<1>(cdb.data() + 4);
    return count == 0 ? 256 : count;
}

/// The operation, whatever the length of its CDB: READ is 28h, WRITE 2Ah, VERIFY 2Fh, and so on.
unsigned operation_of(std::span<const std::byte> cdb) {
    if (cdb[0] != variable_length) {
        const auto code = std::to_integer<unsigned>(cdb[0]);
        const bool grouped = code >> 5U == 0 || code >> 5U >= 4;  // (6), (12), (16) of a command have its low bits
        return grouped ? 0x20U | (code & 0x1fU) : code;
    }
    switch (pdu::load_be<2>(cdb.data() + 8)) {
        case 0x0007:
            return 0x53;
        case 0x0009:
            return 0x28;
        case 0x000a:
            return 0x2f;
        case 0x000b:
            return 0x2a;
        case 0x000c:
            return 0x2e;
        default:
            return 0x33;  // as WRITE SAME (16)
    }
}

/// Byte 1 of the commands that have their flags there; byte 10 of the 32-byte ones.
std::byte flags_of(std::span<const std::byte> cdb) {
    if (cdb.size() >= 11 && cdb[0] == variable_length) return cdb[10];
    return std::to_integer<unsigned>(cdb[0]) >> 5U == 0 ? std::byte{0} : cdb[1];
}

bool flag(std::span<const std::byte> cdb, unsigned bit) {
    return (std::to_integer<unsigned>(flags_of(cdb)) >> bit & 1U) != 0;
}

/// NDOB of WRITE SAME (16) and (32).
bool no_data_out(std::span<const std::byte> cdb) {
    return cdb[0] != std::byte{0x41} && flag(cdb, 0);
}

/// RDPROTECT and its kin: we keep no protection information.
bool wants_protection(std::span<const std::byte> cdb) {
    return (flags_of(cdb) & std::byte{0xe0}) != std::byte{0};
}

}  // namespace

logical_unit::extent logical_unit::range_of(std::span<const std::byte> cdb) {
    const auto* at = cdb.data();
    const auto code = std::to_integer<unsigned>(cdb[0]);
    if (cdb[0] == variable_length) return {pdu::load_be<8>(at + 12), pdu::load_be<4>(at + 28)};
    if (code == 0x89) return {pdu::load_be<8>(at + 2), pdu::load_be<1>(at + 13)};
    if (code == 0x9c) return {pdu::load_be<8>(at + 2), pdu::load_be<2>(at + 12)};
    switch (code >> 5U) {
        case 0:
            return {pdu::load_be<3>(at + 1) & 0x1fffff, blocks_6(cdb)};
        case 4:
            return {pdu::load_be<8>(at + 2), pdu::load_be<4>(at + 10)};
        case 5:
            return {pdu::load_be<4>(at + 2), pdu::load_be<4>(at + 6)};
        default:
            return {pdu::load_be<4>(at + 2), pdu::load_be<2>(at + 7)};
    }
}

std::span<const std::byte> logical_unit::read(std::uint64_t offset, std::uint64_t length) const {
    return medium_.empty() ? zeroes_.first(length) : medium_.subspan(offset, length);
}

std::span<std::byte> logical_unit::write(std::uint64_t offset, std::uint64_t length) {
    return medium_.empty() ? scratch_.first(length) : medium_.subspan(offset, length);
}

bool logical_unit::holds(extent range) const {
    return range.lba <= options_.blocks && range.blocks <= options_.blocks - range.lba;
}

std::optional<scsi_outcome> logical_unit::write_protection() const {
    if (options_.read_only) return sense::write_protected;
    if (modes_.write_protected()) return sense::software_write_protected;
    return std::nullopt;
}

command_plan logical_unit::plan_blocks(const command_request& request) {
    const auto cdb = request.cdb;
    if (cdb[0] == variable_length && cdb.size() < 32) return fails(sense::invalid_field_in_cdb);
    const auto blocks = range_of(cdb).blocks;
    switch (std::to_integer<unsigned>(cdb[0])) {
        case 0x34:
        case 0x90:  // PRE-FETCH
        case 0x35:
        case 0x91:  // SYNCHRONIZE CACHE: nothing is cached
            return holds(range_of(cdb)) ? command_plan{} : fails(sense::lba_out_of_range);
        case 0x41:
        case 0x93:
            return plan_write_same(request);
        case 0x42:
            return plan_unmap(request);
        case 0x89:
            return plan_collected(request, 2 * blocks);
        case 0x8b:  // ORWRITE
        case 0x9c:  // WRITE ATOMIC
            return plan_collected(request, blocks);
        default:
            break;
    }
    switch (operation_of(cdb)) {
        case 0x28:
            return plan_medium(request, transfer::medium_in);
        case 0x2f:
            return plan_verify(request);
        case 0x33:
            return plan_write_same(request);
        case 0x53: {
            auto plan = plan_collected(request, blocks);
            if (plan.kind == transfer::none) return plan;
            plan.kind = transfer::exchange;
            plan.read_length = plan.length;
            return plan;
        }
        default:
            return plan_medium(request,
                               transfer::medium_out);  // WRITE, and WRITE AND VERIFY of a medium that cannot err
    }
}

command_plan logical_unit::plan_medium(const command_request& request, transfer kind) {
    const auto range = range_of(request.cdb);
    if (wants_protection(request.cdb)) return fails(sense::invalid_field_in_cdb);
    const bool writes = kind == transfer::medium_out;
    if (const auto protection = writes ? write_protection() : std::nullopt) return fails(*protection);
    if (!holds(range)) return fails(sense::lba_out_of_range);
    if (writes) map_.map(range.lba, range.blocks);
    command_plan plan;
    plan.kind = kind;
    plan.length = bytes_of(range.blocks);
    plan.offset = bytes_of(range.lba);
    return plan;
}

/// Data that have to be there before anything is written.
command_plan logical_unit::plan_collected(const command_request& request, std::uint64_t length_in_blocks) {
    const bool atomic = request.cdb[0] == std::byte{0x9c};
    const auto range = range_of(request.cdb);
    const bool boundary = atomic && pdu::load_be<2>(request.cdb.data() + 10) != 0;
    if (wants_protection(request.cdb) || boundary) return fails(sense::invalid_field_in_cdb);
    if (const auto protection = write_protection()) return fails(*protection);
    if (!holds(range)) return fails(sense::lba_out_of_range);
    if (atomic && range.blocks > most_atomic_blocks) return fails(sense::invalid_field_in_cdb);
    const auto length = bytes_of(length_in_blocks);
    const bool exact = request.cdb[0] == std::byte{0x89};  // COMPARE AND WRITE: which half would be missing?
    if (request.data_out != 0 && (exact ? request.data_out != length : request.data_out < length))
        return fails(sense::invalid_field_in_cdb);
    return length == 0 ? command_plan{} : collects(length);
}

/// VERIFY: BYTCHK 01b compares with data of the initiator, 11b with one block of them (SBC-3 §5.36).
command_plan logical_unit::plan_verify(const command_request& request) const {
    const auto range = range_of(request.cdb);
    const auto byte_check = std::to_integer<unsigned>(flags_of(request.cdb) >> 1U) & 3U;
    if (byte_check == 2 || wants_protection(request.cdb)) return fails(sense::invalid_field_in_cdb);
    if (!holds(range)) return fails(sense::lba_out_of_range);
    if (byte_check == 0) return {};
    if (byte_check == 3) return range.blocks == 0 ? command_plan{} : collects(options_.block_size);
    command_plan plan;
    plan.kind = transfer::compare_out;
    plan.length = bytes_of(range.blocks);
    plan.offset = bytes_of(range.lba);
    return plan;
}

command_plan logical_unit::plan_unmap(const command_request& request) const {
    const bool anchor = (request.cdb[1] & std::byte{1}) != std::byte{0};
    if (anchor) return fails(sense::invalid_field_in_cdb);
    if (const auto protection = write_protection()) return fails(*protection);
    const auto length = pdu::load_be<2>(request.cdb.data() + 7);
    if (length == 0) return {};
    return length < unmap_header ? fails(sense::parameter_list_length) : collects(length);
}

command_plan logical_unit::plan_write_same(const command_request& request) {
    const auto cdb = request.cdb;
    const auto range = range_of(cdb);
    const bool anchor = flag(cdb, 4), obsolete = flag(cdb, 1) || flag(cdb, 2);
    if (wants_protection(cdb) || anchor || obsolete) return fails(sense::invalid_field_in_cdb);
    if (const auto protection = write_protection()) return fails(*protection);
    if (range.blocks == 0) return fails(sense::invalid_field_in_cdb);  // WSNZ
    if (!holds(range)) return fails(sense::lba_out_of_range);
    if (!no_data_out(cdb)) {
        if (request.data_out != 0 && request.data_out != options_.block_size) return fails(sense::invalid_field_in_cdb);
        return collects(options_.block_size);
    }
    return ends(write_same(request, {}));
}

logical_unit::finished logical_unit::finish(const command_request& request, std::span<const std::byte> parameters) {
    const auto range = range_of(request.cdb);
    switch (std::to_integer<unsigned>(request.cdb[0])) {
        case 0x15:
        case 0x55:
            return {modes_.select(request.cdb, parameters, medium())};
        case 0x42:
            return {unmap(parameters)};
        case 0x5f:
            return {reservations_.out(request, parameters)};
        case 0x89:
            return {compare_and_write(range, parameters)};
        case 0x8b:
            put_or(range, parameters);
            return {};
        case 0x9c:
            put(range, parameters);
            return {};
        case 0x41:
        case 0x93:
            return {write_same(request, parameters)};
        default:
            break;
    }
    switch (operation_of(request.cdb)) {
        case 0x2f:
            return {compare_with_block(range, parameters)};
        case 0x33:
            return {write_same(request, parameters)};
        default:
            return exchange(request, parameters);
    }
}

scsi_outcome logical_unit::unmap(std::span<const std::byte> parameters) {
    if (parameters.size() < unmap_header) return sense::parameter_list_length;
    const auto announced = pdu::load_be<2>(parameters.data() + 2);
    const auto descriptors = parameters.subspan(unmap_header);
    if (announced > descriptors.size() || announced / unmap_descriptor > most_unmap_descriptors)
        return sense::invalid_field_in_parameters;
    const auto count = announced / unmap_descriptor;
    const auto range = [&](std::size_t i) {
        const auto* at = descriptors.data() + i * unmap_descriptor;
        return extent{pdu::load_be<8>(at), pdu::load_be<4>(at + 8)};
    };
    for (std::size_t i = 0; i < count; ++i)
        if (!holds(range(i))) return sense::lba_out_of_range;
    for (std::size_t i = 0; i < count; ++i) {
        fill(range(i), {});
        map_.unmap(range(i).lba, range(i).blocks);
    }
    return sense::good;
}

/// An empty block is zeroes (NDOB). With UNMAP, blocks that are to be zeroes are unmapped (SBC-3 §5.43).
scsi_outcome logical_unit::write_same(const command_request& request, std::span<const std::byte> block) {
    const auto range = range_of(request.cdb);
    if (block.size() != (no_data_out(request.cdb) ? 0 : options_.block_size)) return sense::invalid_field_in_cdb;
    const bool zeroes = std::all_of(block.begin(), block.end(), [](std::byte b) { return b == std::byte{0}; });
    const bool unmaps = flag(request.cdb, 3);
    fill(range, block);
    map_.map(range.lba, range.blocks);
    if (unmaps && zeroes) map_.unmap(range.lba, range.blocks);
    return sense::good;
}

scsi_outcome logical_unit::compare_and_write(extent range, std::span<const std::byte> data) {
    const auto half = bytes_of(range.blocks);
    if (data.size() != 2 * half) return sense::invalid_field_in_cdb;
    if (std::memcmp(read(bytes_of(range.lba), half).data(), data.data(), half) != 0) return sense::miscompare;
    put(range, data.subspan(half));
    return sense::good;
}

scsi_outcome logical_unit::compare_with_block(extent range, std::span<const std::byte> block) const {
    if (block.size() != options_.block_size) return sense::invalid_field_in_cdb;
    for (std::uint64_t i = 0; i < range.blocks; ++i)
        if (std::memcmp(read(bytes_of(range.lba + i), block.size()).data(), block.data(), block.size()) != 0)
            return sense::miscompare;
    return sense::good;
}

/// XDWRITEREAD: the XOR of old and new goes back; DISABLE WRITE keeps the old (SBC-3 §5.47).
logical_unit::finished logical_unit::exchange(const command_request& request, std::span<const std::byte> data) {
    const auto range = range_of(request.cdb);
    if (data.size() != bytes_of(range.blocks)) return {sense::invalid_field_in_cdb};
    const auto before = read(bytes_of(range.lba), data.size());
    finished result;
    result.reply.resize(data.size());
    std::transform(data.begin(), data.end(), before.begin(), result.reply.begin(), std::bit_xor<>());
    const bool disable_write = flag(request.cdb, 2);
    if (!disable_write) put(range, data);
    return result;
}

void logical_unit::put(extent range, std::span<const std::byte> data) {
    const auto length = std::min<std::uint64_t>(data.size(), bytes_of(range.blocks));
    if (length == 0) return;
    map_.map(range.lba, range.blocks);
    std::memcpy(write(bytes_of(range.lba), length).data(), data.data(), length);
}

void logical_unit::put_or(extent range, std::span<const std::byte> data) {
    const auto length = std::min<std::uint64_t>(data.size(), bytes_of(range.blocks));
    map_.map(range.lba, range.blocks);
    auto to = write(bytes_of(range.lba), length);
    std::transform(data.begin(), data.end(), to.begin(), to.begin(), std::bit_or<>());
}

void logical_unit::fill(extent range, std::span<const std::byte> block) {
    if (medium_.empty()) return;
    const auto bytes = medium_.subspan(bytes_of(range.lba), bytes_of(range.blocks));
    if (block.empty()) {
        std::fill(bytes.begin(), bytes.end(), std::byte{0});
        return;
    }
    for (std::size_t at = 0; at < bytes.size(); at += block.size())
        std::memcpy(bytes.data() + at, block.data(), block.size());
}

}  // namespace persiscsi::target
