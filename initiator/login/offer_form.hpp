// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "initiator/login/operational_keys.hpp"
#include "pdu/text.hpp"

#include <string_view>

/// What keeps a text of ours from being said (`login_errc::bad_option`), before anything of it is sent.
namespace persiscsi::login {

/// A value of at most 255 bytes (RFC 7143 §6.1) without a NUL.
[[nodiscard]] failure check_text(std::string_view what, std::string_view text);

/// The names and the values of keys as keys: of RFC 7143 §13 or private, well formed, no answer in place of an offer,
/// none twice. A name that nobody knows is a slip of the pen, which no target would tell of.
[[nodiscard]] failure check_offer_forms(const pdu::text_keys& offers);

/// The failure for a value that `may_offer` does not allow.
[[nodiscard]] failure illegal_offer(const operational_key& key, std::string_view value);

}  // namespace persiscsi::login
