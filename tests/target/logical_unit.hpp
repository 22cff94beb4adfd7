// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/command_plan.hpp"
#include "tests/target/medium_map.hpp"
#include "tests/target/mode_pages.hpp"
#include "tests/target/reservations.hpp"
#include "tests/target/target_options.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::target {

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
    [[nodiscard]] command_plan plan(const command_request& request);

    /// What a finished command leaves: its status, and of an exchange the data for the initiator.
    struct finished {
        scsi_outcome outcome{};
        std::vector<std::byte> reply{};
    };
    /// Carries out a command whose data have arrived (see command_plan::collects).
    [[nodiscard]] finished finish(const command_request& request, std::span<const std::byte> parameters);

    /// A part of the medium. Precondition: it lies inside a plan's range; of a null store not more than 16 MiB.
    [[nodiscard]] std::span<const std::byte> read(std::uint64_t offset, std::uint64_t length) const;
    [[nodiscard]] std::span<std::byte> write(std::uint64_t offset, std::uint64_t length);

    /// The unit attention that another nexus left for this one.
    [[nodiscard]] std::optional<scsi_outcome> take_attention(const std::string& nexus);
    void nexus_lost(const std::string& nexus) { reservations_.forget(nexus); }
    void reset();

  private:
    struct extent {
        std::uint64_t lba;
        std::uint64_t blocks;
    };
    [[nodiscard]] static extent range_of(std::span<const std::byte> cdb);
    [[nodiscard]] bool holds(extent range) const;
    [[nodiscard]] std::uint64_t bytes_of(std::uint64_t blocks) const { return blocks * options_.block_size; }
    [[nodiscard]] mode_pages::medium medium() const;
    [[nodiscard]] std::optional<scsi_outcome> write_protection() const;

    // commands about the unit: logical_unit.cpp
    [[nodiscard]] std::optional<command_plan> plan_about_unit(const command_request& request);
    [[nodiscard]] command_plan start_stop(std::span<const std::byte> cdb);
    [[nodiscard]] command_plan capacity_10() const;
    [[nodiscard]] command_plan capacity_16(std::span<const std::byte> cdb) const;
    [[nodiscard]] command_plan lba_status(std::span<const std::byte> cdb) const;
    [[nodiscard]] command_plan log_sense(std::span<const std::byte> cdb) const;
    [[nodiscard]] command_plan port_groups(std::span<const std::byte> cdb) const;

    // commands about blocks: block_commands.cpp
    [[nodiscard]] command_plan plan_blocks(const command_request& request);
    [[nodiscard]] command_plan plan_medium(const command_request& request, command_plan::transfer kind);
    [[nodiscard]] command_plan plan_collected(const command_request& request, std::uint64_t length_in_blocks);
    [[nodiscard]] command_plan plan_verify(const command_request& request) const;
    [[nodiscard]] command_plan plan_unmap(const command_request& request) const;
    [[nodiscard]] command_plan plan_write_same(const command_request& request);
    [[nodiscard]] scsi_outcome unmap(std::span<const std::byte> parameters);
    [[nodiscard]] scsi_outcome write_same(const command_request& request, std::span<const std::byte> block);
    [[nodiscard]] scsi_outcome compare_and_write(extent range, std::span<const std::byte> data);
    [[nodiscard]] scsi_outcome compare_with_block(extent range, std::span<const std::byte> block) const;
    [[nodiscard]] finished exchange(const command_request& request, std::span<const std::byte> data);
    void put(extent range, std::span<const std::byte> data);
    void put_or(extent range, std::span<const std::byte> data);
    void fill(extent range, std::span<const std::byte> block);

    lun_options options_;
    std::string target_name_;
    std::uint16_t portal_group_tag_;
    std::span<std::byte> medium_;   ///< of a RAM LUN
    std::span<std::byte> zeroes_;   ///< of a null LUN: never written
    std::span<std::byte> scratch_;  ///< of a null LUN: never read
    medium_map map_;
    mode_pages modes_;
    reservations reservations_;
    bool stopped_ = false;
};

}  // namespace persiscsi::target
