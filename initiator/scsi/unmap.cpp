// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/unmap.hpp"

#include "pdu/endian.hpp"

#include <cassert>

namespace persiscsi::scsi {

std::vector<std::byte> unmap_parameter_list(std::span<const block_range> ranges) {
    assert(ranges.size() <= max_unmap_ranges);
    constexpr std::size_t header_size = 8;
    constexpr std::size_t descriptor_size = 16;
    std::vector<std::byte> list(header_size + descriptor_size * ranges.size());
    pdu::store_be<2>(list.data(), list.size() - 2);  // UNMAP DATA LENGTH does not count itself
    pdu::store_be<2>(list.data() + 2, descriptor_size * ranges.size());
    auto* descriptor = list.data() + header_size;
    for (const auto& [first, blocks] : ranges) {
        pdu::store_be<8>(descriptor, static_cast<std::uint64_t>(first));
        pdu::store_be<4>(descriptor + 8, static_cast<std::uint64_t>(blocks));
        descriptor += descriptor_size;
    }
    return list;
}

}  // namespace persiscsi::scsi
