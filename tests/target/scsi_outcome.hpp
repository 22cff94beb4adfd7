// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace persiscsi::target {

/// SCSI status with its sense: key, additional code and qualifier (SPC-4 §4.5).
struct scsi_outcome {
    std::uint8_t status = 0;
    std::uint8_t sense_key = 0;
    std::uint8_t asc = 0;
    std::uint8_t ascq = 0;

    [[nodiscard]] bool good() const { return status == 0; }
    [[nodiscard]] bool has_sense() const { return status == 0x02; }
    friend bool operator==(const scsi_outcome&, const scsi_outcome&) = default;
};

namespace sense {
inline constexpr scsi_outcome good{};
inline constexpr scsi_outcome invalid_opcode{0x02, 0x05, 0x20, 0x00};
inline constexpr scsi_outcome lba_out_of_range{0x02, 0x05, 0x21, 0x00};
inline constexpr scsi_outcome invalid_field_in_cdb{0x02, 0x05, 0x24, 0x00};
inline constexpr scsi_outcome lun_not_supported{0x02, 0x05, 0x25, 0x00};
inline constexpr scsi_outcome parameter_list_length{0x02, 0x05, 0x1a, 0x00};
inline constexpr scsi_outcome invalid_field_in_parameters{0x02, 0x05, 0x26, 0x00};
inline constexpr scsi_outcome saving_not_supported{0x02, 0x05, 0x39, 0x00};
inline constexpr scsi_outcome write_protected{0x02, 0x07, 0x27, 0x00};
inline constexpr scsi_outcome power_on{0x02, 0x06, 0x29, 0x00};
inline constexpr scsi_outcome device_reset{0x02, 0x06, 0x29, 0x03};
inline constexpr scsi_outcome nexus_loss{0x02, 0x06, 0x29, 0x07};
inline constexpr scsi_outcome cleared_by_protocol_event{0x02, 0x06, 0x47, 0x7f};  ///< RFC 7143 §11.14.5
inline constexpr scsi_outcome invalid_release{0x02, 0x05, 0x26, 0x04};
inline constexpr scsi_outcome reservations_preempted{0x02, 0x06, 0x2a, 0x03};
inline constexpr scsi_outcome reservations_released{0x02, 0x06, 0x2a, 0x04};
inline constexpr scsi_outcome registrations_preempted{0x02, 0x06, 0x2a, 0x05};
inline constexpr scsi_outcome mode_parameters_changed{0x02, 0x06, 0x2a, 0x01};
inline constexpr scsi_outcome software_write_protected{0x02, 0x07, 0x27, 0x02};
inline constexpr scsi_outcome stopped{0x02, 0x02, 0x04, 0x02};
inline constexpr scsi_outcome removal_prevented{0x02, 0x05, 0x53, 0x02};
inline constexpr scsi_outcome reservation_conflict{0x18, 0, 0, 0};
inline constexpr scsi_outcome miscompare{0x02, 0x0e, 0x1d, 0x00};
}  // namespace sense

/// Fixed format sense data (SPC-4 §4.5.3).
[[nodiscard]] inline std::array<std::byte, 18> fixed_sense(const scsi_outcome& outcome) {
    std::array<std::byte, 18> data{};
    data[0] = std::byte{0x70};
    data[2] = static_cast<std::byte>(outcome.sense_key);
    data[7] = std::byte{10};
    data[12] = static_cast<std::byte>(outcome.asc);
    data[13] = static_cast<std::byte>(outcome.ascq);
    return data;
}

}  // namespace persiscsi::target
