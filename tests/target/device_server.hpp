// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/types.hpp"
#include "tests/target/logical_unit.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::target {

/// Unit attentions of one session that wait to be told, by LUN.
using pending_attentions = std::map<std::uint64_t, scsi_outcome>;

/// The logical units of one target.
class device_server {
  public:
    device_server(const target_options& options, std::uint16_t portal_group_tag, ram_store& store);

    /// Takes a pending unit attention off where the command tells it.
    [[nodiscard]] command_plan plan(pdu::lun_id lun, const command_request& request, pending_attentions& attentions);

    /// What ends with a nexus or a reset, of all units or of one.
    void nexus_lost(const std::string& nexus);
    void reset(std::optional<pdu::lun_id> lun);

    /// Null where there is no such LUN.
    [[nodiscard]] logical_unit* find(pdu::lun_id lun);
    [[nodiscard]] const logical_unit* find(pdu::lun_id lun) const;

    [[nodiscard]] pending_attentions attention_for_all(scsi_outcome outcome) const;
    [[nodiscard]] const target_options& options() const { return options_; }

  private:
    [[nodiscard]] command_plan report_luns(std::span<const std::byte> cdb) const;

    const target_options& options_;
    std::vector<logical_unit> units_;
};

/// Peripheral or flat space addressing of one level (SAM-5 §4.7); nothing for the other methods.
[[nodiscard]] std::optional<std::uint64_t> lun_number(pdu::lun_id lun);
[[nodiscard]] pdu::lun_id lun_of(std::uint64_t number);

}  // namespace persiscsi::target
