// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/logout_request.hpp"
#include "pdu/logout_response.hpp"
#include "pdu/snack_request.hpp"
#include "pdu/types.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::target {

/// What the Full Feature Phase needs of the connection it runs on.
class wire {
  public:
    /// Sends a PDU whose sequence numbers are filled in. `borrowed` must stay until it is sent: it is of the medium.
    virtual void transmit(const pdu::bhs_bytes& bhs, std::span<const std::byte> borrowed) = 0;
    virtual void transmit_owned(const pdu::bhs_bytes& bhs, std::vector<std::byte> data) = 0;

    /// So much waits to be sent that Data-In should wait; `full_feature::pump` is called when it got less.
    [[nodiscard]] virtual bool congested() const = 0;

    /// The initiator broke a rule; `fatal` closes the connection.
    virtual void violation(const std::string& what, bool fatal) = 0;
    virtual void close_after_flush() = 0;

    /// Calls full_feature::resume(tag) after that time.
    virtual void resume_later(pdu::task_tag tag, std::uint64_t serial, std::chrono::milliseconds time) = 0;

    /// MaxCmdSN may not move now.
    [[nodiscard]] virtual bool frozen() const = 0;

    /// LOGICAL UNIT RESET reaches all sessions of the target; `all_units`: TARGET RESET.
    virtual void reset_units(pdu::lun_id lun, bool all_units) = 0;

    /// TARGET COLD RESET ends all sessions of the target; this connection is left to the caller (RFC 7143 §11.5.1).
    virtual void cold_reset() = 0;

    /// Takes connections out of the session. This one too, where the request means it: the caller answers and closes.
    [[nodiscard]] virtual pdu::logout_outcome log_out(const pdu::logout_request& request) = 0;

    virtual void count_repeated_request() = 0;
    virtual void count_recovery_r2t() = 0;
    virtual void count_text_request() = 0;
    virtual void count_snack(pdu::snack_type type) = 0;
    virtual void count_reassign() = 0;
    virtual void count_command() = 0;
    virtual void count_data(std::uint64_t read, std::uint64_t written) = 0;
    virtual void count_nop_in_answer() = 0;

    /// TargetName=… and TargetAddress=… for SendTargets (RFC 7143 Appendix C); empty `name`: all.
    [[nodiscard]] virtual std::vector<std::byte> send_targets(const std::string& name) const = 0;

  protected:
    ~wire() = default;
};

}  // namespace persiscsi::target
