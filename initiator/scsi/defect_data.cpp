// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/defect_data.hpp"

#include "initiator/scsi/cdb_fields.hpp"
#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {
namespace {

unsigned flags_of(defect_lists which, defect_format format) {
    return (which.primary ? 0x10U : 0U) | (which.grown ? 0x08U : 0U) | static_cast<unsigned>(format);
}

std::size_t descriptor_size(defect_format format) {
    switch (format) {
        case defect_format::short_block:
            return 4;
        case defect_format::long_block:
        case defect_format::bytes_from_index:
        case defect_format::physical_sector:
            return 8;
    }
    return 0;
}

parsed<defect_data> parse(const std::string& name,
                          std::span<const std::byte> reply,
                          std::size_t header_size,
                          std::uint64_t length) {
    const auto flags = byte_at(reply, 1);
    parsed<defect_data> found{.value = {.lists = {.primary = (flags & 0x10U) != 0, .grown = (flags & 0x08U) != 0},
                                        .format = static_cast<defect_format>(flags & 0x07U),
                                        .whole_size = header_size + length}};
    const auto size = descriptor_size(found.value.format);
    if (size == 0) return malformed<defect_data>(name + ": defect list format " + std::to_string(flags & 0x07U));
    if (length % size != 0)
        return malformed<defect_data>(name + ": a list of " + std::to_string(length) + " bytes, not a multiple of " +
                                      std::to_string(size));
    const auto list = part_of(reply, header_size, length);
    for (std::size_t at = 0; list.size() - at >= size; at += size)
        found.value.places.push_back(size == 4 ? number_at<4>(list, at) : number_at<8>(list, at));
    return found;
}

}  // namespace

cdb read_defect_data_10(defect_lists which, defect_format format, std::uint16_t allocation_length) {
    auto made = make_cdb(0x37, 10);
    put<2, 1>(made, flags_of(which, format));
    put<7, 2>(made, allocation_length);
    return made;
}

cdb read_defect_data_12(defect_lists which,
                        defect_format format,
                        std::uint32_t index,
                        std::uint32_t allocation_length) {
    auto made = make_cdb(0xb7, 12);
    put<1, 1>(made, flags_of(which, format));
    put<2, 4>(made, index);
    put<6, 4>(made, allocation_length);
    return made;
}

parsed<defect_data> parse_defect_data_10(std::span<const std::byte> reply) {
    const std::string name = "READ DEFECT DATA (10)";
    if (reply.size() < 4) return too_short<defect_data>(name, reply.size(), 4);
    return parse(name, reply, 4, number_at<2>(reply, 2));
}

parsed<defect_data> parse_defect_data_12(std::span<const std::byte> reply) {
    const std::string name = "READ DEFECT DATA (12)";
    if (reply.size() < 8) return too_short<defect_data>(name, reply.size(), 8);
    return parse(name, reply, 8, number_at<4>(reply, 4));
}

}  // namespace persiscsi::scsi
