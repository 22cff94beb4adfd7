// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/capacity.hpp"

#include "initiator/scsi/reply.hpp"

#include <limits>

namespace persiscsi::scsi {
namespace {

constexpr std::uint64_t max_bytes = std::numeric_limits<std::int64_t>::max();  // offsets of files are signed

parsed<capacity> sized(const std::string& reply_name, std::uint64_t last_lba, std::uint64_t block_size) {
    if (block_size == 0 || block_size > max_block_size)
        return malformed<capacity>(reply_name + ": block size " + std::to_string(block_size) + ", allowed 1 to " +
                                   std::to_string(max_block_size));
    if (last_lba >= max_bytes / block_size)
        return malformed<capacity>(reply_name + ": last block " + std::to_string(last_lba) + " of " +
                                   std::to_string(block_size) + " bytes is beyond 2^63 bytes");
    return {.value = {.blocks = last_lba + 1, .block_size = static_cast<std::uint32_t>(block_size)}};
}

}  // namespace

parsed<capacity> parse_capacity_10(std::span<const std::byte> reply) {
    const std::string name = "READ CAPACITY (10)";
    if (reply.size() < 8) return too_short<capacity>(name, reply.size(), 8);
    const auto last_lba = number_at<4>(reply, 0);
    auto parsed = sized(name, last_lba, number_at<4>(reply, 4));
    if (!parsed.error && last_lba == 0xffffffffU) {
        parsed.value.blocks = 0;
        parsed.value.needs_16 = true;
    }
    return parsed;
}

parsed<capacity> parse_capacity_16(std::span<const std::byte> reply) {
    const std::string name = "READ CAPACITY (16)";
    if (reply.size() < 12) return too_short<capacity>(name, reply.size(), 12);
    auto parsed = sized(name, number_at<8>(reply, 0), number_at<4>(reply, 8));
    if (parsed.error) return parsed;
    auto& value = parsed.value;
    const bool protection_enabled = bit_at(reply, 12, 0);
    if (protection_enabled) value.protection_type = static_cast<std::uint8_t>((byte_at(reply, 12) >> 1U & 0x7U) + 1);
    value.blocks_per_physical_block_exponent = byte_at(reply, 13) & 0x0fU;
    value.provisioned = bit_at(reply, 14, 7);
    value.unmapped_reads_zeroes = bit_at(reply, 14, 6);
    value.lowest_aligned_lba = static_cast<std::uint16_t>(number_at<2>(reply, 14) & 0x3fffU);
    return parsed;
}

}  // namespace persiscsi::scsi
