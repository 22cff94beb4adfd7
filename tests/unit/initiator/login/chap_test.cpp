// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/chap.hpp"

#include "initiator/login/text_values.hpp"
#include "tests/unit/initiator/login/scripted_login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

namespace persiscsi::login {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::byte> counted(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i);
    return bytes;
}

std::string response_of(chap_algorithm algorithm) {
    return encode_hex(chap_response(algorithm, 0x2a, secret("twelve bytes or more"), counted(16)).value());
}

/// Expected values: `openssl dgst` over the byte 2a, the secret and the bytes 00 to 0f.
TEST(chap_response, is_the_digest_of_identifier_secret_and_challenge) {
    EXPECT_EQ(response_of(chap_algorithm::md5), "0xfb1fdd185dc25bbdf454408ce61e0be4");
    EXPECT_EQ(response_of(chap_algorithm::sha1), "0x262d87e24297d2572cf4fcd0db571a81cef01462");
    EXPECT_EQ(response_of(chap_algorithm::sha256),
              "0xb6cfce56cbf87cd68e24a6694bab0d9bc3befa0a9fdd7035386738835ca07fa3");
    EXPECT_EQ(response_of(chap_algorithm::sha3_256),
              "0x362b8a823adca7c95e668a616665ba06cf9569fb99254dd654f1318803bf4d74");
}

TEST(chap_response, has_the_size_of_its_algorithm) {
    EXPECT_EQ(digest_size_of(chap_algorithm::md5), 16U);
    EXPECT_EQ(digest_size_of(chap_algorithm::sha1), 20U);
    EXPECT_EQ(digest_size_of(chap_algorithm::sha256), 32U);
    EXPECT_EQ(digest_size_of(chap_algorithm::sha3_256), 32U);
}

class chap_as_initiator : public testing::Test {
  protected:
    chap_credentials own{"alice", secret(test::own_secret)};
    chap_credentials mutual{"storage", secret(test::target_secret)};
    chap_exchange exchange{own, &mutual, test::counting()};
    pdu::text_keys request;

    void offer_all() {
        const auto all = login_options{}.chap_algorithms;
        ASSERT_FALSE(exchange.offer(all, request));
        EXPECT_EQ(pdu::find_key(request, "CHAP_A"), "8,7,6,5");
        request.clear();
    }
    failure challenged(std::string_view a, std::string_view i, std::string_view c) {
        request.clear();
        return exchange.on_challenge(
            {{"CHAP_A", std::string(a)}, {"CHAP_I", std::string(i)}, {"CHAP_C", std::string(c)}}, request);
    }
    void take_good_challenge() { ASSERT_FALSE(challenged("7", "42", "0xa0a1a2a3a4a5a6a7")); }
    /// The response to the challenge that we sent, made with `clear`.
    std::string proof_by(std::string_view clear) const {
        const auto identifier = parse_number(*pdu::find_key(request, "CHAP_I")).value();
        const auto challenge = parse_binary(*pdu::find_key(request, "CHAP_C"), max_chap_binary).value();
        return encode_hex(
            chap_response(chap_algorithm::sha256, static_cast<std::uint8_t>(identifier), secret(clear), challenge)
                .value());
    }
};

TEST_F(chap_as_initiator, answers_a_challenge_by_name_and_response) {
    offer_all();
    ASSERT_FALSE(challenged("5", "0x2a", "0x000102030405060708090a0b0c0d0e0f"));
    EXPECT_EQ(pdu::find_key(request, "CHAP_N"), "alice");
    EXPECT_EQ(pdu::find_key(request, "CHAP_R"),
              encode_hex(chap_response(chap_algorithm::md5, 0x2a, own.secret, counted(16)).value()));
    EXPECT_EQ(exchange.algorithm(), chap_algorithm::md5);
}

TEST_F(chap_as_initiator, reads_a_base64_challenge_as_the_same_bytes) {
    offer_all();
    ASSERT_FALSE(challenged("5", "42", "0bAAECAwQFBgcICQoLDA0ODw=="));
    EXPECT_EQ(pdu::find_key(request, "CHAP_R"),
              encode_hex(chap_response(chap_algorithm::md5, 0x2a, own.secret, counted(16)).value()));
}

