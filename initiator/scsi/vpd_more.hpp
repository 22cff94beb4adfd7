// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/vpd.hpp"

#include <cstdint>
#include <span>
#include <vector>

// VPD pages that few callers need. The rules of vpd.hpp hold.

namespace persiscsi::scsi {

/// Extended INQUIRY Data (SPC).
struct extended_inquiry {
    std::uint8_t protection_types = 0;    ///< SPT
    bool checks_guard = false;            ///< GRD_CHK
    bool checks_application_tag = false;  ///< APP_CHK
    bool checks_reference_tag = false;    ///< REF_CHK
    bool write_uncorrectable = false;     ///< WU_SUP
    bool simple_tasks = false;            ///< SIMPSUP
    bool ordered_tasks = false;           ///< ORDSUP
    bool head_of_queue_tasks = false;     ///< HEADSUP
    bool non_volatile_cache = false;      ///< NV_SUP
    bool volatile_cache = false;          ///< V_SUP
    std::uint16_t extended_self_test_minutes = 0;

    friend bool operator==(const extended_inquiry&, const extended_inquiry&) = default;
};
[[nodiscard]] parsed<extended_inquiry> parse_extended_inquiry(std::span<const std::byte> reply);

/// Of whom a mode page is: one for all, one for each target port, one for each I_T nexus.
enum class mode_page_owner : std::uint8_t { shared = 0, per_target_port = 1, per_nexus = 3 };

struct mode_page_policy {
    std::uint8_t page = 0;
    std::uint8_t subpage = 0;
    mode_page_owner owner = mode_page_owner::shared;

    friend bool operator==(const mode_page_policy&, const mode_page_policy&) = default;
};
/// Mode Page Policy (SPC): as many rows as were received.
[[nodiscard]] parsed<std::vector<mode_page_policy>> parse_mode_page_policy(std::span<const std::byte> reply);

/// One port of the target device.
struct scsi_port {
    std::uint16_t relative_port = 0;
    std::vector<std::byte> initiator_transport_id{};
    std::vector<std::byte> target_designators{};  ///< as in page 83h, behind its header

    friend bool operator==(const scsi_port&, const scsi_port&) = default;
};
/// SCSI Ports (SPC). A reply that ends within a port loses this one; one whose PAGE LENGTH does is malformed.
[[nodiscard]] parsed<std::vector<scsi_port>> parse_scsi_ports(std::span<const std::byte> reply);

/// Block Device Characteristics (SBC).
struct block_device_characteristics {
    std::uint16_t rotation_rate = 0;  ///< 0 not reported, 1 does not rotate, else revolutions a minute
    std::uint8_t product_type = 0;
    std::uint8_t form_factor = 0;  ///< nominal: 1 is 5.25, 2 is 3.5, 3 is 2.5, 4 is 1.8 inches, 5 less
    bool fua_behaviour = false;    ///< FUAB
    bool verify_flushes = false;   ///< VBULS

    friend bool operator==(const block_device_characteristics&, const block_device_characteristics&) = default;
};
[[nodiscard]] parsed<block_device_characteristics> parse_block_device_characteristics(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
