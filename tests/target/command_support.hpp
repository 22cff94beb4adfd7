// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/command_plan.hpp"
#include "tests/target/reservations.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace persiscsi::target {

/// A command that the logical units know.
struct supported_command {
    std::uint8_t operation_code;
    std::optional<std::uint16_t> service_action;
    reservations::kind kind;
    std::string_view usage;  ///< CDB USAGE DATA (SPC-4 §6.35.3) in hexadecimal digits; its length is the CDB's
};

/// The row of a CDB; null where there is none.
[[nodiscard]] const supported_command* find_supported(std::span<const std::byte> cdb);
/// Is there any row of that operation code?
[[nodiscard]] bool knows_operation(std::uint8_t operation_code);

/// REPORT SUPPORTED OPERATION CODES (SPC-4 §6.35).
[[nodiscard]] command_plan report_operations(std::span<const std::byte> cdb);

}  // namespace persiscsi::target
