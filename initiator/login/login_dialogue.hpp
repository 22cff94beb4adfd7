// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "initiator/login/login_options.hpp"
#include "initiator/login/negotiated.hpp"
#include "pdu/login_request.hpp"
#include "pdu/login_response.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace persiscsi {

/// The Login Phase of one connection (RFC 7143 §6.3) as a dialogue: hand the first request out, then answer each Login
/// Response by the next request, or by the end. No I/O, clock or randomness of its own; one thread.
class login_dialogue {
  public:
    /// A Login Request and its data segment. The owner fills in initiator_task_tag, cmd_sn and exp_stat_sn.
    struct request {
        pdu::login_request pdu;
        std::vector<std::byte> data;
    };
    /// The target sends us to another portal (RFC 7143 §11.13.5, status class 1).
    struct redirect {
        portal to;
        bool permanent = false;
    };
    using step = std::variant<request, negotiated, redirect, failure>;

    /// `tsih`: fresh for a new session or a reinstatement of one, else the session that gets a further connection.
    login_dialogue(login_options options, pdu::tsih tsih, pdu::connection_id cid, random_source random);
    /// A further connection of the session that agreed on `session`, or a connection in place of its `cid` (RFC 7143
    /// §6.3.4). It negotiates digests and MaxRecvDataSegmentLength; its result has the rest from `session`. A target
    /// that names another portal group than the session's is refused before it gets to see a CHAP response.
    login_dialogue(login_options options, const negotiated& session, pdu::connection_id cid, random_source random);
    login_dialogue(login_dialogue&&) noexcept;
    login_dialogue& operator=(login_dialogue&&) noexcept;
    ~login_dialogue();

    /// The first request, or a failure where the options cannot be offered (`login_errc::bad_option`).
    [[nodiscard]] step start();

    /// Call with each Login Response of this login. After anything but a request the dialogue is over.
    [[nodiscard]] step on_response(const pdu::login_response& response, std::span<const std::byte> data);

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace persiscsi
