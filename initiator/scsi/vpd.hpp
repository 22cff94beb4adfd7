// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::scsi {

/// Vital product data pages (SPC, SBC) that we read.
namespace vpd_page {
inline constexpr std::uint8_t supported_pages = 0x00;
inline constexpr std::uint8_t unit_serial_number = 0x80;
inline constexpr std::uint8_t device_identification = 0x83;
inline constexpr std::uint8_t extended_inquiry = 0x86;
inline constexpr std::uint8_t mode_page_policy = 0x87;
inline constexpr std::uint8_t scsi_ports = 0x88;
inline constexpr std::uint8_t block_limits = 0xb0;
inline constexpr std::uint8_t block_device_characteristics = 0xb1;
inline constexpr std::uint8_t logical_block_provisioning = 0xb2;
}  // namespace vpd_page

/// Every parser refuses a reply of fewer than four bytes and one of another page, and believes PAGE LENGTH only as far
/// as there are bytes: what a short reply lacks stays empty or 0.

[[nodiscard]] parsed<std::vector<std::uint8_t>> parse_supported_pages(std::span<const std::byte> reply);

/// See trimmed_ascii().
[[nodiscard]] parsed<std::string> parse_unit_serial_number(std::span<const std::byte> reply);

/// What a designator names.
enum class association : std::uint8_t { logical_unit = 0, target_port = 1, target_device = 2 };

enum class code_set : std::uint8_t { binary = 1, ascii = 2, utf8 = 3 };

enum class designator_type : std::uint8_t {
    vendor_specific = 0,
    t10_vendor_id = 1,
    eui64 = 2,
    naa = 3,
    relative_target_port = 4,
    target_port_group = 5,
    logical_unit_group = 6,
    md5 = 7,
    scsi_name_string = 8,
};

/// One name of page 83h.
struct designator {
    association names = association::logical_unit;
    designator_type type = designator_type::vendor_specific;
    code_set coded = code_set::binary;
    std::vector<std::byte> bytes{};

    friend bool operator==(const designator&, const designator&) = default;
};

/// A reply that ends within a designator loses this one; one whose PAGE LENGTH does is malformed. The pages 86h,
/// 87h, 88h and B1h are in vpd_more.hpp.
[[nodiscard]] parsed<std::vector<designator>> parse_device_identification(std::span<const std::byte> reply);

/// "naa.60014…", "eui.…", "t10.VENDOR …", a SCSI name string as it is ("iqn.…"), "type5.…" for the others. What is not
/// printable ASCII is shown in hexadecimal digits, all of it.
[[nodiscard]] std::string to_string(const designator& one);

/// The name to recognise the logical unit by after a reconnect: NAA before EUI-64, SCSI name string and T10 vendor id.
[[nodiscard]] std::optional<std::string> logical_unit_name(const std::vector<designator>& designators);

/// Block Limits (SBC). In logical blocks; 0 is "not reported", for transfer lengths "no limit".
struct block_limits {
    std::uint8_t max_compare_and_write_length = 0;
    std::uint16_t optimal_transfer_length_granularity = 0;
    std::uint32_t max_transfer_length = 0;
    std::uint32_t optimal_transfer_length = 0;
    std::uint32_t max_unmap_lba_count = 0;
    std::uint32_t max_unmap_descriptor_count = 0;
    std::uint32_t optimal_unmap_granularity = 0;
    std::optional<std::uint32_t> unmap_granularity_alignment{};
    std::uint64_t max_write_same_length = 0;
    bool refuses_write_same_of_zero_blocks = false;  ///< WSNZ
    std::uint32_t max_prefetch_length = 0;
    std::uint32_t max_atomic_length = 0;
    std::uint32_t atomic_alignment = 0;
    std::uint32_t atomic_granularity = 0;
    std::uint32_t max_atomic_length_with_boundary = 0;
    std::uint32_t max_atomic_boundary = 0;

    friend bool operator==(const block_limits&, const block_limits&) = default;
};
[[nodiscard]] parsed<block_limits> parse_block_limits(std::span<const std::byte> reply);

enum class provisioning_type : std::uint8_t { not_reported = 0, resource = 1, thin = 2 };

/// Logical Block Provisioning (SBC).
struct block_provisioning {
    bool unmap = false;          ///< LBPU
    bool write_same_16 = false;  ///< LBPWS: WRITE SAME (16) with the UNMAP bit
    bool write_same_10 = false;  ///< LBPWS10
    bool reads_zeroes = false;   ///< LBPRZ: unmapped blocks read as zeroes
    bool anchored = false;       ///< ANC_SUP
    provisioning_type type = provisioning_type::not_reported;
};
[[nodiscard]] parsed<block_provisioning> parse_block_provisioning(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
