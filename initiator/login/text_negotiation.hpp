// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "initiator/login/negotiated.hpp"
#include "pdu/text.hpp"
#include "pdu/text_request.hpp"
#include "pdu/text_response.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>
#include <variant>
#include <vector>

namespace persiscsi {

/// Negotiation in Full Feature Phase (RFC 7143 §6.4, §11.10, §11.11): one sequence of Text Requests and Responses on
/// one connection, as a dialogue like that of the login. For Normal sessions only: a Discovery session has SendTargets
/// and nothing else (§13.21). No I/O or clock of its own; one thread.
///
/// A negotiation is atomic (§6.2): what was agreed on before stays in force until the step `negotiated`, and for good
/// where the end is a failure. After `login_errc::negotiation_reset` the target has dropped the negotiation as well and
/// the connection may be used on; after any other failure the two sides may differ, and the connection must go.
class text_negotiation {
  public:
    /// A Text Request and its data segment. The owner fills in initiator_task_tag, cmd_sn and exp_stat_sn; the tag is
    /// the same in all of them, and all are immediate or none is (§11.10.3).
    struct request {
        pdu::text_request pdu;
        std::vector<std::byte> data;
    };
    using step = std::variant<request, negotiated, failure>;

    /// `declarations`: what an initiator may say in Full Feature Phase, as MaxRecvDataSegmentLength, InitiatorAlias and
    /// private keys. May be empty: an answer to the Asynchronous Message that wants a negotiation (§11.9.1, event 4),
    /// after which the target proposes what it wants.
    text_negotiation(const negotiated& current, pdu::text_keys declarations);

    /// The first request, or a failure where the declarations may not be made (`login_errc::bad_option`).
    [[nodiscard]] step start();

    /// Call with each Text Response that carries our task tag. After anything but a request the dialogue is over.
    /// A breach in the middle of the sequence is answered by a request that resets it (§6.4), and the response to that
    /// by the failure.
    [[nodiscard]] step on_response(const pdu::text_response& response, std::span<const std::byte> data);

    /// The target answered a request by a Reject PDU: it resets the negotiation (§6.4).
    [[nodiscard]] failure on_reject();

  private:
    [[nodiscard]] failure check_declarations() const;
    [[nodiscard]] step take_response(const pdu::text_response& response, std::span<const std::byte> data);
    [[nodiscard]] failure check_header(const pdu::text_response& response) const;
    [[nodiscard]] step on_text(bool final);
    [[nodiscard]] failure take_keys(const pdu::text_keys& keys, pdu::text_keys& answers);
    [[nodiscard]] failure take_known_key(const pdu::text_key& received, pdu::text_keys& answers);
    [[nodiscard]] failure take_unknown_key(const pdu::text_key& received, pdu::text_keys& answers) const;
    [[nodiscard]] step send(const pdu::text_keys& keys);
    [[nodiscard]] step send_next();
    [[nodiscard]] step reset(failure why);
    [[nodiscard]] negotiated finish();

    negotiated result_;                   ///< in the making
    std::uint32_t max_request_data_ = 0;  ///< the target's MaxRecvDataSegmentLength so far
    pdu::text_keys declarations_;
    std::unordered_set<std::string> seen_;  ///< keys that the target has sent
    std::vector<std::byte> unsent_;         ///< what of our text follows in further requests (C bit)
    std::vector<std::byte> gathered_;       ///< the target's text so far (C bit)
    pdu::transfer_tag tag_ = pdu::transfer_tag::reserved;
    pdu::lun_id lun_{};
    unsigned responses_ = 0;
    bool final_asked_ = false;  ///< the F bit of the last request
    bool over_ = false;
    failure reset_for_;  ///< why the negotiation is being reset; none while it is not
};

}  // namespace persiscsi
