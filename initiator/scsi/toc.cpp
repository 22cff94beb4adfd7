// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/toc.hpp"

#include "initiator/scsi/cdb_fields.hpp"
#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {

cdb read_toc(toc_format format, std::uint8_t first, std::uint16_t allocation_length, bool minutes) {
    auto made = make_cdb(0x43, 10);
    set_if(minutes, made, 1);
    put<2, 1>(made, static_cast<std::uint64_t>(format));
    put<6, 1>(made, first);
    put<7, 2>(made, allocation_length);
    return made;
}

parsed<table_of_contents> parse_toc(std::span<const std::byte> reply) {
    constexpr std::size_t entry_size = 8;
    if (reply.size() < 4) return too_short<table_of_contents>("READ TOC", reply.size(), 4);
    const auto length = number_at<2>(reply, 0);
    if (length < 2 || (length - 2) % entry_size != 0)
        return malformed<table_of_contents>("READ TOC: data length " + std::to_string(length) +
                                            ", not 2 and a multiple of 8");
    parsed<table_of_contents> found{.value = {.first = byte_at(reply, 2), .last = byte_at(reply, 3)}};
    const auto list = part_of(reply, 4, length - 2);
    for (std::size_t at = 0; has_field<entry_size>(list, at); at += entry_size)
        found.value.entries.push_back({.track = byte_at(list, at + 2),
                                       .control = static_cast<std::uint8_t>(byte_at(list, at + 1) & 0x0fU),
                                       .address_type = static_cast<std::uint8_t>(byte_at(list, at + 1) >> 4U),
                                       .start = static_cast<std::uint32_t>(number_at<4>(list, at + 4))});
    return found;
}

}  // namespace persiscsi::scsi