TEST_F(chap_as_initiator, challenges_the_target_with_as_many_bytes_as_the_digest_has) {
    for (const auto& [number, size] : {std::pair{"5", 16U}, {"6", 20U}, {"7", 32U}, {"8", 32U}}) {
        chap_exchange fresh(own, &mutual, test::counting());
        pdu::text_keys said;
        ASSERT_FALSE(fresh.offer(login_options{}.chap_algorithms, said));
        ASSERT_FALSE(fresh.on_challenge({{"CHAP_A", number}, {"CHAP_I", "1"}, {"CHAP_C", "0x01"}}, said));
        EXPECT_EQ(pdu::find_key(said, "CHAP_C")->size(), 2 + 2 * size);
    }
}

TEST_F(chap_as_initiator, refuses_identifiers_above_255) {
    offer_all();
    EXPECT_FALSE(challenged("5", "255", "0x01"));
    for (const auto* identifier : {"256", "-1", "", "x"}) {
        const auto wrong = challenged("5", identifier, "0x01");
        EXPECT_EQ(wrong.code, login_errc::bad_chap_message) << identifier;
        EXPECT_THAT(wrong.detail, HasSubstr("allowed 0 to 255"));
    }
}

TEST_F(chap_as_initiator, takes_challenges_of_1_to_1024_bytes) {
    offer_all();
    EXPECT_FALSE(challenged("5", "1", "0x00"));
    EXPECT_FALSE(challenged("5", "1", encode_hex(counted(1024))));
    for (const auto& challenge :
         {std::string("0x"), std::string("0b"), std::string("12345"), std::string("0xzz"), encode_hex(counted(1025))}) {
        const auto wrong = challenged("5", "1", challenge);
        EXPECT_EQ(wrong.code, login_errc::bad_chap_message);
        EXPECT_THAT(wrong.detail, HasSubstr("1 to 1024 bytes"));
    }
}

TEST_F(chap_as_initiator, refuses_an_algorithm_that_was_not_offered) {
    ASSERT_FALSE(exchange.offer(std::vector{chap_algorithm::sha256, chap_algorithm::md5}, request));
    for (const auto* algorithm : {"6", "8", "9", "", "7,5", "MD5", "0"}) {
        const auto wrong = challenged(algorithm, "1", "0x01");
        EXPECT_EQ(wrong.code, login_errc::bad_chap_message) << algorithm;
        EXPECT_THAT(wrong.detail, HasSubstr("offered 7,5"));
    }
    EXPECT_EQ(challenged("Reject", "1", "0x01").code, login_errc::no_common_chap_algorithm);
}

TEST_F(chap_as_initiator, refuses_a_challenge_without_its_parts) {
    offer_all();
    EXPECT_THAT(exchange.on_challenge({}, request).detail, HasSubstr("no CHAP_A"));
    EXPECT_THAT(exchange.on_challenge({{"CHAP_A", "5"}, {"CHAP_C", "0x01"}}, request).detail, HasSubstr("no CHAP_I"));
    EXPECT_THAT(exchange.on_challenge({{"CHAP_A", "5"}, {"CHAP_I", "1"}}, request).detail, HasSubstr("no CHAP_C"));
    EXPECT_THAT(request, IsEmpty());
}

TEST_F(chap_as_initiator, believes_a_target_that_knows_the_mutual_secret) {
    offer_all();
    take_good_challenge();
    EXPECT_FALSE(exchange.on_proof({{"CHAP_N", "storage"}, {"CHAP_R", proof_by(test::target_secret)}}));
}

TEST_F(chap_as_initiator, does_not_believe_a_wrong_secret) {
    offer_all();
    take_good_challenge();
    const auto wrong = exchange.on_proof({{"CHAP_N", "storage"}, {"CHAP_R", proof_by("guessed")}});
    EXPECT_EQ(wrong.code, login_errc::target_failed_authentication);
    EXPECT_THAT(wrong.detail, HasSubstr("does not match"));
}

TEST_F(chap_as_initiator, does_not_believe_a_target_that_used_our_own_secret) {
    offer_all();
    take_good_challenge();
    const auto wrong = exchange.on_proof({{"CHAP_N", "storage"}, {"CHAP_R", proof_by(test::own_secret)}});
    EXPECT_EQ(wrong.code, login_errc::target_failed_authentication);
    EXPECT_THAT(wrong.detail, HasSubstr("the initiator's secret"));
}

