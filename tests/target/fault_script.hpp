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
    std::uint32_t n = 1;  ///< counted over the whole scripted_target since the script was set; at least 1

    friend bool operator==(const trigger&, const trigger&) = default;
};

namespace fault {
/// Closes the connection instead of handling or sending the PDU; what was queued before is still sent.
struct drop_connection {
    friend bool operator==(drop_connection, drop_connection) = default;
};
/// Inverts one bit of a PDU that is sent. A PDU without that place (no digest, no data) goes out unharmed.
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
/// Sends an Asynchronous Message after the PDU.
struct async {
    std::uint8_t event = 1;
    friend bool operator==(async, async) = default;
};
/// Answers a received PDU with Reject of this reason (RFC 7143 §11.17.1).
struct reject {
    std::uint8_t reason = 4;
    friend bool operator==(reject, reject) = default;
};
/// Sends a PDU with one wrong header field; digests are right.
struct wrong_field {
    enum class which : std::uint8_t { dsl, offset, itt, ttt, stat_sn, data_sn, max_cmd_sn, opcode } field = which::itt;
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
                                  fault::short_data>;

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
/// Throws std::invalid_argument naming line and reason.
[[nodiscard]] fault_script parse_fault_script(std::string_view text);
[[nodiscard]] std::string to_string(const fault_step& step);
[[nodiscard]] std::string to_string(const fault_script& script);

/// True for the PDUs a target sends.
[[nodiscard]] bool is_sent(watched what);

}  // namespace persiscsi::target
