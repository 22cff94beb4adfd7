// SPDX-License-Identifier: Apache-2.0
#include "tests/target/logical_unit.hpp"

#include "pdu/endian.hpp"
#include "tests/target/inquiry_pages.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <sys/mman.h>
#include <utility>

namespace persiscsi::target {
namespace {

constexpr std::size_t null_region = 16 * 1024 * 1024;  // a data segment is shorter
constexpr std::size_t unmap_header = 8, unmap_descriptor = 16;
constexpr std::uint64_t most_unmap_descriptors = 256;

std::span<std::byte> map_region() {
    void* memory =
        ::mmap(nullptr, null_region, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return {static_cast<std::byte*>(memory), null_region};
}

void unmap_region(std::span<std::byte> region) {
    if (!region.empty()) ::munmap(region.data(), region.size());
}

bool bit(std::byte value, unsigned number) {
    return ((value >> number) & std::byte{1}) != std::byte{0};
}

/// A block count of 0 means 256 in the 6-byte commands only.
std::uint64_t blocks_6(const pdu::cdb_bytes& cdb) {
    const auto count = pdu::load_be<1>(cdb.data() + 4);
    return count == 0 ? 256 : count;
}

}  // namespace

command_plan fails(scsi_outcome outcome) {
    command_plan plan;
    plan.outcome = outcome;
    return plan;
}

command_plan answers(std::vector<std::byte> data, std::uint64_t allocation_length) {
    command_plan plan;
    plan.kind = command_plan::transfer::parameters_in;
    if (data.size() > allocation_length) data.resize(allocation_length);
    plan.length = data.size();
    plan.parameters = std::move(data);
    return plan;
}

logical_unit::logical_unit(const lun_options& options,
                           const target_options& target,
                           std::uint16_t portal_group_tag,
                           ram_store& store)
    : options_(options), target_name_(target.name), portal_group_tag_(portal_group_tag) {
    const auto who = target.name + " LUN " + std::to_string(options.lun);
    if (options.lun > 0x3fff) throw std::invalid_argument(who + ": LUNs go up to 16383");
    if (options.block_size < 512 || options.block_size > 65536 || !std::has_single_bit(options.block_size))
        throw std::invalid_argument(who + ": block size " + std::to_string(options.block_size) +
                                    " is not a power of two from 512 to 65536");
    if (options.blocks == 0 || options.blocks > (std::uint64_t{1} << 62U) / options.block_size)
        throw std::invalid_argument(who + ": " + std::to_string(options.blocks) + " blocks are not possible");
    if (options.kind == lun_options::store::ram) {
        medium_ = store.volume(target.name, options.lun, options.blocks * options.block_size);
    } else {
        zeroes_ = map_region();
        scratch_ = map_region();
    }
}

logical_unit::~logical_unit() {
    unmap_region(zeroes_);
    unmap_region(scratch_);
}

logical_unit::logical_unit(logical_unit&& other) noexcept
    : options_(std::move(other.options_)),
      target_name_(std::move(other.target_name_)),
      portal_group_tag_(other.portal_group_tag_),
      medium_(std::exchange(other.medium_, {})),
      zeroes_(std::exchange(other.zeroes_, {})),
      scratch_(std::exchange(other.scratch_, {})) {}

command_plan logical_unit::plan(const pdu::cdb_bytes& cdb) const {
    using enum command_plan::transfer;
    const auto* at = cdb.data();
    const extent six{pdu::load_be<3>(at + 1) & 0x1fffff, blocks_6(cdb)};
    const extent ten{pdu::load_be<4>(at + 2), pdu::load_be<2>(at + 7)};
    const extent twelve{pdu::load_be<4>(at + 2), pdu::load_be<4>(at + 6)};
    const extent sixteen{pdu::load_be<8>(at + 2), pdu::load_be<4>(at + 10)};
    switch (std::to_integer<unsigned>(cdb[0])) {
        case 0x00:
            return {};  // TEST UNIT READY
        case 0x1b:
            return {};  // START STOP UNIT
        case 0x12:
            return inquiry(cdb, {target_name_, portal_group_tag_, options_.lun, options_.serial, options_.block_size});
        case 0x1a:
        case 0x5a:
            return mode_sense(cdb, options_.blocks, options_.block_size, options_.read_only);
        case 0x25:
            return capacity_10();
        case 0x9e:
            return capacity_16(cdb);
        case 0x08:
            return plan_medium(cdb, six, medium_in);
        case 0x28:
            return plan_medium(cdb, ten, medium_in);
        case 0xa8:
            return plan_medium(cdb, twelve, medium_in);
        case 0x88:
            return plan_medium(cdb, sixteen, medium_in);
        case 0x0a:
            return plan_medium(cdb, six, medium_out);
        case 0x2a:
            return plan_medium(cdb, ten, medium_out);
        case 0xaa:
            return plan_medium(cdb, twelve, medium_out);
        case 0x8a:
            return plan_medium(cdb, sixteen, medium_out);
        case 0x2f:
            return plan_verify(cdb, ten);
        case 0x8f:
            return plan_verify(cdb, sixteen);
        case 0x35:
            return plan_check_only(ten);  // SYNCHRONIZE CACHE: nothing is cached
        case 0x91:
            return plan_check_only(sixteen);  // SYNCHRONIZE CACHE
        case 0x42:
            return plan_unmap(cdb);
        case 0x41:
            return plan_write_same(cdb, ten);
        case 0x93:
            return plan_write_same(cdb, sixteen);
        default:
            return fails(sense::invalid_opcode);
    }
}

scsi_outcome logical_unit::finish(const pdu::cdb_bytes& cdb, std::span<const std::byte> parameters) {
    const auto* at = cdb.data();
    switch (std::to_integer<unsigned>(cdb[0])) {
        case 0x42:
            return unmap(parameters);
        case 0x41:
            return write_same({pdu::load_be<4>(at + 2), pdu::load_be<2>(at + 7)}, parameters);
        case 0x93:
            return write_same({pdu::load_be<8>(at + 2), pdu::load_be<4>(at + 10)}, parameters);
        default:
            return sense::good;
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

command_plan logical_unit::plan_medium(const pdu::cdb_bytes& cdb, extent range, command_plan::transfer kind) const {
    const bool six = cdb[0] == std::byte{0x08} || cdb[0] == std::byte{0x0a};
    const bool protect = !six && (cdb[1] & std::byte{0xe0}) != std::byte{0};  // RDPROTECT, WRPROTECT
    if (protect) return fails(sense::invalid_field_in_cdb);
    if (kind == command_plan::transfer::medium_out && options_.read_only) return fails(sense::write_protected);
    if (!holds(range)) return fails(sense::lba_out_of_range);
    command_plan plan;
    plan.kind = kind;
    plan.length = range.blocks * options_.block_size;
    plan.offset = range.lba * options_.block_size;
    return plan;
}

command_plan logical_unit::plan_check_only(extent range) const {
    return holds(range) ? command_plan{} : fails(sense::lba_out_of_range);
}

/// VERIFY: BYTCHK 01b compares with data of the initiator (SBC-3 §5.36).
command_plan logical_unit::plan_verify(const pdu::cdb_bytes& cdb, extent range) const {
    const auto byte_check = std::to_integer<unsigned>((cdb[1] >> 1U) & std::byte{3});
    const bool protect = (cdb[1] & std::byte{0xe0}) != std::byte{0};
    if (byte_check > 1 || protect) return fails(sense::invalid_field_in_cdb);
    auto plan = plan_check_only(range);
    if (!plan.outcome.good() || byte_check == 0) return plan;
    plan.kind = command_plan::transfer::compare_out;
    plan.length = range.blocks * options_.block_size;
    plan.offset = range.lba * options_.block_size;
    return plan;
}

command_plan logical_unit::plan_unmap(const pdu::cdb_bytes& cdb) const {
    if (bit(cdb[1], 0)) return fails(sense::invalid_field_in_cdb);  // ANCHOR
    if (options_.read_only) return fails(sense::write_protected);
    const auto length = pdu::load_be<2>(cdb.data() + 7);
    if (length == 0) return {};
    if (length < unmap_header) return fails(sense::parameter_list_length);
    command_plan plan;
    plan.kind = command_plan::transfer::parameters_out;
    plan.length = length;
    return plan;
}

command_plan logical_unit::plan_write_same(const pdu::cdb_bytes& cdb, extent range) const {
    const bool no_data_out = cdb[0] == std::byte{0x93} && bit(cdb[1], 0);
    const bool anchor = bit(cdb[1], 4);
    if ((cdb[1] & std::byte{0xe6}) != std::byte{0} || anchor || no_data_out) return fails(sense::invalid_field_in_cdb);
    if (options_.read_only) return fails(sense::write_protected);
    if (range.blocks == 0) return fails(sense::invalid_field_in_cdb);  // WSNZ
    if (!holds(range)) return fails(sense::lba_out_of_range);
    command_plan plan;
    plan.kind = command_plan::transfer::parameters_out;
    plan.length = options_.block_size;
    return plan;
}

command_plan logical_unit::capacity_10() const {
    constexpr std::uint64_t largest = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::byte> data(8);
    pdu::store_be<4>(data.data(), std::min(options_.blocks - 1, largest));
    pdu::store_be<4>(data.data() + 4, options_.block_size);
    return answers(std::move(data), 8);
}

/// One descriptor: mapped up to the end (SBC-3 §5.5; we do not keep track of what was unmapped).
command_plan logical_unit::lba_status(const pdu::cdb_bytes& cdb) const {
    const auto lba = pdu::load_be<8>(cdb.data() + 2);
    if (lba >= options_.blocks) return fails(sense::lba_out_of_range);
    std::vector<std::byte> data(24);
    pdu::store_be<4>(data.data(), data.size() - 4);
    pdu::store_be<8>(data.data() + 8, lba);
    pdu::store_be<4>(data.data() + 16, std::min<std::uint64_t>(options_.blocks - lba, 0xffffffffU));
    return answers(std::move(data), pdu::load_be<4>(cdb.data() + 10));
}

command_plan logical_unit::capacity_16(const pdu::cdb_bytes& cdb) const {
    if ((cdb[1] & std::byte{0x1f}) == std::byte{0x12}) return lba_status(cdb);
    if ((cdb[1] & std::byte{0x1f}) != std::byte{0x10}) return fails(sense::invalid_field_in_cdb);
    std::vector<std::byte> data(32);
    pdu::store_be<8>(data.data(), options_.blocks - 1);
    pdu::store_be<4>(data.data() + 8, options_.block_size);
    data[13] = static_cast<std::byte>(options_.block_size < 4096 ? std::countr_zero(4096 / options_.block_size) : 0);
    data[14] = std::byte{0xc0};  // LBPME, LBPRZ
    return answers(std::move(data), pdu::load_be<4>(cdb.data() + 10));
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
    for (std::size_t i = 0; i < count; ++i) fill(range(i), {});
    return sense::good;
}

scsi_outcome logical_unit::write_same(extent range, std::span<const std::byte> block) {
    if (block.size() != options_.block_size) return sense::invalid_field_in_cdb;
    fill(range, block);
    return sense::good;
}

void logical_unit::fill(extent range, std::span<const std::byte> block) {
    if (medium_.empty()) return;
    const auto bytes = medium_.subspan(range.lba * options_.block_size, range.blocks * options_.block_size);
    if (block.empty()) {
        std::fill(bytes.begin(), bytes.end(), std::byte{0});
        return;
    }
    for (std::size_t at = 0; at < bytes.size(); at += block.size())
        std::memcpy(bytes.data() + at, block.data(), block.size());
}

}  // namespace persiscsi::target
