// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_dialogue.hpp"
#include "tests/fuzz/input.hpp"

#include <string_view>

namespace persiscsi::fuzz {

inline constexpr std::string_view own_secret = "the-initiators-own-secret";
inline constexpr std::string_view mutual_secret = "what-the-target-must-know";
/// In a target's text: the CHAP_R that is right for the challenge it got.
inline constexpr std::string_view right_proof = "RIGHT-PROOF";

/// How a login input begins: one byte of kinds, then responses of flags, stages, TSIH and a text of a length.
enum class login_kind : std::uint8_t { plain, chap, mutual_chap, discovery, further_connection, digests, kinds };

[[nodiscard]] login_options options_of(login_kind kind);
[[nodiscard]] pdu::tsih tsih_of(login_kind kind);
/// Numbers that repeat: 1, 2, 3 …
[[nodiscard]] random_source counting();
/// Plays the input and checks what must hold; how the login ended.
[[nodiscard]] login_dialogue::step play_login(input from);

}  // namespace persiscsi::fuzz
