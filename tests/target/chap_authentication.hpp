// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/text.hpp"
#include "tests/target/target_options.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::target {

/// H(identifier, secret, challenge) of RFC 1994 with the hash that IANA numbers `algorithm`: 5 MD5, 6 SHA-1, 7 SHA-256,
/// 8 SHA3-256. Nothing for other numbers.
[[nodiscard]] std::optional<std::vector<std::byte>> chap_response(unsigned algorithm,
                                                                  std::uint8_t identifier,
                                                                  const persiscsi::secret& secret,
                                                                  std::span<const std::byte> challenge);

/// The target's part of CHAP (RFC 7143 §12.1.3), one login.
class chap_authentication {
  public:
    explicit chap_authentication(const chap_options& options) : options_(options) {}

    /// Takes the keys of one request, adds ours to `reply`. An error text means: refuse with "authentication failure".
    [[nodiscard]] std::optional<std::string> step(const pdu::text_keys& keys, pdu::text_keys& reply);
    [[nodiscard]] bool done() const { return state_ == state::done; }

  private:
    enum class state { wants_algorithm, wants_response, done };

    [[nodiscard]] std::optional<std::string> choose_algorithm(std::string_view offered, pdu::text_keys& reply);
    [[nodiscard]] std::optional<std::string> check_response(const pdu::text_keys& keys, pdu::text_keys& reply);
    [[nodiscard]] std::optional<std::string> authenticate_ourselves(std::string_view identifier,
                                                                    std::string_view challenge,
                                                                    pdu::text_keys& reply) const;

    const chap_options& options_;
    state state_ = state::wants_algorithm;
    unsigned algorithm_ = 0;
    std::uint8_t identifier_ = 0;
    std::vector<std::byte> challenge_;
};

}  // namespace persiscsi::target
