// SPDX-License-Identifier: Apache-2.0
#include "tests/target/logical_unit.hpp"

#include "pdu/endian.hpp"
#include "tests/target/command_support.hpp"
#include "tests/target/inquiry_pages.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <stdexcept>
#include <sys/mman.h>
#include <utility>

namespace persiscsi::target {
namespace {

constexpr std::size_t null_region = 16 * 1024 * 1024;  // a data segment is shorter
constexpr std::size_t most_status_descriptors = 256;
constexpr std::uint32_t physical_block = 4096;  // bytes

std::span<std::byte> map_region() {
    void* memory =
        ::mmap(nullptr, null_region, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return {static_cast<std::byte*>(memory), null_region};
}

void unmap_region(std::span<std::byte> region) {
    if (!region.empty()) ::munmap(region.data(), region.size());
}

std::uint64_t blocks_per_physical(std::uint32_t block_size) {
    return std::max(physical_block / block_size, 1U);
}

/// No account of a null store, of which nothing is kept.
medium_map map_of(const lun_options& options) {
    const bool kept = options.kind == lun_options::store::ram;
    return {kept ? options.blocks : 0, blocks_per_physical(options.block_size)};
}

void check_options(const lun_options& options, const std::string& who) {
    if (options.lun > 0x3fff) throw std::invalid_argument(who + ": LUNs go up to 16383");
    if (options.block_size < 512 || options.block_size > 65536 || !std::has_single_bit(options.block_size))
        throw std::invalid_argument(who + ": block size " + std::to_string(options.block_size) +
                                    " is not a power of two from 512 to 65536");
    if (options.blocks == 0 || options.blocks > (std::uint64_t{1} << 62U) / options.block_size)
        throw std::invalid_argument(who + ": " + std::to_string(options.blocks) + " blocks are not possible");
}

const lun_options& checked(const lun_options& options, const target_options& target) {
    check_options(options, target.name + " LUN " + std::to_string(options.lun));
    return options;
}

command_plan supported_task_management(std::span<const std::byte> cdb) {
    const bool extended = (cdb[2] & std::byte{0x80}) != std::byte{0};  // REPD
    std::vector<std::byte> data(extended ? 16 : 4);
    data[0] = std::byte{0xd8};  // ABORT TASK, ABORT TASK SET, CLEAR TASK SET, LOGICAL UNIT RESET
    data[3] = static_cast<std::byte>(data.size() - 4);
    return answers(std::move(data), pdu::load_be<4>(cdb.data() + 6));
}

/// There are none.
command_plan defect_data(std::span<const std::byte> cdb) {
    const bool ten = cdb[0] == std::byte{0x37};
    std::vector<std::byte> data(ten ? 4 : 8);
    data[1] = cdb[ten ? 2U : 1U] & std::byte{0x1f};
    return answers(std::move(data), ten ? pdu::load_be<2>(cdb.data() + 7) : pdu::load_be<4>(cdb.data() + 6));
}

/// Only the default self-test, which finds nothing wrong.
command_plan send_diagnostic(std::span<const std::byte> cdb) {
    const bool other = (cdb[1] & std::byte{0xfb}) != std::byte{0} || pdu::load_be<2>(cdb.data() + 3) != 0;
    return other ? fails(sense::invalid_field_in_cdb) : command_plan{};
}

}  // namespace

logical_unit::logical_unit(const lun_options& options,
                           const target_options& target,
                           std::uint16_t portal_group_tag,
                           ram_store& store)
    : options_(checked(options, target)),
      target_name_(target.name),
      portal_group_tag_(portal_group_tag),
      map_(map_of(options)) {
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
      scratch_(std::exchange(other.scratch_, {})),
      map_(std::move(other.map_)),
      modes_(other.modes_),
      reservations_(std::move(other.reservations_)),
      stopped_(other.stopped_) {}

void logical_unit::reset() {
    reservations_.reset();
    modes_.reset();
    stopped_ = false;
}

std::optional<scsi_outcome> logical_unit::take_attention(const std::string& nexus) {
    return reservations_.take_attention(nexus);
}

mode_pages::medium logical_unit::medium() const {
    return {options_.blocks, options_.block_size, options_.read_only};
}

command_plan logical_unit::plan(const command_request& request) {
    const auto operation_code = std::to_integer<std::uint8_t>(request.cdb[0]);
    const auto* row = find_supported(request.cdb);
    if (!row) return fails(knows_operation(operation_code) ? sense::invalid_field_in_cdb : sense::invalid_opcode);
    if (reservations_.conflicts(request.nexus, row->kind)) return fails(sense::reservation_conflict);
    if (auto plan = plan_about_unit(request)) return *std::move(plan);
    return stopped_ ? fails(sense::stopped) : plan_blocks(request);
}

/// Nothing: it is a command about blocks.
std::optional<command_plan> logical_unit::plan_about_unit(const command_request& request) {
    const auto cdb = request.cdb;
    switch (std::to_integer<unsigned>(cdb[0])) {
        case 0x00:
            return stopped_ ? fails(sense::stopped) : command_plan{};
        case 0x12:
            return inquiry(cdb, {target_name_, portal_group_tag_, options_.lun, options_.serial, options_.block_size});
        case 0x15:
        case 0x55:
            return mode_pages::plan_select(cdb);
        case 0x16:
            return ends(reservations_.reserve_6(request.nexus));
        case 0x17:
            return ends(reservations_.release_6(request.nexus));
        case 0x1a:
        case 0x5a:
            return modes_.sense(cdb, medium());
        case 0x1b:
            return start_stop(cdb);
        case 0x1d:
            return send_diagnostic(cdb);
        case 0x1e:
            return command_plan{};  // the medium cannot be removed anyway
        case 0x25:
            return capacity_10();
        case 0x37:
        case 0xb7:
            return defect_data(cdb);
        case 0x4d:
            return log_sense(cdb);
        case 0x5e:
            return reservations_.in(cdb);
        case 0x5f:
            return reservations::plan_out(request);
        case 0x9e:
            return (cdb[1] & std::byte{0x1f}) == std::byte{0x12} ? lba_status(cdb) : capacity_16(cdb);
        case 0xa3:
            switch (std::to_integer<unsigned>(cdb[1]) & 0x1fU) {
                case 0x0a:
                    return port_groups(cdb);
                case 0x0c:
                    return report_operations(cdb);
                default:
                    return supported_task_management(cdb);
            }
        default:
            return std::nullopt;
    }
}

/// START 1 and 0 count; the medium cannot be ejected, and there are no power conditions.
command_plan logical_unit::start_stop(std::span<const std::byte> cdb) {
    const auto what = std::to_integer<unsigned>(cdb[4]);
    const bool ejects = (what & 0x02U) != 0, power = (what & 0xf0U) != 0;
    if (ejects || power) return fails(sense::invalid_field_in_cdb);
    stopped_ = (what & 0x01U) == 0;
    return {};
}

command_plan logical_unit::capacity_10() const {
    constexpr std::uint64_t largest = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::byte> data(8);
    pdu::store_be<4>(data.data(), std::min(options_.blocks - 1, largest));
    pdu::store_be<4>(data.data() + 4, options_.block_size);
    return answers(std::move(data), 8);
}

command_plan logical_unit::capacity_16(std::span<const std::byte> cdb) const {
    std::vector<std::byte> data(32);
    pdu::store_be<8>(data.data(), options_.blocks - 1);
    pdu::store_be<4>(data.data() + 8, options_.block_size);
    data[13] = static_cast<std::byte>(std::countr_zero(blocks_per_physical(options_.block_size)));
    data[14] = std::byte{0xc0};  // LBPME, LBPRZ
    return answers(std::move(data), pdu::load_be<4>(cdb.data() + 10));
}

/// SBC-3 §5.5. Of a null store one descriptor: mapped up to the end.
command_plan logical_unit::lba_status(std::span<const std::byte> cdb) const {
    auto lba = pdu::load_be<8>(cdb.data() + 2);
    if (lba >= options_.blocks) return fails(sense::lba_out_of_range);
    std::vector<std::byte> data(8);
    for (std::size_t i = 0; i < most_status_descriptors && lba < options_.blocks; ++i) {
        auto run = map_.kept() ? map_.run_at(lba) : medium_map::run{options_.blocks - lba, true};
        run.blocks = std::min<std::uint64_t>(run.blocks, 0xffffffffU);
        const auto at = data.size();
        data.resize(at + 16);
        pdu::store_be<8>(data.data() + at, lba);
        pdu::store_be<4>(data.data() + at + 8, run.blocks);
        data[at + 12] = static_cast<std::byte>(run.mapped ? 0 : 1);
        lba += run.blocks;
    }
    pdu::store_be<4>(data.data(), data.size() - 4);
    return answers(std::move(data), pdu::load_be<4>(cdb.data() + 10));
}

/// Which pages there are, and the Logical Block Provisioning page (0Ch): how many blocks are used.
command_plan logical_unit::log_sense(std::span<const std::byte> cdb) const {
    const auto page = std::to_integer<unsigned>(cdb[2]) & 0x3fU;
    const bool saves = (cdb[1] & std::byte{1}) != std::byte{0};
    if (saves || cdb[3] != std::byte{0} || (page != 0x00 && page != 0x0c)) return fails(sense::invalid_field_in_cdb);
    std::vector<std::byte> data(4);
    data[0] = static_cast<std::byte>(page);
    if (page == 0) {
        data.insert(data.end(), {std::byte{0x00}, std::byte{0x0c}});
    } else {
        data.resize(4 + 4 + 8);
        pdu::store_be<2>(data.data() + 4, 0x0002);  // used LBA mapping resource count
        data[6] = std::byte{0x03};                  // a binary list
        data[7] = std::byte{8};
        pdu::store_be<4>(data.data() + 8,
                         std::min<std::uint64_t>(map_.mapped_blocks(), std::numeric_limits<std::uint32_t>::max()));
    }
    pdu::store_be<2>(data.data() + 2, data.size() - 4);
    return answers(std::move(data), pdu::load_be<2>(cdb.data() + 7));
}

/// One group of one port, which is active/optimized and stays so (SPC-4 §6.37).
command_plan logical_unit::port_groups(std::span<const std::byte> cdb) const {
    const auto format = std::to_integer<unsigned>(cdb[1]) >> 5U;
    if (format > 1) return fails(sense::invalid_field_in_cdb);
    std::vector<std::byte> data(format == 1 ? 8 : 4);
    if (format == 1) data[4] = std::byte{0x10};
    const auto at = data.size();
    data.resize(at + 8 + 4);
    data[at + 1] = std::byte{0x01};  // AO_SUP
    pdu::store_be<2>(data.data() + at + 2, portal_group_tag_);
    data[at + 7] = std::byte{1};
    pdu::store_be<2>(data.data() + at + 10, relative_target_port);
    pdu::store_be<4>(data.data(), data.size() - 4);
    return answers(std::move(data), pdu::load_be<4>(cdb.data() + 6));
}

}  // namespace persiscsi::target
