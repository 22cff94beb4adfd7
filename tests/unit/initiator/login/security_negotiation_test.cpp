// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/chap.hpp"
#include "initiator/login/text_values.hpp"
#include "tests/unit/initiator/login/scripted_login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

const pdu::text_keys good_challenge = {
    {"CHAP_A", "7"}, {"CHAP_I", "9"}, {"CHAP_C", "0x00112233445566778899aabbccddeeff"}};

/// Up to our CHAP_R.
void answer_challenge(scripted_login& login) {
    login.start();
    login.stay({{"AuthMethod", "CHAP"}, {"TargetPortalGroupTag", "1"}});
    login.stay(good_challenge);
    ASSERT_THAT(login.said("CHAP_R"), HasSubstr("0x"));
}

std::string proof(const scripted_login& login, std::string_view clear) {
    const auto identifier = login::parse_number(login.said("CHAP_I")).value();
    const auto challenge = login::parse_binary(login.said("CHAP_C"), 1024).value();
    return login::encode_hex(
        login::chap_response(chap_algorithm::sha256, static_cast<std::uint8_t>(identifier), secret(clear), challenge)
            .value());
}

TEST(security, without_a_secret_none_is_offered_and_the_stage_is_left_at_once) {
    scripted_login login(sound_options());
    ASSERT_TRUE(goes_on(login.start()));
    EXPECT_EQ(login.said("AuthMethod"), "None");
    EXPECT_TRUE(login.last().pdu.transit);
    EXPECT_TRUE(goes_on(login.move_on({{"AuthMethod", "None"}})));
    EXPECT_EQ(agreed(login.move_on(agreeable_answers())).auth_method, "None");
}

TEST(security, a_target_that_moves_on_without_answering_none_agrees) {
    scripted_login login(sound_options());
    login.start();
    EXPECT_TRUE(goes_on(login.move_on()));
    EXPECT_EQ(login.last().pdu.current_stage, pdu::login_stage::operational_negotiation);
}

TEST(security, a_target_that_wants_chap_is_told_from_other_failures) {
    for (const auto* method : {"CHAP", "Reject", "KRB5", ""}) {
        scripted_login login(sound_options());
        login.start();
        const auto next = login.stay({{"AuthMethod", method}});
        EXPECT_EQ(code_of(next), login_errc::target_wants_authentication) << method;
        EXPECT_THAT(failure_of(next).detail, HasSubstr("the target demands authentication"));
    }
}

TEST(security, chap_is_offered_alone_and_goes_its_three_steps) {
    scripted_login login(chap_options());
    ASSERT_TRUE(goes_on(login.start()));
    EXPECT_EQ(login.said("AuthMethod"), "CHAP");
    EXPECT_FALSE(login.last().pdu.transit);
    ASSERT_TRUE(goes_on(login.stay({{"AuthMethod", "CHAP"}})));
    EXPECT_EQ(login.said(), (pdu::text_keys{{"CHAP_A", "8,7,6,5"}}));
    EXPECT_FALSE(login.last().pdu.transit);
    ASSERT_TRUE(goes_on(login.stay(good_challenge)));
    EXPECT_EQ(login.said("CHAP_N"), "alice");
    EXPECT_EQ(login.said("CHAP_C"), "(not said)");
    EXPECT_TRUE(login.last().pdu.transit);
    EXPECT_EQ(login.last().pdu.next_stage, pdu::login_stage::operational_negotiation);
    ASSERT_TRUE(goes_on(login.move_on()));
    const auto result = agreed(login.move_on(agreeable_answers()));
    EXPECT_EQ(result.auth_method, "CHAP");
    EXPECT_EQ(result.algorithm, chap_algorithm::sha256);
}

TEST(security, chap_algorithms_are_offered_in_the_order_of_wish) {
    auto options = chap_options();
    options.chap_algorithms = {chap_algorithm::md5, chap_algorithm::sha256};
    scripted_login login(std::move(options));
    login.start();
    login.stay({{"AuthMethod", "CHAP"}});
    EXPECT_EQ(login.said("CHAP_A"), "5,7");
}

TEST(security, a_target_that_does_not_do_chap_ends_the_login) {
    for (const auto* method : {"None", "Reject", "KRB5"}) {
        scripted_login login(chap_options());
        login.start();
        const auto next = login.stay({{"AuthMethod", method}});
        EXPECT_EQ(code_of(next), login_errc::no_common_auth_method) << method;
    }
    scripted_login login(chap_options());
    login.start();
    EXPECT_EQ(code_of(login.stay()), login_errc::no_common_auth_method);
}

TEST(security, the_target_may_not_leave_before_our_response_was_asked_for) {
    scripted_login login(chap_options());
    login.start();
    EXPECT_EQ(code_of(login.move_on({{"AuthMethod", "CHAP"}})), login_errc::unexpected_stage);
}

TEST(security, mutual_chap_ends_with_the_targets_proof) {
    scripted_login login(mutual_options());
    answer_challenge(login);
    EXPECT_TRUE(login.last().pdu.transit);
    ASSERT_TRUE(goes_on(login.move_on({{"CHAP_N", "storage"}, {"CHAP_R", proof(login, target_secret)}})));
    EXPECT_EQ(agreed(login.move_on(agreeable_answers())).auth_method, "mutual CHAP");
}

