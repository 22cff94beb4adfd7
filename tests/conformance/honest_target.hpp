// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/judge.hpp"
#include "tests/script/core_harness.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace persiscsi::conformance {

/// What goes wrong around an honest target; one in so many, 0 is never.
struct bad_luck {
    std::uint32_t lost_data_in = 0, lost_r2t = 0, lost_status = 0, lost_command = 0, busy = 0, dropped_connection = 0;
};

/// A target that keeps to RFC 7143 at the agreed error recovery level over all connections of a session: it orders
/// commands, asks for data, answers SNACK, retry, logout and reassignment. Its PDUs get lost by dice. The first bytes
/// of a CDB say what a command is for: its number, from which its data follow.
class honest_target {
  public:
    honest_target(test::core_harness& harness, std::uint32_t level, bad_luck luck, unsigned seed)
        : harness_(harness), level_(level), luck_(luck), dice_(seed) {}

    /// Takes and answers all that the initiator has sent; false where there was nothing.
    bool serve();
    /// Opens the transports that are wanted, and answers their logins.
    bool answer_logins();
    /// One connection goes away, now and then.
    void maybe_drop();

    [[nodiscard]] std::uint32_t wrong_writes() const { return wrong_writes_; }
    [[nodiscard]] const std::map<std::string, unsigned>& met() const { return met_; }

  private:
    struct numbered_pdu {
        pdu::bhs_bytes bhs;
        std::vector<std::byte> data;
    };
    struct served_task {
        connection_number connection = 0;
        pdu::scsi_command command;
        std::vector<std::byte> written{};
        std::set<std::uint32_t> have{};  ///< offsets of the whole 512 bytes that came
        std::map<std::uint32_t, numbered_pdu> input{};
        std::uint32_t next_input = 0;
        bool executing = false;
        bool done = false;
    };
    struct waiting_command {
        connection_number connection;
        pdu::scsi_command command;
        std::vector<std::byte> data;
        std::vector<std::pair<pdu::data_out, std::vector<std::byte>>> early{};  ///< unsolicited, before its turn
    };

    [[nodiscard]] bool one_in(std::uint32_t n) { return n != 0 && dice_() % n == 0; }
    void take(connection_number from, const test::sent_pdu& sent);
    void on(connection_number from, const pdu::scsi_command& command, const std::vector<std::byte>& data);
    void on(connection_number from, const pdu::data_out& out, const std::vector<std::byte>& data);
    void on(connection_number from, const pdu::nop_out& nop, const std::vector<std::byte>& data);
    void on(connection_number from, const pdu::snack_request& snack, const std::vector<std::byte>& data);
    void on(connection_number from, const pdu::task_management_request& request, const std::vector<std::byte>& data);
    void on(connection_number from, const pdu::logout_request& request, const std::vector<std::byte>& data);
    template <class Pdu>
    void on(connection_number, const Pdu&, const std::vector<std::byte>&) {}

    void deliver();
    void execute(served_task& task);
    void add_data(served_task& task, std::uint32_t offset, const std::vector<std::byte>& data);
    void ask_for_data(served_task& task);
    void send_data(served_task& task);
    void finish(served_task& task);
    void forget_connection(std::uint16_t cid, bool keeps_tasks);
    template <class Pdu>
    void send_status(connection_number over, Pdu pdu, bool may_be_lost);
    void send(connection_number over, pdu::bhs_bytes bhs, const std::vector<std::byte>& data);

    test::core_harness& harness_;
    std::uint32_t level_;
    bad_luck luck_;
    std::mt19937 dice_;
    std::map<std::uint32_t, served_task> tasks_;
    std::map<std::uint32_t, waiting_command> waiting_;  ///< by CmdSN, not in order yet
    std::map<connection_number, std::map<std::uint32_t, pdu::bhs_bytes>> statuses_;
    std::uint32_t next_ttt_ = 1;
    std::uint32_t wrong_writes_ = 0;
    std::map<std::string, unsigned> met_;
};

/// The data of command number `which`.
[[nodiscard]] std::vector<std::byte> data_of(std::uint32_t which, std::size_t size);
[[nodiscard]] std::uint32_t number_in(const pdu::cdb_bytes& cdb);

}  // namespace persiscsi::conformance
