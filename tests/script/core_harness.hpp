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

/// Plays network, clock and target to a session_core: no socket, no thread, no time but `now`. The target's half is
/// written out by each test, PDU by PDU; only the sequence numbers are kept here.
class core_harness {
  public:
    explicit core_harness(session_options options);

    session_core core;
    time_point now{std::chrono::hours(1)};
    wire_observer* observer = nullptr;  ///< of all connections; must outlive the harness, or be taken out again

    /// What the target answers in the operational stage, and its command window. Changed before `log_in`.
    pdu::text_keys target_keys;
    std::uint32_t window = 64;

    /// Brings the core to Full Feature Phase, from its first attempt or a later one (lets the time pass that it waits).
    void log_in();
    /// Answers the Login Requests of a transport that is up.
    void answer_login();
    /// Lets time pass until the core opens a transport, and tells that it is up.
    void open_transport();

    /// The next PDU sent, which must be a Pdu; the test fails and stops otherwise.
    template <class Pdu>
    [[nodiscard]] Pdu expect(std::vector<std::byte>* data = nullptr);
    /// Nothing was sent but what `expect` has taken.
    [[nodiscard]] bool silent();

    /// Numbers `pdu` (StatSN, ExpCmdSN, MaxCmdSN) and lets the core receive it. `takes_stat_sn`: it carries a status.
    template <class Pdu>
    void answer(Pdu pdu, std::vector<std::byte> data = {}, bool takes_stat_sn = true);
    void receive(const std::vector<std::byte>& bytes);
    void receive(const pdu::frame& frame);
    void drop(std::string why = "dropped by the test");
    void pass(std::chrono::milliseconds time);

    /// The effects so far of one kind, in order; takes them.
    template <class Effect>
    [[nodiscard]] std::vector<Effect> take();

    pdu::status_sn stat_sn{1000};
    pdu::command_sn exp_cmd_sn{1};
    pdu::digests digests;
    std::uint32_t transports = 0;  ///< opened so far
    bool transport_wanted = false;

  private:
    void settle();
    void take_sent_bytes();

    std::deque<sent_pdu> sent_;
    std::vector<session_core::effect> effects_;
    pdu::pdu_reader reader_;
};

[[nodiscard]] session_options plain_options();
[[nodiscard]] std::vector<std::byte> pattern(std::size_t size, unsigned seed = 1);

}  // namespace persiscsi::test

#include "tests/script/core_harness_impl.hpp"
