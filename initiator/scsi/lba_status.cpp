// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/lba_status.hpp"

#include "initiator/scsi/cdb_fields.hpp"
#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {
namespace {

constexpr std::size_t header_size = 8;
constexpr std::size_t descriptor_size = 16;
constexpr const char* name = "GET LBA STATUS";

std::string why_wrong(const std::vector<lba_status>& before, const lba_status& next) {
    const auto first = number_of(next.first);
    const auto blocks = number_of(next.blocks);
    const auto range = std::string(name) + ": " + std::to_string(blocks) + " blocks from " + std::to_string(first);
    if (blocks == 0 || first > ~std::uint64_t{0} - blocks) return range;
    if (before.empty()) return {};
    const auto end = number_of(before.back().first) + number_of(before.back().blocks);
    return first == end ? std::string{} : range + " behind a range that ends at " + std::to_string(end);
}

}  // namespace

cdb get_lba_status(lba first, std::uint32_t allocation_length) {
    auto made = make_cdb(0x9e, 16, 0x12);
    put<2, 8>(made, number_of(first));
    put<10, 4>(made, allocation_length);
    return made;
}

parsed<std::vector<lba_status>> parse_lba_status(std::span<const std::byte> reply) {
    using result = std::vector<lba_status>;
    if (reply.size() < header_size) return too_short<result>(name, reply.size(), header_size);
    const auto data = part_of(reply, 0, 4 + number_at<4>(reply, 0));  // the length does not count itself
    parsed<result> found;
    for (std::size_t at = header_size; has_field<descriptor_size>(data, at); at += descriptor_size) {
        const lba_status next{.first = lba{number_at<8>(data, at)},
                              .blocks = block_count{static_cast<std::uint32_t>(number_at<4>(data, at + 8))},
                              .status = static_cast<provisioning_status>(byte_at(data, at + 12) & 0x0fU)};
        if (auto wrong = why_wrong(found.value, next); !wrong.empty()) return malformed<result>(std::move(wrong));
        found.value.push_back(next);
    }
    return found;
}

}  // namespace persiscsi::scsi
