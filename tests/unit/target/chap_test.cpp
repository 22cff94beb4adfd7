// SPDX-License-Identifier: Apache-2.0
#include "tests/target/chap_authentication.hpp"
#include "tests/target/text_values.hpp"
#include "tests/unit/target/target_fixture.hpp"

#include <gmock/gmock.h>

namespace persiscsi::target::test {
namespace {

using pdu::login_stage;
using pdu::login_status;

const persiscsi::secret initiator_secret("correct horse battery");
const persiscsi::secret target_secret("staple of the other side");

target_options chap_target(bool mutual) {
    auto target = plain_target();
    target.chap.emplace();
    target.chap->user = "alice";
    target.chap->secret = initiator_secret;
    if (mutual) {
        target.chap->mutual_user = "bob";
        target.chap->mutual = target_secret;
    }
    return target;
}

class chap_test : public target_test {
  protected:
    /// The whole dialogue; `answers` are the target's keys.
    login_status log_in(const std::string& algorithms,
                        const persiscsi::secret& secret,
                        const pdu::text_keys& extra = {},
                        const std::string& user = "alice") {
        using enum pdu::login_stage;
        raw_initiator initiator((*target)->port(), {});
        auto first = initiator.login_step(initiator.login_request(security_negotiation, operational_negotiation),
                                          {{"InitiatorName", "iqn.2026-01.example:raw"},
                                           {"TargetName", "iqn.2026-01.example:disk"},
                                           {"AuthMethod", "CHAP,None"}});
        if (first.as<pdu::login_response>().status != login_status::success)
            return first.as<pdu::login_response>().status;
        EXPECT_FALSE(first.as<pdu::login_response>().transit);
        EXPECT_EQ(pdu::find_key(initiator.answers(), "AuthMethod"), "CHAP");
        auto second =
            initiator.login_step(initiator.login_request(security_negotiation, std::nullopt), {{"CHAP_A", algorithms}});
        if (second.as<pdu::login_response>().status != login_status::success)
            return second.as<pdu::login_response>().status;
        algorithm = static_cast<unsigned>(*read_number(*pdu::find_key(initiator.answers(), "CHAP_A"), 255));
        challenge = std::string(*pdu::find_key(initiator.answers(), "CHAP_C"));
        const auto id = read_number(*pdu::find_key(initiator.answers(), "CHAP_I"), 255);
        const auto response =
            chap_response(algorithm, static_cast<std::uint8_t>(*id), secret, *read_binary(challenge, 1024));
        pdu::text_keys keys{{"CHAP_N", user}, {"CHAP_R", write_binary(*response)}};
        for (auto key : extra) {
            if (key.value == "(the target's)") key.value = challenge;
            keys.push_back(key);
        }
        const auto third =
            initiator.login_step(initiator.login_request(security_negotiation, full_feature_phase), keys);
        answers = pdu::parse_text(third.data).keys;
        return third.as<pdu::login_response>().status;
    }

    unsigned algorithm = 0;
    std::string challenge;
    pdu::text_keys answers;
};

TEST_F(chap_test, right_secret_logs_in_with_each_algorithm) {
    start(chap_target(false));
    for (const unsigned wanted : {5U, 6U, 7U, 8U}) {
        EXPECT_EQ(log_in(std::to_string(wanted), initiator_secret), login_status::success) << wanted;
        EXPECT_EQ(algorithm, wanted);
    }
}

TEST_F(chap_test, known_answer_of_md5) {
    // H(id=0x2a, "secret", 00 01 … 0f), computed with Python's hashlib.
    std::vector<std::byte> bytes(16);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
    EXPECT_EQ(write_binary(*chap_response(5, 0x2a, persiscsi::secret("secret"), bytes)),
              "0x03dc98c5a832692b49df73cf48fcb4e9");
}

TEST_F(chap_test, first_allowed_algorithm_of_the_initiators_list_is_taken) {
    auto options = chap_target(false);
    options.chap->algorithms = {5, 7};
    start(options);
    EXPECT_EQ(log_in("8,7,5", initiator_secret), login_status::success);
    EXPECT_EQ(algorithm, 7U);
    EXPECT_EQ(log_in("8,6", initiator_secret), login_status::authentication_failure);
}

TEST_F(chap_test, wrong_secret_or_user_is_an_authentication_failure_and_no_violation) {
    start(chap_target(false));
    EXPECT_EQ(log_in("7", persiscsi::secret("wrong")), login_status::authentication_failure);
    EXPECT_EQ(log_in("7", initiator_secret, {}, "mallory"), login_status::authentication_failure);
    EXPECT_EQ((*target)->counters().failed_logins, 2U);
    EXPECT_TRUE((*target)->sessions().empty());
}

TEST_F(chap_test, skipping_authentication_is_an_authentication_failure) {
    start(chap_target(false));
    raw_initiator initiator((*target)->port(), {});
    EXPECT_EQ(initiator.login().status, login_status::authentication_failure);
}

TEST_F(chap_test, mutual_chap_proves_the_target) {
    start(chap_target(true));
    ASSERT_EQ(log_in("8,7,5",
                     initiator_secret,
                     {{"CHAP_I", "77"},
                      {"CHAP_C",
                       "0b"
                       "AAECAwQFBgcICQoLDA0ODw=="}}),
              login_status::success);
    std::vector<std::byte> sent(16);
    for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::byte>(i);
    EXPECT_EQ(pdu::find_key(answers, "CHAP_N"), "bob");
    EXPECT_EQ(pdu::find_key(answers, "CHAP_R"), write_binary(*chap_response(8, 77, target_secret, sent)));
}

TEST_F(chap_test, challenge_sent_back_is_refused) {
    start(chap_target(true));
    EXPECT_EQ(log_in("7", initiator_secret, {{"CHAP_I", "1"}, {"CHAP_C", "(the target's)"}}),
              login_status::authentication_failure);
}

TEST_F(chap_test, mutual_chap_without_a_target_secret_is_refused) {
    start(chap_target(false));
    EXPECT_EQ(log_in("7", initiator_secret, {{"CHAP_I", "1"}, {"CHAP_C", "0x00112233"}}),
              login_status::authentication_failure);
}

TEST_F(chap_test, over_long_challenge_is_refused) {
    start(chap_target(true));
    EXPECT_EQ(log_in("7", initiator_secret, {{"CHAP_I", "1"}, {"CHAP_C", "0x" + std::string(2050, '0')}}),
              login_status::authentication_failure);
}

}  // namespace
}  // namespace persiscsi::target::test
