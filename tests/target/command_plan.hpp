// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/scsi_outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::target {

/// A command as it came.
struct command_request {
    std::span<const std::byte> cdb;  ///< at least 16 bytes; with what came in an Extended CDB AHS
    std::string nexus{};             ///< "name,i,0xISID"
    std::uint64_t data_out = 0;      ///< bytes that the initiator offers
};

/// What a CDB asks for: how many bytes in which direction, and from where.
struct command_plan {
    enum class transfer {
        none,
        parameters_in,   ///< `parameters` go to the initiator
        medium_in,       ///< `length` bytes of the medium at `offset`
        medium_out,      ///< `length` bytes to the medium at `offset`
        compare_out,     ///< `length` bytes to be compared with the medium at `offset`
        parameters_out,  ///< `length` bytes for finish()
        exchange,        ///< both ways: `length` bytes for finish(), which leaves `parameters` for the initiator
    };
    transfer kind = transfer::none;
    std::uint64_t length = 0;
    std::uint64_t read_length = 0;  ///< of an exchange: bytes for the initiator
    std::uint64_t offset = 0;
    std::vector<std::byte> parameters{};
    scsi_outcome outcome{};  ///< not good: nothing is transferred, the command ends so

    [[nodiscard]] bool to_initiator() const { return kind == transfer::parameters_in || kind == transfer::medium_in; }
    [[nodiscard]] bool to_target() const { return kind >= transfer::medium_out; }
    /// Its data wait for finish().
    [[nodiscard]] bool collects() const { return kind >= transfer::parameters_out; }
};

/// Nothing is transferred, and it ends so.
[[nodiscard]] command_plan ends(scsi_outcome outcome);
[[nodiscard]] inline command_plan fails(scsi_outcome outcome) {
    return ends(outcome);
}
/// Parameter data, cut to the CDB's allocation length.
[[nodiscard]] command_plan answers(std::vector<std::byte> data, std::uint64_t allocation_length);
/// `length` bytes are wanted for finish(). A longer list than anybody sends is refused.
[[nodiscard]] command_plan collects(std::uint64_t length);

}  // namespace persiscsi::target
