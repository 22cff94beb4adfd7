// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/conformance_case.hpp"

#include <string>
#include <string_view>

namespace persiscsi::conformance {

/// CHAP with both sides proving themselves, up to the message that a test spoils. Responses of the target are computed
/// here, with OpenSSL alone.
class chap_conformance_case : public conformance_case {
  protected:
    static constexpr std::string_view our_secret = "what-only-the-initiator-says";
    static constexpr std::string_view its_secret = "what-only-the-target-says-00";
    static constexpr std::string_view our_name = "alice", its_name = "storage";
    static constexpr std::string_view sound_challenge = "0x000102030405060708090a0b0c0d0e0f";

    void with_chap(bool mutual = true, std::string_view target_name = its_name);
    /// The algorithms are offered; `said` has them.
    pdu::login_request algorithms_request(connection_number connection = 0);
    void challenge(const pdu::login_request& to, const pdu::text_keys& keys, connection_number connection = 0);
    /// The initiator's proof and its own challenge are in `said`.
    pdu::login_request proof_request(std::string_view its_challenge = sound_challenge,
                                     connection_number connection = 0);
    /// Our response, checked against the secret.
    void expect_right_response(unsigned identifier, std::string_view challenge) const;
    /// What proves the target to the challenge in `said`.
    [[nodiscard]] std::string proof() const;
    void prove(const pdu::login_request& to,
               const std::string& name,
               const std::string& response,
               connection_number connection = 0);
    void finish_login(connection_number connection = 0);
};

/// CHAP_R of SHA-256 (algorithm 7) as a hex-constant.
[[nodiscard]] std::string chap_response(unsigned identifier, std::string_view secret, std::string_view challenge);

}  // namespace persiscsi::conformance
