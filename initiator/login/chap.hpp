// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "initiator/login/login_options.hpp"
#include "initiator/secret.hpp"
#include "pdu/text.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The Challenge Handshake Authentication Protocol (RFC 7143 §12.1.3, RFC 1994).
namespace persiscsi::login {

/// CHAP_C and CHAP_R have at most so many bytes, decoded.
inline constexpr std::size_t max_chap_binary = 1024;
/// RFC 7143 §6.1, simple-value
inline constexpr std::size_t max_chap_name = 255;

[[nodiscard]] std::string_view name_of(chap_algorithm algorithm);
/// Bytes of a response.
[[nodiscard]] std::size_t digest_size_of(chap_algorithm algorithm);
/// False where this host's OpenSSL refuses the algorithm (FIPS refuses MD5).
[[nodiscard]] bool is_available(chap_algorithm algorithm);

/// The response to a challenge: digest(identifier, secret, challenge). None where OpenSSL refuses the algorithm.
[[nodiscard]] std::optional<std::vector<std::byte>> chap_response(chap_algorithm algorithm,
                                                                  std::uint8_t identifier,
                                                                  const secret& secret,
                                                                  std::span<const std::byte> challenge);

/// One CHAP exchange, from CHAP_A on, as its initiator side.
class chap_exchange {
  public:
    /// The credentials, of validated options, outlive this. `mutual`: what the target must prove, or null.
    chap_exchange(const chap_credentials& own, const chap_credentials* mutual, random_source random);

    /// CHAP_A, with those of `wished` that this host has.
    [[nodiscard]] failure offer(std::span<const chap_algorithm> wished, pdu::text_keys& request);

    /// The target's CHAP_A, CHAP_I, CHAP_C. Appends CHAP_N and CHAP_R, and our CHAP_I and CHAP_C where mutual.
    [[nodiscard]] failure on_challenge(const pdu::text_keys& keys, pdu::text_keys& request);

    /// The target's CHAP_N and CHAP_R. Only where mutual.
    [[nodiscard]] failure on_proof(const pdu::text_keys& keys);

    [[nodiscard]] std::optional<chap_algorithm> algorithm() const { return algorithm_; }
    /// Whether the target has chosen it, or may still: it was offered and nothing is chosen yet.
    [[nodiscard]] bool may_use(chap_algorithm algorithm) const;

  private:
    [[nodiscard]] failure choose(std::string_view answer);
    [[nodiscard]] failure challenge_target(std::span<const std::byte> targets_challenge, pdu::text_keys& request);
    [[nodiscard]] failure check_proof(std::span<const std::byte> proof) const;

    const chap_credentials& own_;
    const chap_credentials* mutual_;
    random_source random_;
    std::vector<chap_algorithm> offered_;
    std::optional<chap_algorithm> algorithm_;
    std::uint8_t identifier_ = 0;  ///< ours, for the target
    std::vector<std::byte> challenge_;
};

}  // namespace persiscsi::login
