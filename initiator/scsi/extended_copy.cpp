// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/extended_copy.hpp"

#include "initiator/scsi/cdb_fields.hpp"

#include <algorithm>

namespace persiscsi::scsi {
namespace {

constexpr std::size_t header_size = 16;
constexpr std::size_t device_size = 32;
constexpr std::size_t segment_size = 28;

void put_device(std::byte* at, const copy_device& device) {
    const auto& name = device.name;
    assert(name.bytes.size() <= 20 && device.block_size < 1U << 24U);
    pdu::store_be<1>(at, 0xe4);
    pdu::store_be<1>(at + 4, static_cast<unsigned>(name.coded));
    pdu::store_be<1>(at + 5, static_cast<unsigned>(name.names) << 4U | static_cast<unsigned>(name.type));
    pdu::store_be<1>(at + 7, name.bytes.size());
    std::copy(name.bytes.begin(), name.bytes.end(), at + 8);
    pdu::store_be<3>(at + 29, device.block_size);
}

void put_segment(std::byte* at, const copy_segment& segment) {
    pdu::store_be<1>(at, 0x02);
    pdu::store_be<1>(at + 1, segment.count_destination ? 0x02 : 0x00);
    pdu::store_be<2>(at + 2, segment_size - 4);
    pdu::store_be<2>(at + 4, segment.source);
    pdu::store_be<2>(at + 6, segment.destination);
    pdu::store_be<2>(at + 10, segment.blocks);
    pdu::store_be<8>(at + 12, number_of(segment.from));
    pdu::store_be<8>(at + 20, number_of(segment.to));
}

}  // namespace

cdb extended_copy(std::uint32_t parameter_list_length) {
    auto made = make_cdb(0x83, 16, 0x00);
    put<10, 4>(made, parameter_list_length);
    return made;
}

std::vector<std::byte> copy_parameter_list(const copy_list& what) {
    const auto devices = what.devices.size() * device_size;
    const auto segments = what.segments.size() * segment_size;
    assert(devices <= 0xffff && segments <= 0xffffffff && what.priority < 8);
    std::vector<std::byte> list(header_size + devices + segments);
    pdu::store_be<1>(list.data(), what.identifier);
    pdu::store_be<1>(list.data() + 1, what.priority);
    pdu::store_be<2>(list.data() + 2, devices);
    pdu::store_be<4>(list.data() + 8, segments);
    auto* at = list.data() + header_size;
    for (const auto& device : what.devices) {
        put_device(at, device);
        at += device_size;
    }
    for (const auto& segment : what.segments) {
        assert(segment.source < what.devices.size() && segment.destination < what.devices.size());
        put_segment(at, segment);
        at += segment_size;
    }
    return list;
}

}  // namespace persiscsi::scsi
