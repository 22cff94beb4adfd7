// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/opcode.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persiscsi::target {

/// Which PDUs a step watches: those of one opcode, a kind of SCSI Command, or all.
enum class watched : std::uint8_t {
    nop_out,
    scsi_command,
    task_management_request,
    login_request,
    text_request,
    data_out,
    logout_request,
    snack_request,
    nop_in,
    scsi_response,
    task_management_response,
    login_response,
    text_response,
    data_in,
    logout_response,
    r2t,
    async_message,
    reject,
    scsi_read,   ///< a SCSI Command with the R bit
    scsi_write,  ///< a SCSI Command with the W bit
    received,    ///< any PDU of the initiator
    sent,        ///< any PDU of the target
    /// No PDU but the clock: `every` has n of them pass, and takes the next PDU of the initiator but a login's.
    millisecond,
};

/// `on`: the n-th PDU, once. `every`: each n-th. `always` is every(1) of the PDUs that the action can apply to.
struct trigger {
    enum class kind : std::uint8_t { on, every, always };
    kind when = kind::on;
    watched what = watched::received;
    std::uint32_t n = 1;    ///< counted over the whole scripted_target since the script was set; at least 1
    std::uint16_t cid = 0;  ///< not 0: counts, and applies to, connections with that CID only

    friend bool operator==(const trigger&, const trigger&) = default;
};

namespace fault {
/// Closes the connection instead of handling or sending the PDU; what was queued before is still sent.
struct drop_connection {
    friend bool operator==(drop_connection, drop_connection) = default;
};
/// Inverts one bit of a PDU, sent or received, as if the wire had done it: a digest tells where there is one. A PDU
/// without that place (no digest, no data) stays unharmed.
struct flip_bit {
    enum class place : std::uint8_t { header, header_digest, data, data_digest } where = place::data;
    friend bool operator==(flip_bit, flip_bit) = default;
};
/// SCSI Command: executes that command later, others go on. Other PDUs: holds the stream in that direction.
struct delay {
    std::chrono::milliseconds time{};
    friend bool operator==(delay, delay) = default;
};
/// Received: never answered (a numbered command still advances CmdSN). Sent: swallowed, its StatSN is spent.
struct ignore {
    friend bool operator==(ignore, ignore) = default;
};
/// Ends a SCSI Command with this status; the key, code and qualifier go with CHECK CONDITION.
struct status {
    std::uint8_t code = 0x08;
    std::uint8_t sense_key = 0, asc = 0, ascq = 0;
    friend bool operator==(status, status) = default;
};
/// Refuses new TCP connections for that time.
struct close_listener {
    std::chrono::milliseconds time{};
    friend bool operator==(close_listener, close_listener) = default;
};
/// MaxCmdSN stays where it is until the script is replaced.
struct freeze {
    friend bool operator==(freeze, freeze) = default;
};
/// Sends an Asynchronous Message after the PDU (RFC 7143 §11.9). A parameter of 0 is filled in where the event has one:
/// 10 seconds, the CID of the connection, Time2Wait and Time2Retain. What the event announces is done: the connection
/// is dropped, or all of the session.
struct async {
    std::uint8_t event = 1;
    std::uint16_t parameter1 = 0, parameter2 = 0, parameter3 = 0;
    std::uint8_t vendor_code = 0;
    friend bool operator==(const async&, const async&) = default;
};
/// Answers a Task Management Function Request with that response, and does nothing of it (RFC 7143 §11.6.1).
struct tmf_response {
    std::uint8_t code = 255;
    friend bool operator==(tmf_response, tmf_response) = default;
};
/// Sends that many PDUs of their own accord: NOP-Ins that want an answer, or vendor-specific Asynchronous Messages.
struct flood {
    enum class kind : std::uint8_t { nop_in, async_message } what = kind::nop_in;
    std::uint32_t count = 1000;
    friend bool operator==(const flood&, const flood&) = default;
};
/// Answers Login or Text Requests of this connection with text that is never complete (C bit).
struct endless_text {
    friend bool operator==(endless_text, endless_text) = default;
};
/// Sends a PDU byte by byte, with that time before each.
struct trickle {
    std::chrono::milliseconds time{};
    friend bool operator==(trickle, trickle) = default;
};
/// As drop_connection, by a TCP reset: what was sent before may be lost.
struct reset {
    friend bool operator==(reset, reset) = default;
};
/// Sends the first half of a PDU, and closes the connection.
struct cut {
    friend bool operator==(cut, cut) = default;
};
/// Sends a PDU twice.
struct duplicate {
    friend bool operator==(duplicate, duplicate) = default;
};
/// Sends a PDU after the one that follows it on its connection; never, where none does.
struct later {
    friend bool operator==(later, later) = default;
};
/// Answers a received PDU with Reject of this reason (RFC 7143 §11.17.1).
struct reject {
    std::uint8_t reason = 4;
    friend bool operator==(reject, reject) = default;
};
/// Sends a PDU with one wrong header field; digests are right. data_sn is R2TSN too, `length` an R2T's
/// DesiredDataTransferLength.
struct wrong_field {
    enum class which : std::uint8_t {
        dsl,
        offset,
        itt,
        ttt,
        stat_sn,
        data_sn,
        max_cmd_sn,
        opcode,
        length
    } field = which::itt;
    friend bool operator==(wrong_field, wrong_field) = default;
};
/// A Data-In carries this many bytes less than it should; its status does not tell.
struct short_data {
    std::uint32_t bytes = 1;
    friend bool operator==(short_data, short_data) = default;
};
}  // namespace fault

using fault_action = std::variant<fault::drop_connection,
                                  fault::flip_bit,
                                  fault::delay,
                                  fault::ignore,
                                  fault::status,
                                  fault::close_listener,
                                  fault::freeze,
                                  fault::async,
                                  fault::reject,
                                  fault::wrong_field,
                                  fault::short_data,
                                  fault::tmf_response,
                                  fault::flood,
                                  fault::endless_text,
                                  fault::trickle,
                                  fault::reset,
                                  fault::cut,
                                  fault::duplicate,
                                  fault::later>;

struct fault_step {
    trigger when;
    fault_action what;
    friend bool operator==(const fault_step&, const fault_step&) = default;
};

using fault_script = std::vector<fault_step>;

/// Text form, one step per line or separated by ';', '#' starts a comment:
///     on scsi_command(3): drop_connection
///     every data_in(100): flip_bit(data_digest)
///     on r2t: delay(30000)
///     always: freeze(max_cmd_sn)
///     on scsi_read(2): status(check_condition,03,11,00)
///     every millisecond(1000): drop_connection
///     every received(1000): flip_bit(data)
///     on data_out(5) at cid(2): drop_connection
///     on scsi_command(3): async(4,0,0,3)         event, Parameter1 to 3, AsyncVCode
///     on task_management_request(1): tmf_response(5)
///     on nop_out(1): flood(nop_in,100000)
///     on text_request(1): endless_text
///     every sent(10): trickle(1)
///     on data_in(2): duplicate                   (or: later, cut, reset)
/// Throws std::invalid_argument naming line and reason.
[[nodiscard]] fault_script parse_fault_script(std::string_view text);
[[nodiscard]] std::string to_string(const trigger& when);
[[nodiscard]] std::string to_string(const fault_step& step);
[[nodiscard]] std::string to_string(const fault_script& script);

/// The grammar for --help: triggers, PDUs and actions.
[[nodiscard]] std::string fault_script_grammar();

/// True for the PDUs a target sends.
[[nodiscard]] bool is_sent(watched what);

}  // namespace persiscsi::target
