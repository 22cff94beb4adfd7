// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/command_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::target {

/// Who has reserved a logical unit: persistent reservations (SPC-4 §5.13), and RESERVE (6) of SPC-2. Initiators are
/// known by their nexus, "name,i,0xISID". Nothing outlives this object (no APTPL).
class reservations {
  public:
    /// What a command does, as far as reservations ask.
    enum class kind {
        always,  ///< never conflicts
        looks,   ///< conflicts with RESERVE (6) only
        reads,
        writes,
    };

    /// Would the command end in RESERVATION CONFLICT?
    [[nodiscard]] bool conflicts(const std::string& nexus, kind what) const;
    [[nodiscard]] bool reserved_by_another(const std::string& nexus) const {
        return !holder_6_.empty() && holder_6_ != nexus;
    }

    [[nodiscard]] scsi_outcome reserve_6(const std::string& nexus);
    [[nodiscard]] scsi_outcome release_6(const std::string& nexus);

    /// PERSISTENT RESERVE IN.
    [[nodiscard]] command_plan in(std::span<const std::byte> cdb) const;
    /// PERSISTENT RESERVE OUT: what can be said before its parameters have come.
    [[nodiscard]] static command_plan plan_out(const command_request& request);
    [[nodiscard]] scsi_outcome out(const command_request& request, std::span<const std::byte> parameters);

    /// RESERVE (6) ends with the nexus, and with a reset.
    void forget(const std::string& nexus);
    void reset() { holder_6_.clear(); }

    /// The unit attention that a change by another nexus left for this one.
    [[nodiscard]] std::optional<scsi_outcome> take_attention(const std::string& nexus);

  private:
    struct parameters {
        std::uint64_t key;
        std::uint64_t service_action;
    };
    [[nodiscard]] bool all_registrants() const { return type_ == 7 || type_ == 8; }
    [[nodiscard]] bool holds(const std::string& nexus) const;
    [[nodiscard]] std::uint64_t key_of(const std::string& nexus) const;
    void release_reservation(scsi_outcome told, const std::string& by);
    void unregister(const std::string& nexus);
    void tell_others(scsi_outcome told, const std::string& by);

    [[nodiscard]] scsi_outcome register_key(const std::string& nexus, std::uint64_t new_key);
    [[nodiscard]] scsi_outcome reserve(const std::string& nexus, unsigned type);
    [[nodiscard]] scsi_outcome release(const std::string& nexus, unsigned type);
    [[nodiscard]] scsi_outcome clear(const std::string& nexus);
    [[nodiscard]] scsi_outcome preempt(const std::string& nexus, unsigned type, std::uint64_t victim);
    [[nodiscard]] scsi_outcome move(const std::string& nexus, std::uint64_t key, std::span<const std::byte> list);

    std::map<std::string, std::uint64_t> keys_;  ///< of the registrants
    std::string holder_;                         ///< of a reservation that is not of all registrants
    unsigned type_ = 0;                          ///< 0: no reservation
    std::uint32_t generation_ = 0;
    std::string holder_6_;
    std::map<std::string, scsi_outcome> attentions_;
};

}  // namespace persiscsi::target
