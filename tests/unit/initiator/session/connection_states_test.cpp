// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/connection_states.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace persiscsi {
namespace {

using state = connection_state;

/// The tables of RFC 7143 §8.1.3 and §8.2, read row by row: from, to, transition. M1 to M4 are those of the cleanup.
struct cell {
    state from;
    state to;
    std::string_view name;
};
constexpr cell cells[] = {
    {state::free, state::xpt_wait, "T1"},
    {state::xpt_wait, state::free, "T2"},
    {state::xpt_wait, state::in_login, "T4"},
    {state::in_login, state::free, "T7"},
    {state::in_login, state::logged_in, "T5"},
    {state::logged_in, state::free, "T8"},
    {state::logged_in, state::in_logout, "T9"},
    {state::logged_in, state::logout_requested, "T11"},
    {state::logged_in, state::cleanup_wait, "T15"},
    {state::in_logout, state::free, "T13"},
    {state::in_logout, state::in_logout, "T14"},
    {state::in_logout, state::cleanup_wait, "T17"},
    {state::logout_requested, state::free, "T18"},
    {state::logout_requested, state::in_logout, "T10"},
    {state::logout_requested, state::logout_requested, "T12"},
    {state::logout_requested, state::cleanup_wait, "T16"},
    {state::cleanup_wait, state::in_cleanup, "M2"},
    {state::cleanup_wait, state::free, "M1"},
    {state::in_cleanup, state::cleanup_wait, "M3"},
    {state::in_cleanup, state::free, "M4"},
};

TEST(connection_states, have_the_transitions_of_the_rfc_and_no_others) {
    std::set<std::string_view> taken;
    for (std::size_t from = 0; from < connection_state_count; ++from) {
        for (std::size_t event = 0; event < connection_event_count; ++event) {
            const auto* row = find_transition(static_cast<state>(from), static_cast<connection_event>(event));
            if (!row) continue;
            bool known = false;
            for (const auto& one : cells) known |= one.from == row->from && one.to == row->to && one.name == row->name;
            EXPECT_TRUE(known) << row->name << " from state " << from << " by event " << event;
            taken.insert(row->name);
        }
    }
    for (const auto& one : cells) EXPECT_TRUE(taken.contains(one.name)) << one.name << " is never taken";
}

TEST(connection_states, have_one_row_for_each_pair) {
    std::set<std::pair<state, connection_event>> pairs;
    for (const auto& row : connection_transitions) EXPECT_TRUE(pairs.insert({row.from, row.event}).second) << row.name;
}

}  // namespace
}  // namespace persiscsi
