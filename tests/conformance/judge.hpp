// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/judge_state.hpp"
#include "tests/conformance/rules.hpp"
#include "tests/script/core_harness.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace persiscsi::conformance {

struct finding {
    rule broken;
    std::uint32_t connection;
    std::string detail;  ///< the PDU and what is wrong with it
};

/// Judges one initiator session by RFC 7143 from what stands on the wire, and nothing else. It shares with the
/// initiator the offsets of pdu/ only where it decodes a number; rules, digests and negotiation are its own.
class judge final : public test::wire_observer {
  public:
    void opened(std::uint32_t connection) override;
    void sent(std::uint32_t connection, std::span<const std::byte> bytes) override;
    void received(std::uint32_t connection, std::span<const std::byte> bytes) override;
    void closed(std::uint32_t connection) override;

    /// The conversation is over: what is still owed counts as broken.
    void rest();

    [[nodiscard]] const std::vector<finding>& findings() const { return findings_; }
    [[nodiscard]] std::string told() const;                       ///< all findings, one a line
    [[nodiscard]] std::size_t judged() const { return judged_; }  ///< PDUs, of both directions

  private:
    // judge.cpp
    void broken(rule which, const std::string& detail);
    [[nodiscard]] report reporter();
    judged_connection& at(std::uint32_t connection);
    judged_task* find(std::uint32_t itt);

    // judge_sent.cpp
    void on_sent(const raw_pdu& pdu);
    void check_frame(const raw_pdu& pdu);
    void check_reserved(const raw_pdu& pdu);
    void check_ahs(const raw_pdu& pdu);
    void check_numbers(const raw_pdu& pdu);
    void check_cmd_sn(const raw_pdu& pdu);
    void check_exp_stat_sn(const raw_pdu& pdu);
    [[nodiscard]] judged_task* open_task(const raw_pdu& pdu);

    // judge_commands.cpp
    void on_command(const raw_pdu& pdu);
    void due_unsolicited(const raw_pdu& pdu, judged_task& task);
    void on_retry(const raw_pdu& pdu, const judged_task& task);
    void on_data_out(const raw_pdu& pdu);
    void on_unsolicited(const raw_pdu& pdu, judged_task& task);
    void on_solicited(const raw_pdu& pdu, judged_task& task);
    [[nodiscard]] bool continue_sequence(const raw_pdu& pdu, due_data& sequence);

    // judge_requests.cpp
    void on_nop_out(const raw_pdu& pdu);
    void on_text_request(const raw_pdu& pdu);
    void on_task_management(const raw_pdu& pdu);
    void on_abort_task(const raw_pdu& pdu, const judged_task& task);
    void on_reassign(const raw_pdu& pdu, judged_task& task);
    void on_logout_request(const raw_pdu& pdu);
    void on_snack(const raw_pdu& pdu);
    void on_data_ack(const raw_pdu& pdu);

    // judge_login.cpp
    void on_login_request(const raw_pdu& pdu);
    void start_login(const raw_pdu& pdu);
    void check_login_identity(const raw_pdu& pdu);
    void check_login_stage(const raw_pdu& pdu);
    void take_login_text(const raw_pdu& pdu);
    void on_login_response(const raw_pdu& pdu);
    void enter_full_feature(const raw_pdu& pdu);

    // judge_received.cpp
    void on_received(const raw_pdu& pdu);
    void take_window(const raw_pdu& pdu);
    void take_status(const raw_pdu& pdu);
    void on_data_in(const raw_pdu& pdu);
    void on_r2t(const raw_pdu& pdu);
    void on_scsi_status(const raw_pdu& pdu, judged_task& task, std::uint32_t input_count);
    void on_text_response(const raw_pdu& pdu);
    void on_task_management_response(const raw_pdu& pdu);
    void on_logout_response(const raw_pdu& pdu);
    void on_reject(const raw_pdu& pdu);
    void finish_if_complete(std::uint32_t itt);
    void check_due_acks();
    void end_connection(std::uint32_t connection);
    void end_logged_out(std::uint32_t connection, bool for_recovery);
    [[nodiscard]] judged_connection* with_cid(std::uint16_t cid);

    std::map<std::uint32_t, judged_connection> connections_;
    judged_session session_;
    std::uint32_t now_at_ = 0;  ///< the connection whose PDU is judged
    std::string now_;           ///< that PDU, printed
    std::vector<finding> findings_;
    std::size_t judged_ = 0;
};

}  // namespace persiscsi::conformance
