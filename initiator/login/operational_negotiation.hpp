// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "initiator/login/login_options.hpp"
#include "initiator/login/negotiated.hpp"
#include "initiator/login/operational_keys.hpp"
#include "pdu/login_stage.hpp"
#include "pdu/text.hpp"

#include <string_view>

namespace persiscsi::login {

/// The negotiation of the keys of RFC 7143 §13 in one login: what we offer, the target's answers, and our answers to
/// what the target brings up by itself. Nothing is settled outside of `result`.
class operational_negotiation {
  public:
    /// `options` are validated and outlive this. `leading`: the first connection of a session; a further one may not
    /// touch the keys marked LO (RFC 7143 §13).
    operational_negotiation(const login_options& options, bool leading);

    /// Our first text in LoginOperationalNegotiation.
    [[nodiscard]] const pdu::text_keys& offers() const { return offers_; }

    /// Takes one key of the target, which it has not sent before, in either stage. Where the key is a proposal, our
    /// answer is appended to `answers`.
    [[nodiscard]] failure on_key(pdu::login_stage stage,
                                 const pdu::text_key& received,
                                 negotiated& result,
                                 pdu::text_keys& answers);

    /// At the end of the stage: what was left unanswered, and the rules that join several keys.
    [[nodiscard]] failure finish(negotiated& result);

  private:
    [[nodiscard]] failure on_answer(const operational_key& key,
                                    std::string_view offered,
                                    std::string_view answer,
                                    negotiated& result);
    [[nodiscard]] failure on_proposal(const operational_key& key,
                                      std::string_view proposed,
                                      negotiated& result,
                                      pdu::text_keys& answers);
    [[nodiscard]] failure on_unknown(const pdu::text_key& received, pdu::text_keys& answers);
    /// What a key of the session's first connection is answered with on a further one: what the first one agreed on. A
    /// breach of RFC 7143 §13 by the target, but tgtd proposes whatever is not at its default on every connection, and
    /// wants the same answer each time. Nothing is settled by it.
    [[nodiscard]] std::string as_before(const operational_key& key, std::string_view proposed) const;
    [[nodiscard]] bool is_usable(const operational_key& key) const;

    const login_options& options_;
    bool leading_;
    pdu::text_keys offers_;
    pdu::text_keys unanswered_;  ///< those of offers_ that the target has not answered yet
};

}  // namespace persiscsi::login
