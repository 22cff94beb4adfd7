// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/vpd.hpp"

#include "initiator/scsi/inquiry.hpp"
#include "initiator/scsi/vpd_reply.hpp"

#include <algorithm>

namespace persiscsi::scsi {
namespace {

constexpr auto header_size = vpd_header_size;

std::string hex(std::span<const std::byte> bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const std::byte byte : bytes) {
        const auto number = std::to_integer<unsigned>(byte);
        text += digits[number >> 4U];
        text += digits[number & 0xfU];
    }
    return text;
}

bool printable(std::span<const std::byte> bytes) {
    return std::all_of(
        bytes.begin(), bytes.end(), [](std::byte b) { return b >= std::byte{0x20} && b <= std::byte{0x7e}; });
}

/// Names are padded with blanks or NUL to the width of their field.
std::string text_or_hex(std::span<const std::byte> bytes) {
    while (!bytes.empty() && (bytes.back() == std::byte{0} || bytes.back() == std::byte{0x20}))
        bytes = bytes.first(bytes.size() - 1);
    return printable(bytes) ? trimmed_ascii(bytes) : hex(bytes);
}

}  // namespace

std::string vpd_page_name(std::uint8_t page) {
    const auto code = static_cast<std::byte>(page);
    return "VPD page " + hex({&code, 1});
}

parsed<std::span<const std::byte>> page_of(std::span<const std::byte> reply, std::uint8_t page) {
    using result = std::span<const std::byte>;
    if (reply.size() < header_size) return too_short<result>(vpd_page_name(page), reply.size(), header_size);
    if (byte_at(reply, 1) != page)
        return malformed<result>(vpd_page_name(page) + ": the reply is of " + vpd_page_name(byte_at(reply, 1)));
    return {.value = part_of(reply, 0, header_size + number_at<2>(reply, 2))};
}

parsed<std::vector<std::uint8_t>> parse_supported_pages(std::span<const std::byte> reply) {
    const auto page = page_of(reply, vpd_page::supported_pages);
    if (page.error) return failed<std::vector<std::uint8_t>>(page);
    parsed<std::vector<std::uint8_t>> result;
    for (const std::byte code : page.value.subspan(header_size))
        result.value.push_back(std::to_integer<std::uint8_t>(code));
    return result;
}

parsed<std::string> parse_unit_serial_number(std::span<const std::byte> reply) {
    const auto page = page_of(reply, vpd_page::unit_serial_number);
    if (page.error) return failed<std::string>(page);
    return {.value = trimmed_ascii(page.value.subspan(header_size))};
}

parsed<std::vector<designator>> parse_device_identification(std::span<const std::byte> reply) {
    using result = std::vector<designator>;
    const auto page = page_of(reply, vpd_page::device_identification);
    if (page.error) return failed<result>(page);
    const bool whole = reply.size() >= header_size + number_at<2>(reply, 2);
    parsed<result> found;
    for (auto rest = page.value.subspan(header_size); !rest.empty();) {
        const std::size_t length = byte_at(rest, 3);
        if (rest.size() < 4 || length > rest.size() - 4) {
            if (!whole) break;
            return malformed<result>(vpd_page_name(vpd_page::device_identification) + ": a designator of " +
                                     std::to_string(length) + " bytes with " + std::to_string(rest.size()) + " left");
        }
        const auto bytes = rest.subspan(4, length);
        found.value.push_back({.names = static_cast<association>(byte_at(rest, 1) >> 4U & 0x3U),
                               .type = static_cast<designator_type>(byte_at(rest, 1) & 0xfU),
                               .coded = static_cast<code_set>(byte_at(rest, 0) & 0xfU),
                               .bytes = {bytes.begin(), bytes.end()}});
        rest = rest.subspan(4 + length);
    }
    return found;
}

std::string to_string(const designator& one) {
    switch (one.type) {
        case designator_type::naa:
            return "naa." + hex(one.bytes);
        case designator_type::eui64:
            return "eui." + hex(one.bytes);
        case designator_type::t10_vendor_id:
            return "t10." + text_or_hex(one.bytes);
        case designator_type::scsi_name_string:
            return text_or_hex(one.bytes);
        default:
            return "type" + std::to_string(static_cast<unsigned>(one.type)) + "." +
                   (one.coded == code_set::binary ? hex(one.bytes) : text_or_hex(one.bytes));
    }
}

std::optional<std::string> logical_unit_name(const std::vector<designator>& designators) {
    for (const auto wanted : {designator_type::naa,
                              designator_type::eui64,
                              designator_type::scsi_name_string,
                              designator_type::t10_vendor_id}) {
        for (const auto& one : designators)
            if (one.names == association::logical_unit && one.type == wanted && !one.bytes.empty())
                return to_string(one);
    }
    return std::nullopt;
}

parsed<block_limits> parse_block_limits(std::span<const std::byte> reply) {
    const auto page = page_of(reply, vpd_page::block_limits);
    if (page.error) return failed<block_limits>(page);
    const auto data = page.value;
    const auto u32 = [&](std::size_t offset) { return static_cast<std::uint32_t>(number_at<4>(data, offset)); };
    parsed<block_limits> limits{
        .value = {
            .max_compare_and_write_length = byte_at(data, 5),
            .optimal_transfer_length_granularity = static_cast<std::uint16_t>(number_at<2>(data, 6)),
            .max_transfer_length = u32(8),
            .optimal_transfer_length = u32(12),
            .max_unmap_lba_count = u32(20),
            .max_unmap_descriptor_count = u32(24),
            .optimal_unmap_granularity = u32(28),
            .max_write_same_length = number_at<8>(data, 36),
            .refuses_write_same_of_zero_blocks = bit_at(data, 4, 0),
            .max_prefetch_length = u32(16),
            .max_atomic_length = u32(44),
            .atomic_alignment = u32(48),
            .atomic_granularity = u32(52),
            .max_atomic_length_with_boundary = u32(56),
            .max_atomic_boundary = u32(60),
        }};
    const bool alignment_valid = has_field<4>(data, 32) && bit_at(data, 32, 7);  // UGAVALID
    if (alignment_valid) limits.value.unmap_granularity_alignment = u32(32) & 0x7fffffffU;
    return limits;
}

parsed<block_provisioning> parse_block_provisioning(std::span<const std::byte> reply) {
    const auto page = page_of(reply, vpd_page::logical_block_provisioning);
    if (page.error) return failed<block_provisioning>(page);
    const auto data = page.value;
    return {.value = {
                .unmap = bit_at(data, 5, 7),
                .write_same_16 = bit_at(data, 5, 6),
                .write_same_10 = bit_at(data, 5, 5),
                .reads_zeroes = bit_at(data, 5, 2),
                .anchored = bit_at(data, 5, 1),
                .type = static_cast<provisioning_type>(byte_at(data, 6) & 0x7U),
            }};
}

}  // namespace persiscsi::scsi
