// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/any_pdu.hpp"
#include "tests/target/operational_negotiation.hpp"
#include "tests/target/received_fault.hpp"
#include "tests/target/scsi_task.hpp"
#include "tests/target/session_state.hpp"
#include "tests/target/wire.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace persiscsi::target {

/// The target's part of Full Feature Phase on one connection of a session (RFC 7143 §4.2, §11), without I/O.
class full_feature {
  public:
    struct start {
        agreed_values agreed;
        pdu::status_sn stat_sn;
        pdu::connection_id cid{};
    };
    /// `wire` outlives this.
    full_feature(wire& wire, std::shared_ptr<session_state> session, const start& begin);
    ~full_feature();
    full_feature(const full_feature&) = delete;
    full_feature& operator=(const full_feature&) = delete;

    /// Where the data segment of this PDU may go at once; empty: keep it for on_pdu.
    [[nodiscard]] std::span<std::byte> place_for(const pdu::bhs_bytes& bhs, std::uint32_t data_size);
    void on_pdu(const arrived_pdu& pdu, const received_fault& fault);
    /// A request that waited is due.
    void on_turn(const command_window::held& request);

    /// Sends Data-In as far as the wire takes it.
    void pump();
    void resume(pdu::task_tag tag, std::uint64_t serial);

    void ping();
    void send_async(pdu::async_message message);
    /// Tells MaxCmdSN with a NOP-In that wants no answer.
    void tell_window();

    /// The connection leaves the session: its tasks end, requests that waited for their turn never came.
    void leave();
    void abort_tasks(std::optional<pdu::lun_id> lun);
    [[nodiscard]] std::size_t task_count() const { return tasks_.size(); }
    [[nodiscard]] bool has_task(pdu::task_tag tag) const { return tasks_.contains(static_cast<std::uint32_t>(tag)); }

  private:
    using bytes = std::span<const std::byte>;
    enum class admission { now, later, refused };

    void on_scsi_command(const arrived_pdu& pdu, const received_fault& fault);
    void on_data_out(const arrived_pdu& pdu, const received_fault& fault);
    void on_snack();
    void on_request(const pdu::any_pdu& request, const arrived_pdu& pdu, const received_fault& fault);
    void carry_out(const pdu::any_pdu& request, bytes data);
    void on_nop_out(const pdu::nop_out& request, bytes data);
    void on_text_request(const pdu::text_request& request, bytes data);
    void on_logout_request(const pdu::logout_request& request);
    void on_task_management(const pdu::task_management_request& request);

    [[nodiscard]] admission admit(bool immediate, pdu::command_sn cmd_sn, std::string_view title);
    [[nodiscard]] bool is_in_order(pdu::command_sn cmd_sn) const;
    [[nodiscard]] bool hold(pdu::command_sn cmd_sn, const arrived_pdu& pdu, const received_fault& fault);
    void check_exp_stat_sn(pdu::status_sn exp_stat_sn);
    [[nodiscard]] bool repeats_a_task(const pdu::scsi_command& command);
    [[nodiscard]] std::optional<std::string> check_command(const pdu::scsi_command& command, std::size_t data) const;
    [[nodiscard]] std::optional<std::string> check_data_out(const scsi_task& task,
                                                            const pdu::data_out& header,
                                                            std::size_t size) const;
    [[nodiscard]] scsi_task& make_task(const pdu::scsi_command& command, std::size_t immediate_data);
    void begin_task(scsi_task& task, bytes data, const received_fault& fault);
    void plan_task(scsi_task& task, const received_fault& fault);
    void keep_data(scsi_task& task, std::uint32_t offset, bytes data);
    void advance(scsi_task& task);
    void request_data(scsi_task& task);
    void send_data_in(scsi_task& task);
    void respond(scsi_task& task);
    void end_task(pdu::task_tag tag);
    void finish(const scsi_task& task);
    [[nodiscard]] pdu::task_management_outcome carry_out(const pdu::task_management_request& request);
    [[nodiscard]] pdu::task_management_outcome abort_task(const pdu::task_management_request& request);
    void answer_text(pdu::task_tag tag, pdu::lun_id lun);
    void reject_pdu(pdu::reject_reason reason);

    template <class Response>
    void number(Response& response, bool advance_stat_sn);

    wire& wire_;
    std::shared_ptr<session_state> session_;
    agreed_values agreed_;
    pdu::connection_id cid_;
    bool left_ = false;
    pdu::bhs_bytes current_{};  ///< header of the PDU being handled
    std::optional<pdu::command_sn> last_cmd_sn_;
    pdu::status_sn stat_sn_;
    std::unordered_map<std::uint32_t, scsi_task> tasks_;  ///< allegiant to this connection (RFC 7143 §4.2.5.1)
    std::deque<std::uint32_t> sending_;                   ///< tags of tasks with Data-In to send
    std::deque<std::uint32_t> aborted_;                   ///< tags whose late Data-Out is no violation
    std::vector<std::byte> text_in_;
    std::vector<std::byte> text_out_;
    std::size_t text_sent_ = 0;
    pdu::transfer_tag text_tag_ = pdu::transfer_tag::reserved;
};

}  // namespace persiscsi::target
