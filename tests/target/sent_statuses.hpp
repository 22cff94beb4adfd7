// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace persiscsi::target {

/// The numbered responses of one connection that the initiator has not acknowledged, for Status SNACK (RFC 7143
/// §11.16.1).
class sent_statuses {
  public:
    struct entry {
        pdu::status_sn stat_sn;
        pdu::bhs_bytes bhs{};
        std::vector<std::byte> data;                       ///< not of a Data-In: its task has that
        pdu::task_tag task_tag = pdu::task_tag::reserved;  ///< reserved where it answers no request
    };

    /// Replaces one of the same number. What does not fit any more is forgotten, oldest first.
    void keep(entry sent);
    /// The first entry acknowledged is taken off.
    [[nodiscard]] bool take_acknowledged(pdu::status_sn exp_stat_sn, entry& taken);
    [[nodiscard]] entry* find(pdu::status_sn stat_sn);
    [[nodiscard]] const std::deque<entry>& all() const { return entries_; }

  private:
    std::deque<entry> entries_;
};

}  // namespace persiscsi::target
