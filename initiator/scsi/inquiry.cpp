// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/inquiry.hpp"

#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {
namespace {

constexpr std::size_t header_size = 5;  // up to ADDITIONAL LENGTH, which counts what follows it

}  // namespace

std::string trimmed_ascii(std::span<const std::byte> field) {
    std::string text;
    for (const std::byte byte : field) {
        const auto c = std::to_integer<char>(byte);
        if (c == '\0') break;  // some targets fill with NUL instead of blanks
        text += c >= 0x20 && c <= 0x7e ? c : '?';
    }
    text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

parsed<standard_inquiry> parse_inquiry(std::span<const std::byte> reply) {
    if (reply.size() < header_size) return too_short<standard_inquiry>("INQUIRY", reply.size(), header_size);
    const auto data = part_of(reply, 0, header_size + byte_at(reply, 4));
    return {.value = {
                .qualifier = static_cast<peripheral_qualifier>(byte_at(data, 0) >> 5U),
                .type = static_cast<device_type>(byte_at(data, 0) & 0x1fU),
                .removable = bit_at(data, 1, 7),
                .version = byte_at(data, 2),
                .supports_protection = bit_at(data, 5, 0),
                .supports_command_queuing = bit_at(data, 7, 1),
                .vendor = trimmed_ascii(part_of(data, 8, 8)),
                .product = trimmed_ascii(part_of(data, 16, 16)),
                .revision = trimmed_ascii(part_of(data, 32, 4)),
            }};
}

}  // namespace persiscsi::scsi
