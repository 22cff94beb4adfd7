// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/copy_results.hpp"

#include "initiator/scsi/cdb_fields.hpp"
#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {

cdb receive_copy_results(copy_results_action action, std::uint8_t identifier, std::uint32_t allocation_length) {
    auto made = make_cdb(0x84, 16, static_cast<std::uint8_t>(action));
    put<2, 1>(made, identifier);
    put<10, 4>(made, allocation_length);
    return made;
}

parsed<copy_status> parse_copy_status(std::span<const std::byte> reply) {
    constexpr std::size_t size = 12;
    if (reply.size() < size) return too_short<copy_status>("copy status", reply.size(), size);
    const auto state = byte_at(reply, 4) & 0x7fU;
    if (state > static_cast<unsigned>(copy_state::failed))
        return malformed<copy_status>("copy status: state " + std::to_string(state) + ", known are 0 to 2");
    return {.value = {.state = static_cast<copy_state>(state),
                      .held_data_discarded = bit_at(reply, 4, 7),
                      .segments_processed = static_cast<std::uint16_t>(number_at<2>(reply, 5)),
                      .count_units = byte_at(reply, 7),
                      .transferred = static_cast<std::uint32_t>(number_at<4>(reply, 8))}};
}

parsed<copy_limits> parse_operating_parameters(std::span<const std::byte> reply) {
    constexpr std::size_t size = 44;
    if (reply.size() < size) return too_short<copy_limits>("copy operating parameters", reply.size(), size);
    const auto u16 = [&](std::size_t at) { return static_cast<std::uint16_t>(number_at<2>(reply, at)); };
    const auto u32 = [&](std::size_t at) { return static_cast<std::uint32_t>(number_at<4>(reply, at)); };
    parsed<copy_limits> found{.value = {.max_devices = u16(8),
                                        .max_segments = u16(10),
                                        .max_descriptor_list = u32(12),
                                        .max_segment_length = u32(16),
                                        .max_inline_data = u32(20),
                                        .held_data_limit = u32(24),
                                        .total_concurrent_copies = u16(34),
                                        .max_concurrent_copies = byte_at(reply, 36),
                                        .granularity_exponent = byte_at(reply, 37)}};
    for (const auto code : part_of(reply, size, byte_at(reply, 43)))
        found.value.descriptor_types.push_back(std::to_integer<std::uint8_t>(code));
    return found;
}

parsed<failed_segment> parse_failed_segment_details(std::span<const std::byte> reply) {
    constexpr std::size_t size = 60;
    if (reply.size() < size) return too_short<failed_segment>("failed segment details", reply.size(), size);
    return {
        .value = {.status = byte_at(reply, 56), .sense = parse_sense(part_of(reply, size, number_at<2>(reply, 58)))}};
}

}  // namespace persiscsi::scsi
