// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/diagnostic.hpp"

#include "initiator/scsi/cdb_fields.hpp"
#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {
namespace {

cdb buffer(
    std::uint8_t operation_code, buffer_mode mode, std::uint8_t buffer, std::uint32_t offset, std::uint32_t length) {
    assert(offset < 1U << 24U && length < 1U << 24U);
    auto made = make_cdb(operation_code, 10, static_cast<std::uint8_t>(mode));
    put<2, 1>(made, buffer);
    put<3, 3>(made, offset);
    put<6, 3>(made, length);
    return made;
}

}  // namespace

cdb send_diagnostic(const diagnostic_request& what, std::uint16_t parameter_list_length) {
    auto made = make_cdb(0x1d, 6);
    put<1, 1>(made, static_cast<unsigned>(what.test) << 5U);
    set_if(what.page_format, made, 4);
    set_if(what.default_test, made, 2);
    set_if(what.device_offline, made, 1);
    set_if(what.unit_offline, made, 0);
    put<3, 2>(made, parameter_list_length);
    return made;
}

cdb receive_diagnostic_results(std::uint8_t page, std::uint16_t allocation_length) {
    auto made = make_cdb(0x1c, 6);
    set_if(true, made, 0);  // PCV
    put<2, 1>(made, page);
    put<3, 2>(made, allocation_length);
    return made;
}

parsed<diagnostic_page> parse_diagnostic_page(std::span<const std::byte> reply) {
    constexpr std::size_t header_size = 4;
    if (reply.size() < header_size)
        return too_short<diagnostic_page>("RECEIVE DIAGNOSTIC RESULTS", reply.size(), header_size);
    const auto length = number_at<2>(reply, 2);
    const auto bytes = part_of(reply, header_size, length);
    return {.value = {.page = byte_at(reply, 0),
                      .specific = byte_at(reply, 1),
                      .bytes = {bytes.begin(), bytes.end()},
                      .whole_size = header_size + length}};
}

cdb read_buffer(buffer_mode mode, std::uint8_t id, std::uint32_t offset, std::uint32_t allocation_length) {
    return buffer(0x3c, mode, id, offset, allocation_length);
}

cdb write_buffer(buffer_mode mode, std::uint8_t id, std::uint32_t offset, std::uint32_t parameter_list_length) {
    return buffer(0x3b, mode, id, offset, parameter_list_length);
}

parsed<buffer_descriptor> parse_buffer_descriptor(std::span<const std::byte> reply) {
    if (reply.size() < 4) return too_short<buffer_descriptor>("buffer descriptor", reply.size(), 4);
    return {.value = {.offset_boundary_exponent = byte_at(reply, 0),
                      .capacity = static_cast<std::uint32_t>(number_at<3>(reply, 1))}};
}

parsed<echo_buffer_descriptor> parse_echo_buffer_descriptor(std::span<const std::byte> reply) {
    if (reply.size() < 4) return too_short<echo_buffer_descriptor>("echo buffer descriptor", reply.size(), 4);
    return {.value = {.overwritten_by_others = !bit_at(reply, 0, 0),
                      .capacity = static_cast<std::uint16_t>(number_at<2>(reply, 2) & 0x1fffU)}};
}

}  // namespace persiscsi::scsi
