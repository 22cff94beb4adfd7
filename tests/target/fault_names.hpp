// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/fault_script.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace persiscsi::target {

/// The words of a fault script.
template <class Value>
struct named {
    std::string_view name;
    Value value;
};

inline constexpr named<watched> watched_names[] = {
    {"nop_out", watched::nop_out},
    {"scsi_command", watched::scsi_command},
    {"task_management_request", watched::task_management_request},
    {"login_request", watched::login_request},
    {"text_request", watched::text_request},
    {"data_out", watched::data_out},
    {"logout_request", watched::logout_request},
    {"snack_request", watched::snack_request},
    {"nop_in", watched::nop_in},
    {"scsi_response", watched::scsi_response},
    {"task_management_response", watched::task_management_response},
    {"login_response", watched::login_response},
    {"text_response", watched::text_response},
    {"data_in", watched::data_in},
    {"logout_response", watched::logout_response},
    {"r2t", watched::r2t},
    {"async_message", watched::async_message},
    {"reject", watched::reject},
    {"scsi_read", watched::scsi_read},
    {"scsi_write", watched::scsi_write},
    {"received", watched::received},
    {"sent", watched::sent},
    {"millisecond", watched::millisecond},
};

inline constexpr named<fault::flip_bit::place> place_names[] = {
    {"header", fault::flip_bit::place::header},
    {"header_digest", fault::flip_bit::place::header_digest},
    {"data", fault::flip_bit::place::data},
    {"data_digest", fault::flip_bit::place::data_digest},
};

inline constexpr named<fault::wrong_field::which> field_names[] = {
    {"dsl", fault::wrong_field::which::dsl},
    {"offset", fault::wrong_field::which::offset},
    {"itt", fault::wrong_field::which::itt},
    {"ttt", fault::wrong_field::which::ttt},
    {"stat_sn", fault::wrong_field::which::stat_sn},
    {"data_sn", fault::wrong_field::which::data_sn},
    {"max_cmd_sn", fault::wrong_field::which::max_cmd_sn},
    {"opcode", fault::wrong_field::which::opcode},
    {"length", fault::wrong_field::which::length},
};

/// SCSI status codes (SAM-5 table 34).
inline constexpr named<std::uint8_t> status_names[] = {
    {"check_condition", 0x02},
    {"busy", 0x08},
    {"reservation_conflict", 0x18},
    {"task_set_full", 0x28},
    {"aca_active", 0x30},
    {"task_aborted", 0x40},
};

inline constexpr named<fault::flood::kind> flood_names[] = {
    {"nop_in", fault::flood::kind::nop_in},
    {"async_message", fault::flood::kind::async_message},
};

/// Each action as a step has it; 'always' can be before all of them.
inline constexpr std::string_view action_examples[] = {
    "drop_connection",
    "reset",
    "cut",
    "duplicate",
    "later",
    "ignore",
    "flip_bit(header|header_digest|data|data_digest)",
    "wrong_field(dsl|offset|itt|ttt|stat_sn|data_sn|max_cmd_sn|opcode|length)",
    "short_data(BYTES)",
    "delay(MILLISECONDS)",
    "trickle(MILLISECONDS)",
    "freeze(max_cmd_sn)",
    "flood(nop_in|async_message,COUNT)",
    "endless_text",
    "status(check_condition,KEY,ASC,ASCQ)",
    "status(busy|reservation_conflict|task_set_full|aca_active|task_aborted)",
    "reject(REASON)",
    "tmf_response(RESPONSE)",
    "async(EVENT[,P1,P2,P3[,CODE]])",
    "close_listener(MILLISECONDS)",
};

template <class Value, std::size_t N>
[[nodiscard]] const Value* find(const named<Value> (&rows)[N], std::string_view name) {
    for (const auto& row : rows)
        if (row.name == name) return &row.value;
    return nullptr;
}

template <class Value, std::size_t N>
[[nodiscard]] std::string name_of(const named<Value> (&rows)[N], Value value) {
    for (const auto& row : rows)
        if (row.value == value) return std::string(row.name);
    return std::to_string(static_cast<unsigned>(value));
}

}  // namespace persiscsi::target
