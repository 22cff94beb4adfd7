// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/ahs.hpp"
#include "pdu/any_pdu.hpp"
#include "tests/target/operational_negotiation.hpp"
#include "tests/target/received_fault.hpp"
#include "tests/target/scsi_task.hpp"
#include "tests/target/sent_statuses.hpp"
#include "tests/target/session_state.hpp"
#include "tests/target/text_exchange.hpp"
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
    /// The data digest of this PDU is wrong: it is as if it had not come (RFC 7143 §7.8).
    void on_corrupt_pdu(const pdu::bhs_bytes& bhs);
    /// A request that waited is due.
    void on_turn(const command_window::held& request);

    /// Sends Data-In as far as the wire takes it.
    void pump();
    void resume(pdu::task_tag tag, std::uint64_t serial);

    void ping();
    void send_async(pdu::async_message message, std::vector<std::byte> data);
    /// Tells MaxCmdSN with a NOP-In that wants no answer.
    void tell_window();

    /// The connection leaves the session. Requests that waited for their turn never came. Its tasks end, or wait for
    /// their reassignment where `loss` names the loss of the connection.
    void leave(std::optional<std::uint64_t> loss = std::nullopt);
    /// StatSNs before this one need not be sent again.
    void acknowledge_statuses(pdu::status_sn exp_stat_sn);
    void abort_tasks(std::optional<pdu::lun_id> lun);
    /// True: nothing is to be waited for any more.
    [[nodiscard]] bool continue_abort(multi_task_abort& abort);
    void conclude_abort(const pdu::task_management_request& request);
    void announce_termination(std::optional<pdu::lun_id> lun);
    [[nodiscard]] pdu::status_sn next_stat_sn() const { return stat_sn_; }
    [[nodiscard]] std::size_t task_count() const { return tasks_.size(); }
    [[nodiscard]] bool has_task(pdu::task_tag tag) const { return tasks_.contains(static_cast<std::uint32_t>(tag)); }
    /// Its status was sent, and is not acknowledged.
    [[nodiscard]] bool has_concluded_task(pdu::task_tag tag) const {
        return concluded_.contains(static_cast<std::uint32_t>(tag));
    }

  private:
    using bytes = std::span<const std::byte>;
    enum class admission { now, later, refused };

    void on_scsi_command(const arrived_pdu& pdu, const received_fault& fault);
    void on_data_out(const arrived_pdu& pdu, const received_fault& fault);
    void on_corrupt_data_out(const pdu::bhs_bytes& bhs);
    void on_snack(const arrived_pdu& pdu, const received_fault& fault);
    void on_data_snack(const pdu::snack_request& request);
    void on_status_snack(const pdu::snack_request& request);
    void on_data_ack(const pdu::snack_request& request);
    void on_r_data_snack(const pdu::snack_request& request);
    void refuse_snack(const std::string& why, pdu::reject_reason reason, std::uint32_t next_sn = 0);
    void on_request(const pdu::any_pdu& request, const arrived_pdu& pdu, const received_fault& fault);
    void carry_out(const pdu::any_pdu& request, bytes data, const received_fault& fault);
    void on_nop_out(const pdu::nop_out& request, bytes data);
    void on_text_request(const pdu::text_request& request, bytes data, const received_fault& fault);
    void on_logout_request(const pdu::logout_request& request);
    void on_task_management(const pdu::task_management_request& request, const received_fault& fault);

    [[nodiscard]] admission admit(bool immediate, pdu::command_sn cmd_sn, std::string_view title);
    [[nodiscard]] bool is_in_order(pdu::command_sn cmd_sn) const;
    [[nodiscard]] bool is_about_another_connection(const pdu::any_pdu& request) const;
    [[nodiscard]] bool hold(pdu::command_sn cmd_sn, const arrived_pdu& pdu, const received_fault& fault);
    void check_exp_stat_sn(pdu::status_sn exp_stat_sn);
    [[nodiscard]] bool repeats_a_task(const pdu::scsi_command& command);
    [[nodiscard]] std::optional<std::string> check_command(const pdu::scsi_command& command, std::size_t data) const;
    [[nodiscard]] std::optional<std::string> check_data_out(const scsi_task& task,
                                                            const pdu::data_out& header,
                                                            std::size_t size) const;
    [[nodiscard]] scsi_task& make_task(const pdu::scsi_command& command, std::size_t immediate_data);
    static void take_additional_headers(scsi_task& task, const pdu::additional_headers& headers);
    void finish_collected(scsi_task& task);
    [[nodiscard]] transfer_order::rules transfer_rules() const;
    void begin_task(scsi_task& task, bytes data, const received_fault& fault);
    [[nodiscard]] command_request request_of(const scsi_task& task) const;
    void plan_task(scsi_task& task, const received_fault& fault);
    void order_transfer(scsi_task& task);
    void advance(scsi_task& task);
    [[nodiscard]] scsi_task* find_task(std::uint32_t tag);
    [[nodiscard]] bool recovers() const { return session_->agreed.error_recovery_level > 0; }

    void keep_data(scsi_task& task, std::uint32_t offset, bytes data, bool placed);
    void lose_data(scsi_task& task, const pdu::data_out& header, bool seen);
    void pass_data(scsi_task& task, const pdu::data_out& header, std::size_t size);
    void end_sequence(scsi_task& task, const output_sequence& sequence);
    void give_up_sequences(scsi_task& task);
    void restart_output(scsi_task& task);
    void request_data(scsi_task& task);
    void send_r2t(scsi_task& task, byte_range range);
    void transmit_r2t(const scsi_task& task, const input_pdu& sent, std::uint32_t r2t_sn);
    [[nodiscard]] static bool is_outstanding(const scsi_task& task, pdu::transfer_tag r2t);

    void send_data_in(scsi_task& task);
    [[nodiscard]] bool may_carry_status(const scsi_task& task) const;
    [[nodiscard]] pdu::data_in data_in_header(const scsi_task& task,
                                              const input_pdu& sent,
                                              std::uint32_t data_sn) const;
    void transmit_data(const scsi_task& task, const pdu::bhs_bytes& bhs, byte_range range);
    void resend_one();
    static void acknowledge_data(scsi_task& task, std::uint32_t exp_data_sn);
    static void rewind(scsi_task& task);

    void respond(scsi_task& task);
    void conclude(scsi_task& task, sent_statuses::entry sent);
    void resend_status(const sent_statuses::entry& sent);
    void finish(scsi_task& task);
    void end_task(pdu::task_tag tag);

    void hand_over(std::uint64_t loss);
    void terminate_tasks();
    void reassign(const pdu::task_management_request& request);
    [[nodiscard]] pdu::task_management_outcome may_reassign(const pdu::task_management_request& request);
    void adopt(pdu::task_tag tag, std::uint32_t exp_data_sn);
    [[nodiscard]] scsi_task& take_over(pdu::task_tag tag);
    /// Nothing: it has to wait.
    [[nodiscard]] std::optional<pdu::task_management_outcome> carry_out(const pdu::task_management_request& request);
    [[nodiscard]] bool may_end_tasks(const pdu::task_management_request& request);
    void end_tasks(const pdu::task_management_request& request);
    [[nodiscard]] bool is_receiving(const pdu::task_management_request& request);
    void note_fast_abort(const pdu::task_management_request& request);
    [[nodiscard]] pdu::task_management_outcome abort_task(const pdu::task_management_request& request);
    [[nodiscard]] std::vector<std::byte> send_targets(const std::string& value) const;
    void reject_pdu(pdu::reject_reason reason);
    /// A numbered request does not count as received then (RFC 7143 §7.3): the initiator has a gap to fill.
    void reject_request(pdu::reject_reason reason, bool immediate);

    template <class Response>
    void number(Response& response, bool advance_stat_sn);
    /// Sends a response that is no SCSI task's, and keeps it as long as it may be asked for.
    template <class Response>
    void send_numbered(Response response, std::vector<std::byte> data = {});

    wire& wire_;
    std::shared_ptr<session_state> session_;
    agreed_values agreed_;
    pdu::connection_id cid_;
    bool left_ = false;
    bool quiet_ = false;        ///< logged out: nothing more is sent for its tasks
    pdu::bhs_bytes current_{};  ///< header of the PDU being handled
    std::optional<pdu::command_sn> last_cmd_sn_;
    pdu::status_sn stat_sn_;
    pdu::status_sn acknowledged_;                             ///< the highest ExpStatSN
    std::unordered_map<std::uint32_t, scsi_task> tasks_;      ///< allegiant to this connection (RFC 7143 §4.2.5.1)
    std::unordered_map<std::uint32_t, scsi_task> concluded_;  ///< wait for the acknowledgement of their status
    sent_statuses statuses_;
    struct data_run {  ///< of DataSNs to be sent again
        std::uint32_t tag;
        std::uint64_t serial;
        std::uint32_t next;
        std::uint32_t end;
    };
    std::deque<data_run> resends_;
    std::deque<std::uint32_t> sending_;       ///< tags of tasks with Data-In to send
    std::deque<std::uint32_t> fast_aborted_;  ///< by a function issued here: no more Data-Out of them
    std::deque<std::uint32_t> aborted_;       ///< tags whose late Data-Out is no violation
    text_exchange text_;
    bool endless_text_ = false;
};

}  // namespace persiscsi::target
