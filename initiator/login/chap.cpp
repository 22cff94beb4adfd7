// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/chap.hpp"

#include "initiator/login/text_values.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace persiscsi::login {
namespace {

struct algorithm_row {
    chap_algorithm algorithm;
    std::string_view name;
    const char* openssl_name;
    std::size_t digest_size;
};

constexpr algorithm_row algorithms[] = {
    {chap_algorithm::md5, "MD5", "MD5", 16},
    {chap_algorithm::sha1, "SHA1", "SHA1", 20},
    {chap_algorithm::sha256, "SHA-256", "SHA2-256", 32},
    {chap_algorithm::sha3_256, "SHA3-256", "SHA3-256", 32},
};

const algorithm_row& row_of(chap_algorithm algorithm) {
    return *std::find_if(
        std::begin(algorithms), std::end(algorithms), [&](const auto& row) { return row.algorithm == algorithm; });
}

/// As in CHAP_A.
unsigned number_of(chap_algorithm algorithm) {
    return static_cast<unsigned>(algorithm);
}

struct free_openssl {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
    void operator()(EVP_MD_CTX* state) const { EVP_MD_CTX_free(state); }
};
using digest_pointer = std::unique_ptr<EVP_MD, free_openssl>;

digest_pointer fetch(chap_algorithm algorithm) {
    return digest_pointer(EVP_MD_fetch(nullptr, row_of(algorithm).openssl_name, nullptr));
}

failure bad_message(std::string what) {
    return {login_errc::bad_chap_message, "CHAP: " + std::move(what)};
}

failure refused_by_openssl(chap_algorithm algorithm) {
    return {login_errc::no_common_chap_algorithm,
            "CHAP: OpenSSL of this host refuses " + std::string(name_of(algorithm)) + " (a FIPS provider?)"};
}

/// What of a binary value may be said: never its bytes.
std::string binary_fault(std::string_view key, std::string_view value, std::string_view allowed) {
    return std::string(key) + " of " + std::to_string(value.size()) +
           " characters is not a hex or base64 constant of " + std::string(allowed);
}

}  // namespace

std::string_view name_of(chap_algorithm algorithm) {
    return row_of(algorithm).name;
}

std::size_t digest_size_of(chap_algorithm algorithm) {
    return row_of(algorithm).digest_size;
}

bool is_available(chap_algorithm algorithm) {
    return fetch(algorithm) != nullptr;
}

std::optional<std::vector<std::byte>> chap_response(chap_algorithm algorithm,
                                                    std::uint8_t identifier,
                                                    const secret& secret,
                                                    std::span<const std::byte> challenge) {
    const auto digest = fetch(algorithm);
    const std::unique_ptr<EVP_MD_CTX, free_openssl> state(EVP_MD_CTX_new());
    if (!digest || !state) return std::nullopt;
    const auto clear = secret.reveal();
    std::array<unsigned char, EVP_MAX_MD_SIZE> response{};
    unsigned size = 0;
    const bool done = EVP_DigestInit_ex2(state.get(), digest.get(), nullptr) == 1 &&
                      EVP_DigestUpdate(state.get(), &identifier, 1) == 1 &&
                      EVP_DigestUpdate(state.get(), clear.data(), clear.size()) == 1 &&
                      EVP_DigestUpdate(state.get(), challenge.data(), challenge.size()) == 1 &&
                      EVP_DigestFinal_ex(state.get(), response.data(), &size) == 1;
    if (!done || size != digest_size_of(algorithm)) return std::nullopt;
    const auto bytes = std::as_bytes(std::span(response)).first(size);
    return std::vector<std::byte>(bytes.begin(), bytes.end());
}

chap_exchange::chap_exchange(const chap_credentials& own, const chap_credentials* mutual, random_source random)
    : own_(own), mutual_(mutual), random_(std::move(random)) {}

failure chap_exchange::offer(std::span<const chap_algorithm> wished, pdu::text_keys& request) {
    std::string list;
    std::string refused;
    for (const auto algorithm : wished) {
        if (!is_available(algorithm)) {
            refused += (refused.empty() ? "" : ", ") + std::string(name_of(algorithm));
            continue;
        }
        offered_.push_back(algorithm);
        list += (list.empty() ? "" : ",") + std::to_string(number_of(algorithm));
    }
    if (offered_.empty())
        return {login_errc::no_common_chap_algorithm,
                "CHAP: OpenSSL of this host refuses all wished algorithms: " + refused};
    request.push_back({"CHAP_A", list});
    return {};
}

bool chap_exchange::may_use(chap_algorithm algorithm) const {
    if (algorithm_) return algorithm_ == algorithm;
    return std::find(offered_.begin(), offered_.end(), algorithm) != offered_.end();
}

