// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_dialogue.hpp"
#include "initiator/login/security_negotiation.hpp"
#include "pdu/login_response.hpp"
#include "pdu/login_stage.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace persiscsi::login {

/// "security stage", "operational stage"
[[nodiscard]] std::string_view name_of(pdu::login_stage stage);

/// What follows from a status other than success (RFC 7143 §11.13.5): a redirect or a failure, whose text says what in
/// `security` may have been the reason.
[[nodiscard]] login_dialogue::step on_refusal(pdu::login_status status,
                                              std::span<const std::byte> data,
                                              pdu::login_stage stage,
                                              const security_negotiation& security);

}  // namespace persiscsi::login
