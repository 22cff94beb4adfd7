// SPDX-License-Identifier: Apache-2.0
#include "tests/target/chap_authentication.hpp"

#include "tests/target/text_values.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>

namespace persiscsi::target {
namespace {

constexpr std::size_t longest_binary = 1024;  // RFC 7143 §12.1.3
constexpr std::size_t challenge_size = 32;

const EVP_MD* hash_of(unsigned algorithm) {
    switch (algorithm) {
        case 5:
            return EVP_md5();
        case 6:
            return EVP_sha1();
        case 7:
            return EVP_sha256();
        case 8:
            return EVP_sha3_256();
        default:
            return nullptr;
    }
}

bool equal(std::span<const std::byte> a, std::span<const std::byte> b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::optional<std::vector<std::byte>> chap_response(unsigned algorithm,
                                                    std::uint8_t identifier,
                                                    const persiscsi::secret& secret,
                                                    std::span<const std::byte> challenge) {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const auto* kind = hash_of(algorithm);
    if (!hash || !kind) return std::nullopt;
    std::vector<std::byte> result(static_cast<std::size_t>(EVP_MD_get_size(kind)));
    const auto clear = secret.reveal();
    if (EVP_DigestInit_ex(hash.get(), kind, nullptr) != 1 || EVP_DigestUpdate(hash.get(), &identifier, 1) != 1 ||
        EVP_DigestUpdate(hash.get(), clear.data(), clear.size()) != 1 ||
        EVP_DigestUpdate(hash.get(), challenge.data(), challenge.size()) != 1 ||
        EVP_DigestFinal_ex(hash.get(), reinterpret_cast<unsigned char*>(result.data()), nullptr) != 1)
        return std::nullopt;
    return result;
}

std::optional<std::string> chap_authentication::step(const pdu::text_keys& keys, pdu::text_keys& reply) {
    const auto offered = pdu::find_key(keys, "CHAP_A");
    if (state_ == state::wants_algorithm) return offered ? choose_algorithm(*offered, reply) : std::nullopt;
    if (state_ == state::wants_response) return check_response(keys, reply);
    return std::nullopt;
}

std::optional<std::string> chap_authentication::choose_algorithm(std::string_view offered, pdu::text_keys& reply) {
    for (const auto text : read_list(offered)) {
        const auto number = read_number(text, 255);
        const auto& allowed = options_.algorithms;
        if (!number || std::find(allowed.begin(), allowed.end(), *number) == allowed.end()) continue;
        if (!hash_of(static_cast<unsigned>(*number))) continue;
        algorithm_ = static_cast<unsigned>(*number);
        challenge_.resize(challenge_size);
        if (RAND_bytes(reinterpret_cast<unsigned char*>(challenge_.data()), challenge_size) != 1 ||
            RAND_bytes(&identifier_, 1) != 1)
            return "no random numbers for a CHAP challenge";
        reply.push_back({"CHAP_A", std::to_string(algorithm_)});
        reply.push_back({"CHAP_I", std::to_string(identifier_)});
        reply.push_back({"CHAP_C", write_binary(challenge_)});
        state_ = state::wants_response;
        return std::nullopt;
    }
    return "no CHAP algorithm of '" + pdu::escaped(offered) + "' is allowed here";
}

std::optional<std::string> chap_authentication::check_response(const pdu::text_keys& keys, pdu::text_keys& reply) {
    const auto name = pdu::find_key(keys, "CHAP_N");
    const auto response = pdu::find_key(keys, "CHAP_R");
    if (!name || !response) return "CHAP_N or CHAP_R missing";
    const auto received = read_binary(*response, longest_binary);
    const auto expected = chap_response(algorithm_, identifier_, options_.secret, challenge_);
    if (*name != options_.user) return "unknown CHAP user '" + pdu::escaped(*name) + "'";
    if (!received || !expected || !equal(*received, *expected)) return "wrong CHAP response";

    const auto identifier = pdu::find_key(keys, "CHAP_I");
    const auto challenge = pdu::find_key(keys, "CHAP_C");
    if (identifier.has_value() != challenge.has_value()) return "CHAP_I and CHAP_C come together or not at all";
    if (identifier)
        if (auto error = authenticate_ourselves(*identifier, *challenge, reply)) return error;
    state_ = state::done;
    return std::nullopt;
}

std::optional<std::string> chap_authentication::authenticate_ourselves(std::string_view identifier,
                                                                       std::string_view challenge,
                                                                       pdu::text_keys& reply) const {
    if (options_.mutual_user.empty()) return "the initiator asks for mutual CHAP, none is configured";
    const auto number = read_number(identifier, 255);
    const auto bytes = read_binary(challenge, longest_binary);
    if (!number || !bytes) return "malformed CHAP_I or CHAP_C";
    if (equal(*bytes, challenge_)) return "the initiator sent our own CHAP challenge back";
    const auto ours = chap_response(algorithm_, static_cast<std::uint8_t>(*number), options_.mutual, *bytes);
    if (!ours) return "no CHAP response could be computed";
    reply.push_back({"CHAP_N", options_.mutual_user});
    reply.push_back({"CHAP_R", write_binary(*ours)});
    return std::nullopt;
}

}  // namespace persiscsi::target
