// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/session/session_core.hpp"
#include "pdu/any_pdu.hpp"
#include "pdu/frame.hpp"
#include "pdu/pdu_reader.hpp"
#include "pdu/text.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::test {

/// A PDU that the core sent.
struct sent_pdu {
    pdu::any_pdu pdu;
    std::vector<std::byte> data;
    std::vector<std::byte> ahs;
};

/// Sees what passes between core and target as it stands on the wire, in the order of the conversation and cut as it
/// came: whoever looks finds the borders of the PDUs for himself. Connections are counted from 0 in a session.
class wire_observer {
  public:
    virtual ~wire_observer() = default;
    virtual void opened(std::uint32_t connection) = 0;
    virtual void sent(std::uint32_t connection, std::span<const std::byte> bytes) = 0;      ///< by the core
    virtual void received(std::uint32_t connection, std::span<const std::byte> bytes) = 0;  ///< told before the core
    virtual void closed(std::uint32_t connection) = 0;  ///< by either side; may be told twice
};

/// One connection of the core, seen from its target.
struct target_connection {
    pdu::status_sn stat_sn{1000};
    pdu::digests digests;
    bool wanted = false;  ///< the core has asked for a transport
    std::deque<sent_pdu> sent;
    pdu::pdu_reader reader{pdu::max_data_segment};
};

/// Chance that gives nothing but the number seven.
[[nodiscard]] random_source sevens();

/// Plays network, clock and target to a session_core: no socket, no thread, no time but `now`. The target's half is
/// written out by each test, PDU by PDU; only the sequence numbers are kept here. Where a session has several
/// connections they are named by their number; by default all is about the first.
class core_harness {
  public:
    explicit core_harness(session_options options, random_source random = sevens());
    core_harness(const core_harness&) = delete;
    core_harness& operator=(const core_harness&) = delete;

    session_core core;
    time_point now{std::chrono::hours(1)};
    wire_observer* observer = nullptr;  ///< of all connections; must outlive the harness, or be taken out again

    /// What the target answers in the operational stage, and its command window. Changed before `log_in`.
    pdu::text_keys target_keys;
    std::uint32_t window = 64;

    /// Brings the core to Full Feature Phase, from its first attempt or a later one (lets the time pass that it waits).
    /// One connection; `log_in_all` brings up the others too.
    void log_in();
    void log_in_all();
    /// Answers the Login Requests of a transport that is up.
    void answer_login(connection_number connection = 0);
    /// Lets time pass until the core opens a transport, and tells that it is up.
    void open_transport(connection_number connection = 0);

    /// The next PDU sent, which must be a Pdu; the test fails and stops otherwise.
    template <class Pdu>
    [[nodiscard]] Pdu expect(std::vector<std::byte>* data = nullptr, connection_number connection = 0);
    template <class Pdu>
    [[nodiscard]] Pdu expect_on(connection_number connection) {
        return expect<Pdu>(nullptr, connection);
    }
    /// Nothing was sent, on any connection, but what `expect` has taken.
    [[nodiscard]] bool silent();

    /// Numbers `pdu` (StatSN, ExpCmdSN, MaxCmdSN) and lets the core receive it. `takes_stat_sn`: it carries a status.
    template <class Pdu>
    void answer(Pdu pdu, std::vector<std::byte> data = {}, bool takes_stat_sn = true, connection_number connection = 0);
    template <class Pdu>
    void answer_on(connection_number connection, Pdu pdu, std::vector<std::byte> data = {}, bool takes_stat_sn = true) {
        answer(pdu, std::move(data), takes_stat_sn, connection);
    }
    void receive(const std::vector<std::byte>& bytes, connection_number connection = 0);
    void receive(const pdu::frame& frame, connection_number connection = 0);
    void drop(std::string why = "dropped by the test", connection_number connection = 0);
    void pass(std::chrono::milliseconds time);

    /// The effects so far of one kind, in order; takes them.
    template <class Effect>
    [[nodiscard]] std::vector<Effect> take();

    [[nodiscard]] target_connection& at(connection_number connection);

  private:
    std::deque<target_connection> connections_{1};

  public:
    pdu::status_sn& stat_sn = connections_[0].stat_sn;
    pdu::command_sn exp_cmd_sn{1};
    pdu::digests& digests = connections_[0].digests;
    std::uint32_t transports = 0;  ///< opened so far
    bool& transport_wanted = connections_[0].wanted;

  private:
    void settle();
    void take_sent_bytes(connection_number connection);
    void read_sent(target_connection& from, std::span<const std::byte> bytes);
    [[nodiscard]] pdu::login_response answer_to(const pdu::login_request& request, pdu::text_keys& keys);

    std::vector<session_core::effect> effects_;
};

[[nodiscard]] session_options plain_options();
[[nodiscard]] std::vector<std::byte> pattern(std::size_t size, unsigned seed = 1);

}  // namespace persiscsi::test

#include "tests/script/core_harness_impl.hpp"
