// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/any_pdu.hpp"
#include "tests/target/device_server.hpp"
#include "tests/target/operational_negotiation.hpp"
#include "tests/target/scsi_task.hpp"
#include "tests/target/wire.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace persiscsi::target {

/// What a script does to a received PDU.
struct received_fault {
    bool ignore = false;
    std::optional<scsi_outcome> status;
    std::chrono::milliseconds delay{};
    std::optional<pdu::reject_reason> reject;
};

/// The target's part of Full Feature Phase on the one connection of a session (RFC 7143 §4.2, §11), without I/O.
class full_feature {
  public:
    struct start {
        agreed_values agreed;
        pdu::command_sn cmd_sn;
        pdu::status_sn stat_sn;
        std::uint32_t command_window = 1;
        pdu::connection_id cid{};
    };
    /// `devices` null: a discovery session. Both outlive this.
    full_feature(wire& wire, device_server* devices, pending_attentions& attentions, const start& begin);

    /// Where the data segment of this PDU may go at once; empty: keep it for on_pdu.
    [[nodiscard]] std::span<std::byte> place_for(const pdu::bhs_bytes& bhs, std::uint32_t data_size);
    /// `placed`: the data went where place_for said.
    void on_pdu(const pdu::bhs_bytes& bhs, std::span<const std::byte> data, bool placed, const received_fault& fault);

    /// Sends Data-In as far as the wire takes it.
    void pump();
    void resume(pdu::task_tag tag, std::uint64_t serial);

    void ping();
    void send_async(pdu::async_message message);
    /// Tells MaxCmdSN with a NOP-In that wants no answer.
    void tell_window();
    void abort_tasks(std::optional<pdu::lun_id> lun);
    [[nodiscard]] std::size_t task_count() const { return tasks_.size(); }

  private:
    using bytes = std::span<const std::byte>;

    void on_scsi_command(const pdu::scsi_command& command, bytes data, const received_fault& fault);
    void on_data_out(const pdu::data_out& header, bytes data, bool placed, const received_fault& fault);
    void on_nop_out(const pdu::nop_out& request, bytes data);
    void on_text_request(const pdu::text_request& request, bytes data);
    void on_logout_request(const pdu::logout_request& request);
    void on_task_management(const pdu::task_management_request& request);
    void on_snack();

    [[nodiscard]] bool admit(bool immediate, pdu::command_sn cmd_sn, std::string_view title);
    void check_exp_stat_sn(pdu::status_sn exp_stat_sn);
    [[nodiscard]] std::optional<std::string> check_command(const pdu::scsi_command& command, std::size_t data) const;
    [[nodiscard]] std::optional<std::string> check_data_out(const scsi_task& task,
                                                            const pdu::data_out& header,
                                                            std::size_t size) const;
    void plan_task(scsi_task& task, const received_fault& fault);
    void keep_data(scsi_task& task, std::uint32_t offset, bytes data);
    void advance(scsi_task& task);
    void request_data(scsi_task& task);
    void send_data_in(scsi_task& task);
    void respond(scsi_task& task);
    void end_task(pdu::task_tag tag);
    [[nodiscard]] pdu::task_management_outcome carry_out(const pdu::task_management_request& request);
    void answer_text(pdu::task_tag tag, pdu::lun_id lun);
    void reject_pdu(pdu::reject_reason reason);

    template <class Response>
    void number(Response& response, bool advance_stat_sn);

    wire& wire_;
    device_server* devices_;
    pending_attentions& attentions_;
    agreed_values agreed_;
    std::uint32_t command_window_;
    pdu::connection_id cid_;
    pdu::bhs_bytes current_{};  ///< header of the PDU being handled
    pdu::command_sn exp_cmd_sn_;
    pdu::command_sn max_cmd_sn_;
    pdu::status_sn stat_sn_;
    std::uint32_t finished_commands_ = 0;  ///< MaxCmdSN has still to move by these
    std::uint32_t next_transfer_tag_ = 1;
    std::uint64_t next_serial_ = 1;
    std::unordered_map<std::uint32_t, scsi_task> tasks_;
    std::deque<std::uint32_t> sending_;  ///< tags of tasks with Data-In to send
    std::deque<std::uint32_t> aborted_;  ///< tags whose late Data-Out is no violation
    std::vector<std::byte> text_in_;
    std::vector<std::byte> text_out_;
    std::size_t text_sent_ = 0;
};

}  // namespace persiscsi::target
