// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/mode_pages.hpp"

#include "initiator/scsi/cdb_fields.hpp"
#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {
namespace {

cdb with(cdb made, const mode_query& what) {
    assert(what.page < 0x40);
    set_if(!what.block_descriptors, made, 3);  // DBD
    put<2, 1>(made, static_cast<unsigned>(what.values) << 6U | what.page);
    put<3, 1>(made, what.subpage);
    return made;
}

cdb with_format(cdb made, bool save) {
    set_if(true, made, 4);  // PF
    set_if(save, made, 0);
    return made;
}

/// The bytes of one page, of which `rest` begins with the header; its size in bytes, header included.
std::uint64_t page_size(std::span<const std::byte> rest) {
    const bool is_subpage = bit_at(rest, 0, 6);
    return is_subpage ? 4 + number_at<2>(rest, 2) : 2 + number_at<1>(rest, 1);
}

mode_page_data page_at(std::span<const std::byte> page) {
    const bool is_subpage = bit_at(page, 0, 6);
    const auto parameters = page.subspan(is_subpage ? 4 : 2);
    return {.page = static_cast<std::uint8_t>(byte_at(page, 0) & 0x3fU),
            .subpage = is_subpage ? byte_at(page, 1) : std::uint8_t{0},
            .saveable = bit_at(page, 0, 7),
            .parameters = {parameters.begin(), parameters.end()}};
}

/// `found` has what the header says. `length`: MODE DATA LENGTH and itself.
parsed<mode_data> with_pages(const std::string& name,
                             mode_data found,
                             std::span<const std::byte> reply,
                             std::uint64_t length,
                             std::size_t header_size,
                             std::size_t descriptors_size) {
    const bool whole = reply.size() >= length;
    auto rest = part_of(reply, 0, length);
    rest = rest.subspan(std::min(header_size, rest.size()));
    if (descriptors_size > rest.size()) {
        if (!whole) return {.value = std::move(found)};
        return malformed<mode_data>(name + ": block descriptors of " + std::to_string(descriptors_size) +
                                    " bytes with " + std::to_string(rest.size()) + " left");
    }
    const auto descriptors = rest.first(descriptors_size);
    found.block_descriptors.assign(descriptors.begin(), descriptors.end());
    for (rest = rest.subspan(descriptors_size); !rest.empty();) {
        const auto size = page_size(rest);
        if (size > rest.size()) {
            if (!whole) break;
            return malformed<mode_data>(name + ": a page of " + std::to_string(size) + " bytes with " +
                                        std::to_string(rest.size()) + " left");
        }
        found.pages.push_back(page_at(rest.first(size)));
        rest = rest.subspan(size);
    }
    return {.value = std::move(found)};
}

void append(std::vector<std::byte>& list, const mode_page_data& page) {
    const auto size = page.parameters.size();
    const bool is_subpage = page.subpage != 0;
    assert(page.page < 0x40 && size <= (is_subpage ? 0xffffU : 0xffU));
    const auto at = list.size();
    list.resize(at + (is_subpage ? 4 : 2));
    pdu::store_be<1>(list.data() + at, page.page | (is_subpage ? 0x40U : 0U));
    if (is_subpage) {
        pdu::store_be<1>(list.data() + at + 1, page.subpage);
        pdu::store_be<2>(list.data() + at + 2, size);
    } else {
        pdu::store_be<1>(list.data() + at + 1, size);
    }
    list.insert(list.end(), page.parameters.begin(), page.parameters.end());
}

void append_body(std::vector<std::byte>& list, const mode_data& what) {
    list.insert(list.end(), what.block_descriptors.begin(), what.block_descriptors.end());
    for (const auto& page : what.pages) append(list, page);
}

}  // namespace

cdb mode_sense_6(const mode_query& what, std::uint8_t allocation_length) {
    assert(!what.long_lba);
    auto made = with(make_cdb(0x1a, 6), what);
    put<4, 1>(made, allocation_length);
    return made;
}

cdb mode_sense_10(const mode_query& what, std::uint16_t allocation_length) {
    auto made = with(make_cdb(0x5a, 10), what);
    set_if(what.long_lba, made, 4);
    put<7, 2>(made, allocation_length);
    return made;
}

cdb mode_select_6(std::uint8_t parameter_list_length, bool save) {
    auto made = with_format(make_cdb(0x15, 6), save);
    put<4, 1>(made, parameter_list_length);
    return made;
}

cdb mode_select_10(std::uint16_t parameter_list_length, bool save) {
    auto made = with_format(make_cdb(0x55, 10), save);
    put<7, 2>(made, parameter_list_length);
    return made;
}

parsed<mode_data> parse_mode_data_6(std::span<const std::byte> reply) {
    const std::string name = "MODE SENSE (6)";
    if (reply.size() < 4) return too_short<mode_data>(name, reply.size(), 4);
    mode_data header{.medium_type = byte_at(reply, 1), .device_specific = byte_at(reply, 2)};
    return with_pages(name, std::move(header), reply, 1U + byte_at(reply, 0), 4, byte_at(reply, 3));
}

parsed<mode_data> parse_mode_data_10(std::span<const std::byte> reply) {
    const std::string name = "MODE SENSE (10)";
    if (reply.size() < 8) return too_short<mode_data>(name, reply.size(), 8);
    mode_data header{
        .medium_type = byte_at(reply, 2), .device_specific = byte_at(reply, 3), .long_lba = bit_at(reply, 4, 0)};
    return with_pages(name, std::move(header), reply, 2 + number_at<2>(reply, 0), 8, number_at<2>(reply, 6));
}

std::vector<std::byte> mode_parameter_list_6(const mode_data& what) {
    assert(what.block_descriptors.size() <= 0xff && !what.long_lba);
    std::vector<std::byte> list(4);  // MODE DATA LENGTH is reserved here
    pdu::store_be<1>(list.data() + 1, what.medium_type);
    pdu::store_be<1>(list.data() + 2, what.device_specific);
    pdu::store_be<1>(list.data() + 3, what.block_descriptors.size());
    append_body(list, what);
    return list;
}

std::vector<std::byte> mode_parameter_list_10(const mode_data& what) {
    assert(what.block_descriptors.size() <= 0xffff);
    std::vector<std::byte> list(8);
    pdu::store_be<1>(list.data() + 2, what.medium_type);
    pdu::store_be<1>(list.data() + 3, what.device_specific);
    pdu::store_be<1>(list.data() + 4, what.long_lba ? 1 : 0);
    pdu::store_be<2>(list.data() + 6, what.block_descriptors.size());
    append_body(list, what);
    return list;
}

}  // namespace persiscsi::scsi