TEST_F(chap_as_initiator, wants_the_targets_name_when_one_is_expected) {
    offer_all();
    take_good_challenge();
    const auto proof = proof_by(test::target_secret);
    const auto wrong = exchange.on_proof({{"CHAP_N", "Storage"}, {"CHAP_R", proof}});
    EXPECT_EQ(wrong.code, login_errc::target_failed_authentication);
    EXPECT_THAT(wrong.detail, HasSubstr("calls itself Storage, expected storage"));
    mutual.name.clear();
    EXPECT_FALSE(exchange.on_proof({{"CHAP_N", "whatever"}, {"CHAP_R", proof}}));
    EXPECT_EQ(exchange.on_proof({{"CHAP_N", std::string(256, 'n')}, {"CHAP_R", proof}}).code,
              login_errc::bad_chap_message);
}

TEST_F(chap_as_initiator, does_not_take_its_own_name_from_a_target_of_any_name) {
    offer_all();
    take_good_challenge();
    mutual.name.clear();
    const pdu::text_keys reflected = {{"CHAP_N", "alice"}, {"CHAP_R", proof_by(test::target_secret)}};
    const auto wrong = exchange.on_proof(reflected);
    EXPECT_EQ(wrong.code, login_errc::target_failed_authentication);
    EXPECT_THAT(wrong.detail, HasSubstr("calls itself alice, which is the initiator's name"));
    mutual.name = "alice";
    EXPECT_FALSE(exchange.on_proof(reflected)) << "who configured it so gets it";
}

TEST_F(chap_as_initiator, wants_a_proof_of_exactly_the_digests_size) {
    offer_all();
    take_good_challenge();
    const auto proof = proof_by(test::target_secret);
    for (const auto& response :
         {proof.substr(0, proof.size() - 2), proof + "00", std::string("0x"), std::string("no")}) {
        const auto wrong = exchange.on_proof({{"CHAP_N", "storage"}, {"CHAP_R", response}});
        EXPECT_EQ(wrong.code, login_errc::bad_chap_message);
        EXPECT_THAT(wrong.detail, HasSubstr("32 bytes"));
    }
    EXPECT_EQ(exchange.on_proof({{"CHAP_R", proof}}).code, login_errc::target_failed_authentication);
    EXPECT_EQ(exchange.on_proof({{"CHAP_N", "storage"}}).code, login_errc::target_failed_authentication);
}

TEST_F(chap_as_initiator, never_sends_the_targets_challenge_back_as_its_own) {
    offer_all();
    std::vector<std::byte> ours(16);  // the first byte that counting() gives is spent on CHAP_I
    for (std::size_t i = 0; i < ours.size(); ++i) ours[i] = static_cast<std::byte>(i + 2);
    EXPECT_EQ(challenged("5", "1", encode_hex(ours)).code, login_errc::reflected_challenge);
    EXPECT_EQ(pdu::find_key(request, "CHAP_C"), std::nullopt);
}

/// OpenSSL as a FIPS host has it: nothing but what a provider with fips=yes gives, and none is loaded.
class chap_without_digests : public chap_as_initiator {
  protected:
    void SetUp() override { ASSERT_EQ(EVP_set_default_properties(nullptr, "fips=yes"), 1); }
    void TearDown() override { ASSERT_EQ(EVP_set_default_properties(nullptr, ""), 1); }
};

TEST_F(chap_without_digests, says_that_openssl_refuses_the_algorithms) {
    EXPECT_FALSE(is_available(chap_algorithm::md5));
    const auto wrong = exchange.offer(std::vector{chap_algorithm::sha1, chap_algorithm::md5}, request);
    EXPECT_EQ(wrong.code, login_errc::no_common_chap_algorithm);
    EXPECT_THAT(wrong.detail, HasSubstr("refuses all wished algorithms: SHA1, MD5"));
    EXPECT_EQ(chap_response(chap_algorithm::md5, 1, secret("s"), counted(4)), std::nullopt);
}

}  // namespace
}  // namespace persiscsi::login