TEST(security, the_proof_may_come_before_the_target_moves_on) {
    scripted_login login(mutual_options());
    answer_challenge(login);
    ASSERT_TRUE(goes_on(login.stay({{"CHAP_N", "storage"}, {"CHAP_R", proof(login, target_secret)}})));
    EXPECT_TRUE(login.last().pdu.transit);
    ASSERT_TRUE(goes_on(login.move_on()));
    EXPECT_EQ(login.last().pdu.current_stage, pdu::login_stage::operational_negotiation);
}

TEST(security, a_target_that_skips_its_proof_is_not_believed) {
    scripted_login login(mutual_options());
    answer_challenge(login);
    EXPECT_EQ(code_of(login.move_on()), login_errc::target_failed_authentication);
}

TEST(security, a_target_with_a_wrong_proof_is_not_believed) {
    scripted_login login(mutual_options());
    answer_challenge(login);
    EXPECT_EQ(code_of(login.move_on({{"CHAP_N", "storage"}, {"CHAP_R", proof(login, "wrong")}})),
              login_errc::target_failed_authentication);
}

TEST(security, keys_of_chap_out_of_order_are_refused) {
    const pdu::text_keys proof_keys = {{"CHAP_N", "storage"}, {"CHAP_R", "0x00"}};
    {
        scripted_login login(chap_options());
        login.start();
        EXPECT_EQ(code_of(login.stay({{"AuthMethod", "CHAP"}, {"CHAP_A", "7"}})), login_errc::bad_chap_message);
    }
    {
        scripted_login login(chap_options());
        login.start();
        login.stay({{"AuthMethod", "CHAP"}});
        EXPECT_EQ(code_of(login.stay(proof_keys)), login_errc::bad_chap_message);
    }
    {
        scripted_login login(chap_options());
        answer_challenge(login);
        EXPECT_EQ(code_of(login.move_on(proof_keys)), login_errc::bad_chap_message) << "one-way CHAP has no proof";
    }
    {
        scripted_login login(sound_options());
        login.start();
        EXPECT_EQ(code_of(login.stay({{"AuthMethod", "None"}, {"CHAP_A", "7"}})), login_errc::bad_chap_message);
    }
}

TEST(security, a_key_of_security_in_the_operational_stage_is_refused) {
    scripted_login login(sound_options());
    login.reach_operational_stage();
    for (const auto* key : {"CHAP_A", "KRB_AP_REP", "SRP_s"}) {
        scripted_login another(sound_options());
        another.reach_operational_stage();
        EXPECT_EQ(code_of(another.stay({{key, "1"}})), login_errc::unexpected_key) << key;
    }
}

TEST(security, an_operational_key_in_the_security_stage_is_refused) {
    scripted_login login(sound_options());
    login.start();
    const auto next = login.move_on({{"AuthMethod", "None"}, {"MaxBurstLength", "65536"}});
    EXPECT_EQ(code_of(next), login_errc::unexpected_key);
    EXPECT_THAT(failure_of(next).detail, HasSubstr("MaxBurstLength, a key of the operational stage"));
}

TEST(security, an_unknown_key_in_the_security_stage_is_answered_not_understood) {
    scripted_login login(chap_options());
    login.start();
    login.stay({{"AuthMethod", "CHAP"}, {"X-com.example.novelty", "1"}});
    EXPECT_EQ(login.said("X-com.example.novelty"), "NotUnderstood");
    EXPECT_EQ(login.said("CHAP_A"), "8,7,6,5");
}

TEST(security, an_unknown_key_with_which_the_target_leaves_the_stage_is_answered_in_the_next) {
    scripted_login login(sound_options());
    login.start();
    ASSERT_TRUE(goes_on(login.move_on({{"AuthMethod", "None"}, {"X-com.example.novelty", "1"}})));
    EXPECT_EQ(login.said("X-com.example.novelty"), "NotUnderstood");
    EXPECT_EQ(login.said("MaxBurstLength"), "1048576");
    agreed(login.move_on(agreeable_answers()));
}

TEST(security, no_failure_of_chap_holds_a_secret_or_a_response) {
    const std::vector<pdu::text_keys> bad_challenges = {
        {},
        {{"CHAP_A", "9"}, {"CHAP_I", "9"}, {"CHAP_C", "0x00"}},
        {{"CHAP_A", "7"}, {"CHAP_I", "999"}, {"CHAP_C", "0x00"}},
        {{"CHAP_A", "7"}, {"CHAP_I", "9"}, {"CHAP_C", "challenge-in-clear"}},
    };
    for (const auto& challenge : bad_challenges) {
        scripted_login login(mutual_options());
        login.start();
        login.stay({{"AuthMethod", "CHAP"}});
        const auto detail = failure_of(login.stay(challenge)).detail;
        EXPECT_THAT(detail, HasSubstr("CHAP"));
        EXPECT_THAT(detail, Not(HasSubstr("challenge-in-clear")));
    }
    for (const auto& clear : {std::string(own_secret), std::string("wrong")}) {
        scripted_login login(mutual_options());
        answer_challenge(login);
        const auto response = proof(login, clear);
        const auto detail = failure_of(login.move_on({{"CHAP_N", "storage"}, {"CHAP_R", response}})).detail;
        EXPECT_THAT(detail, HasSubstr("CHAP"));
        for (const auto& hidden : {std::string(own_secret), std::string(target_secret), response.substr(2)})
            EXPECT_THAT(detail, Not(HasSubstr(hidden)));
    }
}

}  // namespace
}  // namespace persiscsi
