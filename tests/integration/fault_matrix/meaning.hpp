// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/fault_script.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace persiscsi::test {

/// What two ends agree on while a fault happens.
struct arrangement {
    const char* name;
    std::uint8_t error_recovery_level;
    bool digests;
    std::uint16_t connections;
};
inline constexpr arrangement arrangements[] = {
    {"level 0", 0, false, 1},
    {"level 0, digests", 0, true, 1},
    {"level 2, digests", 2, true, 1},
    {"level 2, digests, two connections", 2, true, 2},
};

/// Where a PDU stands in the life of a session.
enum class stage : std::uint8_t { discovery, login, data, idle, management, logout };

/// A PDU by its word in fault scripts, and what of it a fault can spoil.
struct pdu_row {
    const char* name;
    target::watched what;
    stage when;
    const char* prelude;  ///< a step that makes it come at all; empty: none is needed
    bool data;            ///< it has a data segment
    struct fields {
        bool itt = true, ttt = false, stat_sn = false, data_sn = false, offset = false, length = false;
    } has{};
};
inline constexpr pdu_row pdu_rows[] = {
    {"login_request", target::watched::login_request, stage::login, "", true},
    {"login_response", target::watched::login_response, stage::login, "", true, {.stat_sn = true}},
    {"text_request", target::watched::text_request, stage::discovery, "", true},
    {"text_response", target::watched::text_response, stage::discovery, "", true, {.ttt = true, .stat_sn = true}},
    {"scsi_read", target::watched::scsi_read, stage::data, "", false},
    {"scsi_write", target::watched::scsi_write, stage::data, "", true},
    {"data_out", target::watched::data_out, stage::data, "", true},
    {"data_in", target::watched::data_in, stage::data, "", true, {.data_sn = true, .offset = true}},
    {"r2t",
     target::watched::r2t,
     stage::data,
     "",
     false,
     {.ttt = true, .stat_sn = true, .data_sn = true, .offset = true, .length = true}},
    {"scsi_response", target::watched::scsi_response, stage::data, "", false, {.stat_sn = true}},
    {"snack_request", target::watched::snack_request, stage::data, "on data_in(1): flip_bit(data)\n", false},
    {"nop_out", target::watched::nop_out, stage::idle, "", false},
    {"nop_in", target::watched::nop_in, stage::idle, "", false, {.ttt = true, .stat_sn = true}},
    {"async_message",
     target::watched::async_message,
     stage::data,
     "on scsi_read(1): async(255)\n",
     false,
     {.itt = false, .stat_sn = true}},
    {"reject",
     target::watched::reject,
     stage::data,
     "on scsi_read(1): reject(9)\n",
     true,
     {.itt = false, .stat_sn = true}},
    {"task_management_request", target::watched::task_management_request, stage::management, "", false},
    {"task_management_response",
     target::watched::task_management_response,
     stage::management,
     "",
     false,
     {.stat_sn = true}},
    {"logout_request", target::watched::logout_request, stage::logout, "", false},
    {"logout_response", target::watched::logout_response, stage::logout, "", false, {.stat_sn = true}},
};

struct fault_row {
    const char* name;
    const char* action;    ///< as a fault script has it
    bool recovered;        ///< data goes on by itself: no operation on data may end with an error
    bool truthful = true;  ///< leads the initiator to nothing that the target would take for a breach
};
inline constexpr fault_row fault_rows[] = {
    {"drop_connection", "drop_connection", true},
    {"reset", "reset", true},
    {"cut", "cut", true},
    {"ignore", "ignore", false},
    {"short_delay", "delay(20)", true},
    {"silence", "delay(60000)", false},
    {"duplicate", "duplicate", true},
    {"later", "later", true},
    {"bytes_apart", "trickle(0)", true},
    {"trickle", "trickle(1)", false},
    {"flipped_header", "flip_bit(header)", true, false},
    {"flipped_header_digest", "flip_bit(header_digest)", true},
    {"flipped_data", "flip_bit(data)", true},
    {"flipped_data_digest", "flip_bit(data_digest)", true},
    {"short_data", "short_data(512)", false},
    {"wrong_length", "wrong_field(dsl)", true, false},
    {"wrong_itt", "wrong_field(itt)", true, false},
    {"wrong_ttt", "wrong_field(ttt)", true, false},
    {"wrong_stat_sn", "wrong_field(stat_sn)", false, false},
    {"wrong_data_sn", "wrong_field(data_sn)", true, false},
    {"wrong_offset", "wrong_field(offset)", true, false},
    {"wrong_transfer_length", "wrong_field(length)", true, false},
    {"wrong_max_cmd_sn", "wrong_field(max_cmd_sn)", true, false},
    {"unknown_opcode", "wrong_field(opcode)", true, false},
    {"reject_as_corrupt", "reject(2)", true},
    {"reject_for_good", "reject(9)", false},
    {"busy", "status(busy)", true},
    {"check_condition", "status(check_condition,04,44,00)", false},
    {"function_rejected", "tmf_response(255)", false},
    {"ping_flood", "flood(nop_in,1000)", true},
    {"message_flood", "flood(async_message,1000)", true},
    {"endless_text", "endless_text", false},
    {"asks_for_logout", "async(1)", true},
    {"drops_connection_by_message", "async(2)", true},
    {"drops_session_by_message", "async(3)", true},
    {"asks_for_negotiation", "async(4)", true},
    {"closed_window", "freeze(max_cmd_sn)", false},
    {"closed_listener", "close_listener(50)", true},
};

/// Why the fault means nothing of this PDU in this arrangement; nothing: it does.
[[nodiscard]] std::optional<std::string> no_meaning(const fault_row& fault,
                                                    const pdu_row& pdu,
                                                    const arrangement& agreed);

}  // namespace persiscsi::test
