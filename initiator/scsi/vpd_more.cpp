// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/vpd_more.hpp"

#include "initiator/scsi/vpd_reply.hpp"

namespace persiscsi::scsi {

parsed<extended_inquiry> parse_extended_inquiry(std::span<const std::byte> reply) {
    const auto page = page_of(reply, vpd_page::extended_inquiry);
    if (page.error) return failed<extended_inquiry>(page);
    const auto data = page.value;
    return {.value = {.protection_types = static_cast<std::uint8_t>(byte_at(data, 4) >> 3U & 0x7U),
                      .checks_guard = bit_at(data, 4, 2),
                      .checks_application_tag = bit_at(data, 4, 1),
                      .checks_reference_tag = bit_at(data, 4, 0),
                      .write_uncorrectable = bit_at(data, 6, 3),
                      .simple_tasks = bit_at(data, 5, 0),
                      .ordered_tasks = bit_at(data, 5, 1),
                      .head_of_queue_tasks = bit_at(data, 5, 2),
                      .non_volatile_cache = bit_at(data, 6, 1),
                      .volatile_cache = bit_at(data, 6, 0),
                      .extended_self_test_minutes = static_cast<std::uint16_t>(number_at<2>(data, 10))}};
}

parsed<std::vector<mode_page_policy>> parse_mode_page_policy(std::span<const std::byte> reply) {
    const auto page = page_of(reply, vpd_page::mode_page_policy);
    if (page.error) return failed<std::vector<mode_page_policy>>(page);
    parsed<std::vector<mode_page_policy>> found;
    for (auto at = vpd_header_size; has_field<4>(page.value, at); at += 4)
        found.value.push_back({.page = static_cast<std::uint8_t>(byte_at(page.value, at) & 0x3fU),
                               .subpage = byte_at(page.value, at + 1),
                               .owner = static_cast<mode_page_owner>(byte_at(page.value, at + 2) & 0x3U)});
    return found;
}

parsed<std::vector<scsi_port>> parse_scsi_ports(std::span<const std::byte> reply) {
    using result = std::vector<scsi_port>;
    const auto page = page_of(reply, vpd_page::scsi_ports);
    if (page.error) return failed<result>(page);
    const bool whole = reply.size() >= vpd_header_size + number_at<2>(reply, 2);
    parsed<result> found;
    for (auto rest = page.value.subspan(vpd_header_size); !rest.empty();) {
        // 8 bytes, the TransportID and its length before it; 4 bytes, the descriptors and their length before them
        const auto id_size = number_at<2>(rest, 6);
        const auto names_size = number_at<2>(rest, 8 + id_size + 2);
        const auto size = 8 + id_size + 4 + names_size;
        if (size > rest.size()) {
            if (!whole) break;
            return malformed<result>(vpd_page_name(vpd_page::scsi_ports) + ": a port of " + std::to_string(size) +
                                     " bytes with " + std::to_string(rest.size()) + " left");
        }
        const auto id = part_of(rest, 8, id_size);
        const auto names = part_of(rest, 8 + id_size + 4, names_size);
        found.value.push_back({.relative_port = static_cast<std::uint16_t>(number_at<2>(rest, 2)),
                               .initiator_transport_id = {id.begin(), id.end()},
                               .target_designators = {names.begin(), names.end()}});
        rest = rest.subspan(size);
    }
    return found;
}

parsed<block_device_characteristics> parse_block_device_characteristics(std::span<const std::byte> reply) {
    const auto page = page_of(reply, vpd_page::block_device_characteristics);
    if (page.error) return failed<block_device_characteristics>(page);
    const auto data = page.value;
    return {.value = {.rotation_rate = static_cast<std::uint16_t>(number_at<2>(data, 4)),
                      .product_type = byte_at(data, 6),
                      .form_factor = static_cast<std::uint8_t>(byte_at(data, 7) & 0x0fU),
                      .fua_behaviour = bit_at(data, 8, 1),
                      .verify_flushes = bit_at(data, 8, 0)}};
}

}  // namespace persiscsi::scsi
