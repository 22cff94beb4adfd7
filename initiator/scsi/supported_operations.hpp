// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/parsed.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace persiscsi::scsi {

[[nodiscard]] cdb report_supported_operations(
    std::uint32_t allocation_length,
    bool with_timeouts = false);  // SPC, REPORT SUPPORTED OPERATION CODES (A3h/0Ch), all commands

/// One command; `service_action` where its operation code has several.
[[nodiscard]] cdb report_supported_operation(
    std::uint8_t operation_code,
    std::optional<std::uint16_t> service_action,
    std::uint32_t allocation_length,
    bool with_timeouts = false);  // SPC, REPORT SUPPORTED OPERATION CODES (A3h/0Ch), one command

/// What the device says of the time a command takes; 0 where it does not.
struct command_timeouts {
    std::chrono::seconds nominal{};      ///< before it is worth asking
    std::chrono::seconds recommended{};  ///< before it is to be given up

    friend bool operator==(const command_timeouts&, const command_timeouts&) = default;
};

struct supported_operation {
    std::uint8_t operation_code = 0;
    std::optional<std::uint16_t> service_action{};
    std::uint16_t cdb_size = 0;  ///< bytes
    std::optional<command_timeouts> timeouts{};

    friend bool operator==(const supported_operation&, const supported_operation&) = default;
};
struct supported_operations {
    std::vector<supported_operation> list{};
    std::uint64_t whole_size = 0;  ///< the allocation length that all of it takes, in bytes

    friend bool operator==(const supported_operations&, const supported_operations&) = default;
};
/// A reply that ends within a descriptor loses this one; one whose own length does is malformed.
[[nodiscard]] parsed<supported_operations> parse_supported_operations(std::span<const std::byte> reply);

enum class operation_support : std::uint8_t { unknown = 0, none = 1, standard = 3, vendor_specific = 5 };

struct operation_usage {
    operation_support support = operation_support::unknown;
    /// The CDB with a 1 in each bit that the device looks at; empty where there is no support.
    std::vector<std::byte> cdb_usage{};
    std::optional<command_timeouts> timeouts{};

    friend bool operator==(const operation_usage&, const operation_usage&) = default;
};
/// A usage that ends with the reply is malformed: it must not look like a shorter CDB.
[[nodiscard]] parsed<operation_usage> parse_supported_operation(std::span<const std::byte> reply);

[[nodiscard]] cdb report_supported_task_management(
    std::uint32_t allocation_length);  // SPC, REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (A3h/0Dh)

struct supported_task_management {
    bool abort_task = false;
    bool abort_task_set = false;
    bool clear_aca = false;
    bool clear_task_set = false;
    bool logical_unit_reset = false;
    bool query_task = false;
    bool query_asynchronous_event = false;
    bool query_task_set = false;
    bool i_t_nexus_reset = false;

    friend bool operator==(const supported_task_management&, const supported_task_management&) = default;
};
[[nodiscard]] parsed<supported_task_management> parse_supported_task_management(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