failure chap_exchange::choose(std::string_view answer) {
    std::string list;
    const auto number = parse_number(answer);
    for (const auto algorithm : offered_) {
        if (number == number_of(algorithm)) algorithm_ = algorithm;
        list += (list.empty() ? "" : ",") + std::to_string(number_of(algorithm));
    }
    if (answer == "Reject")
        return {login_errc::no_common_chap_algorithm, "CHAP: the target rejects the algorithms " + list};
    if (!algorithm_) return bad_message("the target chose CHAP_A=" + pdu::escaped(answer) + ", offered " + list);
    return {};
}

failure chap_exchange::on_challenge(const pdu::text_keys& keys, pdu::text_keys& request) {
    const auto answer = pdu::find_key(keys, "CHAP_A");
    if (!answer) return bad_message("no CHAP_A in the target's answer");
    if (auto wrong = choose(*answer)) return wrong;
    const auto identifier_text = pdu::find_key(keys, "CHAP_I");
    const auto challenge_text = pdu::find_key(keys, "CHAP_C");
    if (!identifier_text || !challenge_text)
        return bad_message(std::string("no ") + (identifier_text ? "CHAP_C" : "CHAP_I") +
                           " beside the target's CHAP_A");
    const auto identifier = parse_number(*identifier_text);
    if (!identifier || *identifier > 255)
        return bad_message("CHAP_I=" + pdu::escaped(*identifier_text) + ", allowed 0 to 255");
    const auto challenge = parse_binary(*challenge_text, max_chap_binary);
    if (!challenge) return bad_message(binary_fault("CHAP_C", *challenge_text, "1 to 1024 bytes"));

    const auto response = chap_response(*algorithm_, static_cast<std::uint8_t>(*identifier), own_.secret, *challenge);
    if (!response) return refused_by_openssl(*algorithm_);
    request.push_back({"CHAP_N", own_.name});
    request.push_back({"CHAP_R", encode_hex(*response)});
    return mutual_ != nullptr ? challenge_target(*challenge, request) : failure{};
}

failure chap_exchange::challenge_target(std::span<const std::byte> targets_challenge, pdu::text_keys& request) {
    std::array<std::byte, 1> identifier{};
    random_(identifier);
    identifier_ = std::to_integer<std::uint8_t>(identifier[0]);
    challenge_.resize(digest_size_of(*algorithm_));
    random_(challenge_);
    // RFC 7143 §9.2.1: the challenge of one side is never used for the other direction.
    if (std::equal(challenge_.begin(), challenge_.end(), targets_challenge.begin(), targets_challenge.end()))
        return {login_errc::reflected_challenge, "CHAP: the target's challenge is the same as ours"};
    request.push_back({"CHAP_I", std::to_string(identifier_)});
    request.push_back({"CHAP_C", encode_hex(challenge_)});
    return {};
}

failure chap_exchange::on_proof(const pdu::text_keys& keys) {
    const auto name = pdu::find_key(keys, "CHAP_N");
    const auto proof_text = pdu::find_key(keys, "CHAP_R");
    if (!name || !proof_text)
        return {login_errc::target_failed_authentication,
                std::string("CHAP: the target sent no ") + (name ? "CHAP_R" : "CHAP_N") + " to prove itself"};
    if (name->size() > max_chap_name)
        return bad_message("CHAP_N of " + std::to_string(name->size()) + " bytes, allowed " +
                           std::to_string(max_chap_name));
    if (!mutual_->name.empty() && *name != mutual_->name)
        return {login_errc::target_failed_authentication,
                "CHAP: the target calls itself " + pdu::escaped(*name) + ", expected " + pdu::escaped(mutual_->name)};
    // RFC 7143 §9.2.1: the roles have different identities; only who expects the same name gets it.
    if (mutual_->name.empty() && *name == own_.name)
        return {login_errc::target_failed_authentication,
                "CHAP: the target calls itself " + pdu::escaped(*name) + ", which is the initiator's name"};
    const auto size = digest_size_of(*algorithm_);
    const auto proof = parse_binary(*proof_text, max_chap_binary);
    if (!proof || proof->size() != size)
        return bad_message(binary_fault("CHAP_R", *proof_text, std::to_string(size) + " bytes"));
    return check_proof(*proof);
}

failure chap_exchange::check_proof(std::span<const std::byte> proof) const {
    const auto expected = chap_response(*algorithm_, identifier_, mutual_->secret, challenge_);
    const auto own = chap_response(*algorithm_, identifier_, own_.secret, challenge_);
    if (!expected || !own) return refused_by_openssl(*algorithm_);
    // RFC 7143 §9.2.1: a response that we would have given ourselves is a failure, whatever was configured.
    if (CRYPTO_memcmp(proof.data(), own->data(), proof.size()) == 0)
        return {login_errc::target_failed_authentication,
                "CHAP: the target proved itself by the initiator's secret; each direction needs its own"};
    if (CRYPTO_memcmp(proof.data(), expected->data(), proof.size()) != 0)
        return {login_errc::target_failed_authentication,
                "CHAP: the target's response does not match the mutual secret"};
    return {};
}

}  // namespace persiscsi::login
