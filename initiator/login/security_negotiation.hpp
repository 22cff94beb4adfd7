// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "initiator/login/chap.hpp"
#include "initiator/login/login_options.hpp"
#include "initiator/login/negotiated.hpp"
#include "pdu/text.hpp"

#include <optional>

namespace persiscsi::login {

/// AuthMethod and what follows from it (RFC 7143 §6.3.2, §12.1). With credentials CHAP is offered alone, without them
/// None: nobody who asked for authentication gets a session without it.
class security_negotiation {
  public:
    /// `options` are validated and outlive this.
    security_negotiation(const login_options& options, random_source random);

    /// The security keys of the first request.
    [[nodiscard]] pdu::text_keys offers() const;

    /// Takes the security keys of one response; what we say next is appended to `answers`.
    [[nodiscard]] failure on_keys(const pdu::text_keys& keys, pdu::text_keys& answers);

    /// Whether we have said all we have to say in this stage: the T bit of the next request.
    [[nodiscard]] bool ready() const { return step_ == step::none_offered || step_ >= step::response_sent; }

    /// Whether None was offered, for want of a secret.
    [[nodiscard]] bool offered_none() const { return !chap_; }
    /// Whether the target may have computed, or be about to compute, with this algorithm.
    [[nodiscard]] bool may_use(chap_algorithm algorithm) const { return chap_ && chap_->may_use(algorithm); }

    /// When the target leaves the stage.
    [[nodiscard]] failure finish(negotiated& result) const;

  private:
    enum class step { none_offered, chap_offered, algorithms_offered, response_sent, target_proved };

    [[nodiscard]] failure on_method_for_none(const pdu::text_keys& keys) const;
    [[nodiscard]] failure on_method_for_chap(const pdu::text_keys& keys, pdu::text_keys& answers);

    const login_options& options_;
    std::optional<chap_exchange> chap_;
    step step_ = step::none_offered;
};

}  // namespace persiscsi::login
