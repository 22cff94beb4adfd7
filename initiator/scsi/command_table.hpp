// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace persiscsi::scsi {

/// Which way the data of a command go; as seen by the initiator.
enum class data_flow { none, in, out, both };

/// "in".
[[nodiscard]] std::string_view to_string(data_flow flow);

/// One command that this room builds. Standards are named without a section number: these move with each revision, the
/// clause is named like the command.
struct command_row {
    std::string_view name;  ///< "READ (10)", "PERSISTENT RESERVE IN, READ KEYS"
    std::uint8_t operation_code;
    std::optional<std::uint16_t> service_action;
    std::string_view standard;  ///< "SPC", "SBC", "MMC"; with a number where later ones have it no more
    data_flow flow;
    std::string_view builder;      ///< the function, and its header beside
    std::string_view header;       ///< "block_access.hpp"
    std::string_view parser = {};  ///< of what it replies; empty where these are the caller's bytes
};

/// All of them, by operation code and service action.
[[nodiscard]] std::span<const command_row> commands();

/// The row of a CDB, of as many bytes as are there; nothing where we do not build such a command.
[[nodiscard]] const command_row* find_command(std::span<const std::byte> cdb);

/// "28h", "9Eh/12h".
[[nodiscard]] std::string code_of(const command_row& row);

/// The table of docs/scsi.md.
[[nodiscard]] std::string commands_as_markdown();

}  // namespace persiscsi::scsi
