// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/types.hpp"
#include "tests/target/scsi_outcome.hpp"
#include "tests/target/target_options.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::target {

/// What a CDB asks for: how many bytes in which direction, and from where.
struct command_plan {
    enum class transfer {
        none,
        parameters_in,   ///< `parameters` go to the initiator
        medium_in,       ///< `length` bytes of the medium at `offset`
        medium_out,      ///< `length` bytes to the medium at `offset`
        compare_out,     ///< `length` bytes to be compared with the medium at `offset`
        parameters_out,  ///< `length` bytes for finish()
    };
    transfer kind = transfer::none;
    std::uint64_t length = 0;
    std::uint64_t offset = 0;
    std::vector<std::byte> parameters;
    scsi_outcome outcome;  ///< not good: nothing is transferred, the command ends so

    [[nodiscard]] bool to_initiator() const { return kind == transfer::parameters_in || kind == transfer::medium_in; }
    [[nodiscard]] bool to_target() const { return kind >= transfer::medium_out; }
};

[[nodiscard]] command_plan fails(scsi_outcome outcome);
/// Parameter data, cut to the CDB's allocation length.
[[nodiscard]] command_plan answers(std::vector<std::byte> data, std::uint64_t allocation_length);

/// One direct access block device (SBC-3) over a volume of the ram_store, or over nothing.
class logical_unit {
  public:
    /// Throws std::invalid_argument for options that make no sense, and what ram_store::volume throws.
    logical_unit(const lun_options& options,
                 const target_options& target,
                 std::uint16_t portal_group_tag,
                 ram_store& store);
    ~logical_unit();
    logical_unit(logical_unit&&) noexcept;
    logical_unit& operator=(logical_unit&&) = delete;

    [[nodiscard]] std::uint64_t number() const { return options_.lun; }
    [[nodiscard]] command_plan plan(const pdu::cdb_bytes& cdb) const;

    /// Carries out a command whose parameters have arrived (UNMAP, WRITE SAME).
    [[nodiscard]] scsi_outcome finish(const pdu::cdb_bytes& cdb, std::span<const std::byte> parameters);

    /// A part of the medium. Precondition: it lies inside a plan's range; of a null store not more than 16 MiB.
    [[nodiscard]] std::span<const std::byte> read(std::uint64_t offset, std::uint64_t length) const;
    [[nodiscard]] std::span<std::byte> write(std::uint64_t offset, std::uint64_t length);

  private:
    struct extent {
        std::uint64_t lba;
        std::uint64_t blocks;
    };
    [[nodiscard]] bool holds(extent range) const;
    [[nodiscard]] command_plan plan_medium(const pdu::cdb_bytes& cdb, extent range, command_plan::transfer kind) const;
    [[nodiscard]] command_plan plan_check_only(extent range) const;
    [[nodiscard]] command_plan plan_verify(const pdu::cdb_bytes& cdb, extent range) const;
    [[nodiscard]] command_plan plan_unmap(const pdu::cdb_bytes& cdb) const;
    [[nodiscard]] command_plan plan_write_same(const pdu::cdb_bytes& cdb, extent range) const;
    [[nodiscard]] command_plan capacity_10() const;
    [[nodiscard]] command_plan capacity_16(const pdu::cdb_bytes& cdb) const;
    [[nodiscard]] command_plan lba_status(const pdu::cdb_bytes& cdb) const;
    [[nodiscard]] scsi_outcome unmap(std::span<const std::byte> parameters);
    [[nodiscard]] scsi_outcome write_same(extent range, std::span<const std::byte> block);
    void fill(extent range, std::span<const std::byte> block);

    lun_options options_;
    std::string target_name_;
    std::uint16_t portal_group_tag_;
    std::span<std::byte> medium_;   ///< of a RAM LUN
    std::span<std::byte> zeroes_;   ///< of a null LUN: never written
    std::span<std::byte> scratch_;  ///< of a null LUN: never read
};

}  // namespace persiscsi::target
