// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/task_management_request.hpp"
#include "tests/target/command_window.hpp"
#include "tests/target/device_server.hpp"
#include "tests/target/operational_negotiation.hpp"
#include "tests/target/scsi_task.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace persiscsi::target {

class full_feature;

/// A task whose connection is gone.
struct orphaned_task {
    std::optional<scsi_task> task;  ///< none: not a SCSI task, and not to be reassigned
    std::uint64_t loss = 0;         ///< of its connection
    bool released = false;          ///< that one was logged out: the task has no allegiance
};

/// A function that ends several tasks, on its way to its response (RFC 7143 §4.2.3.3, §4.2.3.4).
struct multi_task_abort {
    full_feature* by = nullptr;
    pdu::task_management_request request;
    bool executed = false;
    /// Connections whose statuses, before that number, have to be acknowledged first (Response Fence, §4.2.2.3.3).
    struct fence {
        full_feature* connection;
        pdu::status_sn exp_stat_sn;
    };
    std::vector<fence> fences{};
};

/// What the connections of one session have in common.
struct session_state {
    session_state(device_server* units, const agreed_values& values, pdu::command_sn first, std::uint32_t window_size)
        : devices(units), agreed(values), window(first, window_size) {}

    device_server* devices;  ///< null: a discovery session
    pending_attentions attentions;
    std::string nexus{};   ///< "name,i,0xISID", as SCSI names the initiator port
    agreed_values agreed;  ///< of the leading connection; what concerns one connection is kept there
    command_window window;
    std::vector<full_feature*> connections;  ///< those in Full Feature Phase

    /// CmdSNs may have been lost on the way: with a connection, or by a Reject (RFC 7143 §7.3). Without that, and with
    /// one connection, the initiator cannot leave a hole.
    bool may_have_holes = false;

    [[nodiscard]] pdu::transfer_tag fresh_transfer_tag() {
        const auto tag = static_cast<pdu::transfer_tag>(next_transfer_tag_++);
        if (next_transfer_tag_ == 0xffffffffU) next_transfer_tag_ = 1;
        return tag;
    }
    [[nodiscard]] std::uint64_t fresh_serial() { return next_serial_++; }

    /// Carries out the requests that waited for their turn and have it now.
    void deliver_due();
    /// The connection with an active task of that tag, if any.
    [[nodiscard]] full_feature* owner_of(pdu::task_tag tag) const;
    /// On whatever connection, active or not yet acknowledged, or on none.
    [[nodiscard]] bool knows_task(pdu::task_tag tag) const;
    [[nodiscard]] bool is_released(pdu::task_tag tag) const;
    [[nodiscard]] bool has_orphans(std::uint64_t loss) const;
    /// The connection was logged out for recovery: its tasks may be reassigned, but for those whose status
    /// `exp_stat_sn` acknowledges.
    void release_orphans(std::uint64_t loss, std::optional<pdu::status_sn> exp_stat_sn);
    /// Time is up, or the connection was logged out to be closed.
    void end_orphans(std::uint64_t loss);
    /// Commands of that logical unit ended without a word (RFC 7143 §11.14.5).
    void tell_cleared(pdu::lun_id lun);

    /// Ends the tasks of one logical unit, or all, on every connection.
    void abort_tasks(std::optional<pdu::lun_id> lun);

    std::list<multi_task_abort> aborts;
    /// Goes on with those as far as they come.
    void continue_aborts();
    /// Asynchronous Message 5 to each connection, but `issuing`, with tasks of that logical unit, or any (§4.2.3.4).
    void announce_termination(std::optional<pdu::lun_id> lun, const full_feature* issuing);

    std::map<std::uint32_t, orphaned_task> orphans;  ///< by Initiator Task Tag

  private:
    void end_orphan(const orphaned_task& orphan);

    bool continuing_ = false;
    std::uint32_t next_transfer_tag_ = 1;
    std::uint64_t next_serial_ = 1;
};

}  // namespace persiscsi::target
