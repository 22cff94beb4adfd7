// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/pdu_reader.hpp"
#include "tests/target/full_feature.hpp"
#include "tests/target/login_phase.hpp"
#include "tests/target/server.hpp"
#include "tests/target/transmit_queue.hpp"
#include "tests/target/wire.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace persiscsi::target {

/// One TCP connection, from accept to close. Every member is called under the server's mutex.
class connection final : public wire, public std::enable_shared_from_this<connection> {
  public:
    connection(std::shared_ptr<target_server> server, boost::asio::ip::tcp::socket socket);

    void begin();
    void close(const std::string& reason);
    /// Its session goes on without it, or not at all; `loss`: its tasks wait under this number.
    void abandon_session(std::optional<std::uint64_t> loss);
    [[nodiscard]] pdu::status_sn next_stat_sn() const;

    void ping();
    void send_async(const fault::async& event);
    void tell_window();
    [[nodiscard]] connection_info info() const;

    void transmit(const pdu::bhs_bytes& bhs, std::span<const std::byte> borrowed) override;
    void transmit_owned(const pdu::bhs_bytes& bhs, std::vector<std::byte> data) override;
    [[nodiscard]] bool congested() const override;
    void violation(const std::string& what, bool fatal) override;
    void close_after_flush() override;
    void resume_later(pdu::task_tag tag, std::uint64_t serial, std::chrono::milliseconds time) override;
    [[nodiscard]] bool frozen() const override { return server_->frozen; }
    void reset_units(pdu::lun_id lun, bool all_units) override;
    void cold_reset() override;
    [[nodiscard]] pdu::logout_outcome log_out(const pdu::logout_request& request) override;
    void count_text_request() override { ++server_->counters.text_requests; }
    void count_recovery_r2t() override { ++server_->counters.recovery_r2ts; }
    void count_snack(pdu::snack_type type) override;
    void count_reassign() override { ++server_->counters.reassigns; }
    void count_repeated_request() override { ++server_->counters.repeated_requests; }
    void count_command() override { ++server_->counters.commands; }
    void count_data(std::uint64_t read, std::uint64_t written) override;
    void count_nop_in_answer() override { ++server_->counters.nop_in_answers; }
    [[nodiscard]] std::vector<std::byte> send_targets(const std::string& name) const override;

  private:
    void receive();
    void process();
    void write();
    void write_soon();
    void on_written(std::size_t count);
    void on_pdu();
    void take_pdus();
    void act_on_pdu(const received_fault& fault);
    void stall(std::chrono::milliseconds time, const received_fault& fault);
    void on_login_request(std::span<const std::byte> data, const received_fault& fault);
    void answer_without_end(const pdu::login_request& request);
    void number_login(const pdu::login_request& request, pdu::login_response& response);
    void answer_login(const pdu::login_request& request, login_phase::answer& answer);
    void enter_full_feature(const pdu::login_request& request);
    void send_deferred();
    void send_event(const fault::async& event);
    void pause_sending(std::chrono::milliseconds time);

    /// Script steps due for the PDU just received: what the Full Feature Phase has to know of them; `drop` apart.
    struct received_steps {
        received_fault fault;
        bool drop = false;
        std::vector<fault::flip_bit::place> flips;
    };
    [[nodiscard]] received_steps steps_for_received();
    [[nodiscard]] bool spoil_received(const std::vector<fault::flip_bit::place>& flips);
    void flip_received_data();
    void on_corrupt_pdu(const std::string& why);
    /// Script steps due for a PDU to be sent, beyond what they did to header and data.
    struct sent_steps {
        bool drop = false, ignore = false, changes = false, wrong_length = false, cut = false, twice = false,
             later = false;
        std::vector<fault::flip_bit::place> flips;
        std::optional<std::chrono::milliseconds> trickle;
    };
    [[nodiscard]] sent_steps steps_for_sent(pdu::bhs_bytes& bhs, std::span<const std::byte>& data);
    void push_slowly(const std::vector<std::byte>& bytes, std::chrono::milliseconds before_each);
    /// True: the script has dealt with it.
    [[nodiscard]] bool sent_by_script(pdu::bhs_bytes bhs, std::span<const std::byte> data);
    void carry_out_common(const fault_action& action);

    std::shared_ptr<target_server> server_;
    boost::asio::ip::tcp::socket socket_;
    boost::asio::steady_timer login_timer_;
    boost::asio::steady_timer pause_timer_;                           ///< a script holds what is sent
    boost::asio::steady_timer stall_timer_;                           ///< a script holds what is received
    std::map<std::uint64_t, boost::asio::steady_timer> resumptions_;  ///< of held tasks, by serial
    std::string peer_;
    pdu::pdu_reader reader_;
    pdu::digests digests_;
    transmit_queue queue_;
    transmit_queue::spans gathered_;
    std::vector<boost::asio::const_buffer> writing_buffers_;
    std::vector<fault::async> deferred_asyncs_;
    fault::flood flood_{fault::flood::kind::nop_in, 0};  ///< what is left of it
    pdu::bhs_bytes bhs_{};                               ///< of the PDU received, as a script left it
    std::span<std::byte> place_;                         ///< where its data went
    std::vector<std::byte> spoilt_data_;                 ///< by a script; empty: it is as it came
    std::vector<std::byte> late_;                        ///< a PDU that goes after the next one
    bool endless_text_ = false;
    std::optional<login_phase> login_;
    std::optional<full_feature> phase_;
    session_record* session_ = nullptr;
    pdu::status_sn login_stat_sn_{1};
    bool open_ = true;
    bool receiving_ = false;
    bool writing_ = false;
    bool paused_ = false;
    bool stalled_ = false;
    bool closing_ = false;     ///< nothing more is read
    bool processing_ = false;  ///< write() comes after what is under way
    bool write_posted_ = false;
    std::optional<pdu::logout_reason> logout_;
    std::uint16_t cid_ = 0;
};

}  // namespace persiscsi::target
