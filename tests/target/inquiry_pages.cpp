// SPDX-License-Identifier: Apache-2.0
#include "tests/target/inquiry_pages.hpp"

#include "pdu/endian.hpp"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <string_view>

namespace persiscsi::target {
namespace {

using bytes = std::vector<std::byte>;
constexpr std::string_view vendor = "PERSI   ";
constexpr std::string_view product = "RAM TARGET      ";
constexpr std::string_view revision = "1   ";

void append(bytes& to, std::string_view text) {
    for (const char c : text) to.push_back(static_cast<std::byte>(c));
}
void append(bytes& to, std::initializer_list<unsigned> values) {
    for (const auto value : values) to.push_back(static_cast<std::byte>(value));
}
template <std::size_t Width>
void append_be(bytes& to, std::uint64_t value) {
    to.resize(to.size() + Width);
    pdu::store_be<Width>(to.data() + to.size() - Width, value);
}

/// FNV-1a: an identifier that is the same after each start.
std::uint64_t digest_of(const unit_identity& identity) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : identity.target_name + "/" + std::to_string(identity.lun) + "/" + identity.serial)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return hash;
}

std::string serial_of(const unit_identity& identity) {
    if (!identity.serial.empty()) return identity.serial.substr(0, 64);
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (unsigned i = 0; i < 16; ++i) text += digits[(digest_of(identity) >> (60 - 4 * i)) & 15U];
    return text;
}

bytes standard_data() {
    bytes data;
    append(data, {0x00, 0x00, 0x06, 0x12, 31 + 16, 0x10, 0x00, 0x02});  // SPC-4, HiSup, TPGS implicit, CmdQue
    append(data, vendor);
    append(data, product);
    append(data, revision);
    data.resize(58);
    append(data, {0x00, 0xa0, 0x09, 0x60, 0x04, 0x60, 0x04, 0xc0});  // SAM-5, iSCSI, SPC-4, SBC-3
    data.resize(74);
    data[4] = static_cast<std::byte>(data.size() - 5);
    return data;
}

bytes designator(unsigned code_set, unsigned association_and_type, const bytes& value) {
    bytes data;
    append(data, {0x50U | code_set, association_and_type, 0, static_cast<unsigned>(value.size())});
    data.insert(data.end(), value.begin(), value.end());
    return data;
}

/// Device identification (SPC-4 §7.8.6): NAA and T10 vendor id of the unit; name, number and group of the target port.
bytes page_83(const unit_identity& identity) {
    bytes naa;
    append_be<8>(naa, (digest_of(identity) >> 4U) | (3ULL << 60U));  // locally assigned
    bytes t10;
    append(t10, vendor);
    append(t10, serial_of(identity));
    bytes port;
    constexpr std::string_view digits = "0123456789abcdef";
    append(port, identity.target_name + ",t,0x");
    for (unsigned shift = 16; shift > 0; shift -= 4)
        append(port, digits.substr((identity.portal_group_tag >> (shift - 4)) & 15U, 1));
    do port.push_back(std::byte{0});
    while (port.size() % 4 != 0);

    bytes data;
    bytes relative_port, group;
    append_be<4>(relative_port, relative_target_port);
    append_be<4>(group, identity.portal_group_tag);
    for (const auto& part : {designator(1, 0x03, naa),
                             designator(2, 0x01, t10),
                             designator(3, 0x98, port),
                             designator(1, 0x94, relative_port),
                             designator(1, 0x95, group)})
        data.insert(data.end(), part.begin(), part.end());
    return data;
}

/// Block limits (SBC-3 §6.5.3).
bytes page_b0(const unit_identity& identity) {
    bytes data(60);
    const auto optimal = 1024 * 1024 / identity.block_size;
    data[0] = std::byte{1};     // WSNZ
    data[1] = std::byte{0xff};  // COMPARE AND WRITE
    pdu::store_be<2>(data.data() + 2, 4096 / std::min(identity.block_size, 4096U));
    pdu::store_be<4>(data.data() + 8, optimal);
    pdu::store_be<4>(data.data() + 16, std::numeric_limits<std::uint32_t>::max());  // unmap LBA count
    pdu::store_be<4>(data.data() + 20, 256);                                        // unmap descriptors
    pdu::store_be<4>(data.data() + 24, 4096 / std::min(identity.block_size, 4096U));
    pdu::store_be<4>(data.data() + 40, most_atomic_blocks);
    return data;
}

command_plan vital_product_data(unsigned page, const unit_identity& identity, std::uint64_t allocation_length) {
    bytes payload;
    switch (page) {
        case 0x00:
            append(payload, {0x00, 0x80, 0x83, 0xb0, 0xb1, 0xb2});
            break;
        case 0x80:
            append(payload, serial_of(identity));
            break;
        case 0x83:
            payload = page_83(identity);
            break;
        case 0xb0:
            payload = page_b0(identity);
            break;
        case 0xb1:
            payload.resize(60);
            payload[1] = std::byte{1};
            break;  // not rotating
        case 0xb2:
            append(payload, {0x00, 0xe4, 0x02, 0x00});
            break;  // UNMAP, WRITE SAME, zeroes, thin
        default:
            return fails(sense::invalid_field_in_cdb);
    }
    bytes data;
    append(data, {0x00, page});
    append_be<2>(data, payload.size());
    data.insert(data.end(), payload.begin(), payload.end());
    return answers(std::move(data), allocation_length);
}

}  // namespace

command_plan inquiry(std::span<const std::byte> cdb, const unit_identity& identity) {
    const auto allocation_length = pdu::load_be<2>(cdb.data() + 3);
    const bool vpd = (cdb[1] & std::byte{1}) != std::byte{0};
    const auto page = std::to_integer<unsigned>(cdb[2]);
    if ((cdb[1] & std::byte{2}) != std::byte{0}) return fails(sense::invalid_field_in_cdb);  // CMDDT, obsolete
    if (vpd) return vital_product_data(page, identity, allocation_length);
    if (page != 0) return fails(sense::invalid_field_in_cdb);
    return answers(standard_data(), allocation_length);
}

command_plan inquiry_of_absent_unit(std::span<const std::byte> cdb) {
    if ((cdb[1] & std::byte{1}) != std::byte{0}) return fails(sense::lun_not_supported);
    auto data = standard_data();
    data[0] = std::byte{0x7f};
    return answers(std::move(data), pdu::load_be<2>(cdb.data() + 3));
}

}  // namespace persiscsi::target
