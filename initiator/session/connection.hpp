// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_dialogue.hpp"
#include "initiator/login/text_negotiation.hpp"
#include "initiator/session/connection_states.hpp"
#include "initiator/session/full_feature_phase.hpp"
#include "initiator/session/send_queue.hpp"
#include "pdu/pdu_reader.hpp"

#include <array>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace persiscsi {

enum class connection_timer : std::uint8_t { connect, login, ping, reconnect, logout, reassign, count_ };

/// One connection of a session: its transport, its login, its Full Feature Phase, and when what is due. Its number is
/// its CID for as long as the session lives; a lost transport is replaced under the same CID.
struct connection {
    explicit connection(connection_number which) : number(which), reader(0) {}

    [[nodiscard]] std::optional<time_point>& at(connection_timer which) {
        return deadlines[static_cast<std::size_t>(which)];
    }

    /// Moves along a transition of RFC 7143 §8.1 and §8.2. Precondition: there is one.
    void enter(connection_event event) { move(state, event); }
    void clean_up(connection_event event) { move(predecessor, event); }

    /// In Full Feature Phase, whatever else is under way (S5, S6, S7).
    [[nodiscard]] bool connected() const { return ffp.has_value(); }
    /// Takes new commands (S5).
    [[nodiscard]] bool usable() const { return state == connection_state::logged_in; }

    /// One that is lost sooner, and did nothing, keeps its backoff: a target that drops every login is asked ever less
    /// often.
    [[nodiscard]] bool has_lived_well(time_point now) const {
        return connected() && (made_progress || now - logged_in_at >= std::chrono::seconds(1));
    }

    connection_number number;
    connection_state state = connection_state::free;
    /// Of the transport before this one, as long as the target may hold tasks of it: CSM-C of RFC 7143 §8.2.
    connection_state predecessor = connection_state::free;
    std::optional<time_point> kept_until;  ///< so long the target keeps the state of the predecessor
    bool retired = false;                  ///< the target does not want this one

    portal where;  ///< of this attempt
    std::uint32_t redirects = 0;
    std::uint32_t attempts = 0;  ///< since it last lived well
    bool leads = false;          ///< its login makes the session
    pdu::pdu_reader reader;
    send_queue queue;
    std::optional<login_dialogue> login;
    std::optional<full_feature_phase> ffp;
    std::optional<text_negotiation> negotiation;  ///< under way in Full Feature Phase
    pdu::status_sn exp_stat_sn;                   ///< of the Login Phase; afterwards the last one of a lost transport

    time_point logged_in_at{};
    bool made_progress = false;  ///< since logged_in_at a command was answered
    time_point last_heard{};
    std::optional<time_point> ping_sent;
    std::array<std::optional<time_point>, static_cast<std::size_t>(connection_timer::count_)> deadlines{};

  private:
    static void move(connection_state& state, connection_event event) {
        const auto* row = find_transition(state, event);
        assert(row);
        if (row) state = row->to;
    }
};

}  // namespace persiscsi
