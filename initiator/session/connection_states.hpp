// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace persiscsi {

/// States of a connection at its initiator: S1 to S8 of RFC 7143 §8.1.1, and R2 of its cleanup (§8.2.1; R1 is S8, R3 is
/// S1). S3 is the target's.
enum class connection_state : std::uint8_t {
    free,              ///< S1
    xpt_wait,          ///< S2
    in_login,          ///< S4
    logged_in,         ///< S5
    in_logout,         ///< S6
    logout_requested,  ///< S7
    cleanup_wait,      ///< S8
    in_cleanup,        ///< R2
};
inline constexpr std::size_t connection_state_count = 8;

/// What moves a connection (RFC 7143 §8.1.2, §8.2.2).
enum class connection_event : std::uint8_t {
    transport_requested,
    transport_up,
    transport_failed,  ///< before the Full Feature Phase: no transport, or no login
    logged_in,         ///< final Login Response, status class 0
    logout_sent,
    logout_wanted,     ///< Asynchronous Message: the target requests a logout
    logout_succeeded,  ///< of this connection
    session_closed,    ///< "close the session" succeeded on another connection
    lost,              ///< transport gone, or logout failed
    cleanup_started,   ///< implicit or explicit logout of a lost connection
    cleanup_failed,
    cleanup_succeeded,
    timed_out,  ///< the target has discarded the connection's state, or the session was given up
};
inline constexpr std::size_t connection_event_count = 13;

struct connection_transition {
    connection_state from;
    connection_event event;
    connection_state to;
    std::string_view name;  ///< of RFC 7143
};

// clang-format off
inline constexpr connection_transition connection_transitions[] = {
    {connection_state::free,             connection_event::transport_requested, connection_state::xpt_wait,         "T1"},
    {connection_state::xpt_wait,         connection_event::transport_failed,    connection_state::free,             "T2"},
    {connection_state::xpt_wait,         connection_event::session_closed,      connection_state::free,             "T2"},
    {connection_state::xpt_wait,         connection_event::transport_up,        connection_state::in_login,         "T4"},
    {connection_state::in_login,         connection_event::logged_in,           connection_state::logged_in,        "T5"},
    {connection_state::in_login,         connection_event::transport_failed,    connection_state::free,             "T7"},
    {connection_state::in_login,         connection_event::session_closed,      connection_state::free,             "T7"},
    {connection_state::logged_in,        connection_event::session_closed,      connection_state::free,             "T8"},
    {connection_state::logged_in,        connection_event::logout_sent,         connection_state::in_logout,        "T9"},
    {connection_state::logout_requested, connection_event::logout_sent,         connection_state::in_logout,        "T10"},
    {connection_state::logged_in,        connection_event::logout_wanted,       connection_state::logout_requested, "T11"},
    {connection_state::logout_requested, connection_event::logout_wanted,       connection_state::logout_requested, "T12"},
    {connection_state::in_logout,        connection_event::logout_succeeded,    connection_state::free,             "T13"},
    {connection_state::in_logout,        connection_event::session_closed,      connection_state::free,             "T13"},
    {connection_state::in_logout,        connection_event::logout_wanted,       connection_state::in_logout,        "T14"},
    {connection_state::logged_in,        connection_event::lost,                connection_state::cleanup_wait,     "T15"},
    {connection_state::logout_requested, connection_event::lost,                connection_state::cleanup_wait,     "T16"},
    {connection_state::in_logout,        connection_event::lost,                connection_state::cleanup_wait,     "T17"},
    {connection_state::logout_requested, connection_event::session_closed,      connection_state::free,             "T18"},
    {connection_state::cleanup_wait,     connection_event::timed_out,           connection_state::free,             "M1"},
    {connection_state::cleanup_wait,     connection_event::session_closed,      connection_state::free,             "M1"},
    {connection_state::cleanup_wait,     connection_event::cleanup_started,     connection_state::in_cleanup,       "M2"},
    {connection_state::in_cleanup,       connection_event::cleanup_failed,      connection_state::cleanup_wait,     "M3"},
    {connection_state::in_cleanup,       connection_event::cleanup_succeeded,   connection_state::free,             "M4"},
    {connection_state::in_cleanup,       connection_event::session_closed,      connection_state::free,             "M4"},
};
// clang-format on

/// The row for this event in this state; nothing where RFC 7143 has an empty cell.
[[nodiscard]] constexpr const connection_transition* find_transition(connection_state from, connection_event event) {
    for (const auto& row : connection_transitions)
        if (row.from == from && row.event == event) return &row;
    return nullptr;
}

}  // namespace persiscsi
