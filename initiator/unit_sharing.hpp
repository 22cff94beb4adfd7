// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/persistent_reserve_in.hpp"
#include "initiator/scsi/persistent_reserve_out.hpp"
#include "initiator/scsi/target_port_groups.hpp"
#include "initiator/unit_operation.hpp"

#include <vector>

namespace persiscsi {

/// What hosts that share a logical unit ask of it: persistent reservations, and the states of its paths. See
/// `logical_unit`, of which the rules hold here too.
class unit_sharing {
  public:
    unit_sharing(session& over, pdu::lun_id lun) : session_(&over), lun_(lun) {}

    /// void(error_code): PERSISTENT RESERVE OUT, one of its service actions but REGISTER AND MOVE. `type` counts for
    /// reserve, release and preempt. scsi_errc::reservation_conflict where the unit does not take the key. Carried out
    /// once: after a lost connection read_keys and read_reservation tell what became of it.
    template <class Token = boost::asio::deferred_t>
    auto async_persistent_reserve(scsi::reserve_out_action action,
                                  scsi::reservation_type type,
                                  scsi::reserve_parameters what,
                                  diagnostics& story,
                                  Token&& token = {}) {
        return initiate_on<>(*this, &unit_sharing::start_persistent_reserve, token, story, action, type, what);
    }
    /// void(error_code, scsi::registered_keys): all keys; a list that is longer than we take is an error.
    template <class Token = boost::asio::deferred_t>
    auto async_read_keys(diagnostics& story, Token&& token = {}) {
        return initiate_on<scsi::registered_keys>(*this, &unit_sharing::start_read_keys, token, story);
    }
    /// void(error_code, scsi::current_reservation)
    template <class Token = boost::asio::deferred_t>
    auto async_read_reservation(diagnostics& story, Token&& token = {}) {
        return initiate_on<scsi::current_reservation>(*this, &unit_sharing::start_read_reservation, token, story);
    }
    /// void(error_code, scsi::reserve_capabilities)
    template <class Token = boost::asio::deferred_t>
    auto async_reserve_capabilities(diagnostics& story, Token&& token = {}) {
        return initiate_on<scsi::reserve_capabilities>(*this, &unit_sharing::start_reserve_capabilities, token, story);
    }
    /// void(error_code, scsi::full_status): every registrant; a list that is longer than we take is an error.
    template <class Token = boost::asio::deferred_t>
    auto async_full_status(diagnostics& story, Token&& token = {}) {
        return initiate_on<scsi::full_status>(*this, &unit_sharing::start_full_status, token, story);
    }
    /// void(error_code, std::vector<scsi::target_port_group>): REPORT TARGET PORT GROUPS.
    template <class Token = boost::asio::deferred_t>
    auto async_target_port_groups(diagnostics& story, Token&& token = {}) {
        return initiate_on<std::vector<scsi::target_port_group>>(
            *this, &unit_sharing::start_target_port_groups, token, story);
    }

  private:
    void start_persistent_reserve(scsi::reserve_out_action action,
                                  scsi::reservation_type type,
                                  scsi::reserve_parameters what,
                                  diagnostics& story,
                                  unit_handler<> then);
    void start_read_keys(diagnostics& story, unit_handler<scsi::registered_keys> then);
    void start_read_reservation(diagnostics& story, unit_handler<scsi::current_reservation> then);
    void start_reserve_capabilities(diagnostics& story, unit_handler<scsi::reserve_capabilities> then);
    void start_full_status(diagnostics& story, unit_handler<scsi::full_status> then);
    void start_target_port_groups(diagnostics& story, unit_handler<std::vector<scsi::target_port_group>> then);

    session* session_;
    pdu::lun_id lun_;
};

}  // namespace persiscsi
