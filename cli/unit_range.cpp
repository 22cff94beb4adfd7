// SPDX-License-Identifier: Apache-2.0
#include "cli/unit_range.hpp"

#include "cli/command_error.hpp"
#include "cli/invocation.hpp"
#include "cli/unit_access.hpp"
#include "initiator/scsi/capacity.hpp"

#include <boost/json/value.hpp>

namespace persiscsi::cli {
namespace {

std::uint64_t number_in(const boost::json::object& object, const char* member) {
    const auto* value = object.if_contains(member);
    boost::system::error_code error;
    const auto number = value != nullptr ? value->to_number<std::uint64_t>(error) : 0;
    return error ? 0 : number;
}

}  // namespace

geometry geometry_of(unit_access& unit) {
    const auto answer = unit.capacity();
    const auto block_size = number_in(answer, "block_size");
    const auto blocks = number_in(answer, "blocks");
    if (block_size == 0 || block_size > scsi::max_block_size || blocks > ~std::uint64_t{0} / block_size)
        throw command_error(exit_code::io_error,
                            unit.name(),
                            "a capacity of " + std::to_string(blocks) + " blocks of " + std::to_string(block_size) +
                                " bytes makes no sense");
    return {blocks, static_cast<std::uint32_t>(block_size)};
}

void check_range(const unit_access& unit, const geometry& size, std::uint64_t lba, std::uint64_t blocks) {
    if (lba < size.blocks && blocks <= size.blocks - lba) return;
    throw command_error(exit_code::io_error,
                        unit.name(),
                        std::to_string(blocks) + (blocks == 1 ? " block" : " blocks") + " from block " +
                            std::to_string(lba) + " on: past the end, the logical unit has " +
                            std::to_string(size.blocks) + " blocks of " + std::to_string(size.block_size) + " bytes");
}

void require_lun(const invocation& line) {
    const auto where = parse_place(line.operands.front());
    const bool named = std::visit([](const auto& one) { return one.lun.has_value(); }, where);
    if (!named)
        throw usage_error("the LUN is missing: this command changes data and takes none by default; add /0, say");
}

}  // namespace persiscsi::cli
