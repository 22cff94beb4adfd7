// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/login_dialogue.hpp"

#include "pdu/errors.hpp"
#include "tests/unit/initiator/login/scripted_login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi {
namespace {

using namespace test;
using pdu::login_stage;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(login_dialogue, first_request_names_both_sides_and_the_session_type) {
    auto options = sound_options();
    options.initiator_alias = "host one";
    scripted_login login(options);
    ASSERT_TRUE(goes_on(login.start()));
    EXPECT_EQ(login.said(),
              (pdu::text_keys{{"InitiatorName", "iqn.2024-01.example:initiator"},
                              {"InitiatorAlias", "host one"},
                              {"TargetName", "iqn.2024-01.example:disk1"},
                              {"SessionType", "Normal"},
                              {"AuthMethod", "None"}}));
    const auto& request = login.last().pdu;
    EXPECT_EQ(request.current_stage, login_stage::security_negotiation);
    EXPECT_EQ(request.next_stage, login_stage::operational_negotiation);
    EXPECT_TRUE(request.transit);
    EXPECT_FALSE(request.continued);
    EXPECT_EQ(request.isid, our_isid);
    EXPECT_EQ(request.tsih, pdu::tsih::fresh);
    EXPECT_EQ(request.cid, pdu::connection_id{3});
    EXPECT_EQ(request.version_max, 0);
    EXPECT_EQ(request.version_min, 0);
}

TEST(login_dialogue, discovery_goes_without_a_target_name) {
    auto options = sound_options();
    options.type = session_type::discovery;
    options.target_name.clear();
    scripted_login login(options);
    ASSERT_TRUE(goes_on(login.start()));
    EXPECT_EQ(login.said("TargetName"), "(not said)");
    EXPECT_EQ(login.said("SessionType"), "Discovery");
}

TEST(login_dialogue, further_connection_keeps_the_tsih_and_leaves_the_session_type_out) {
    scripted_login login(sound_options(), granted_tsih);
    login.reach_operational_stage();
    EXPECT_EQ(login.last().pdu.tsih, granted_tsih);
    EXPECT_EQ(agreed(login.move_on({{"MaxRecvDataSegmentLength", "4096"}})).tsih, granted_tsih);

    scripted_login another(sound_options(), granted_tsih);
    another.start();
    EXPECT_EQ(another.said("SessionType"), "(not said)");
    EXPECT_EQ(another.said("TargetName"), "iqn.2024-01.example:disk1");
}

TEST(login_dialogue, goes_through_both_stages_to_full_feature_phase) {
    scripted_login login(sound_options());
    login.reach_operational_stage();
    EXPECT_EQ(login.last().pdu.next_stage, login_stage::full_feature_phase);
    EXPECT_TRUE(login.last().pdu.transit);
    EXPECT_EQ(agreed(login.move_on(agreeable_answers())).tsih, granted_tsih);
}

TEST(login_dialogue, keeps_asking_while_the_target_stays_in_the_stage) {
    scripted_login login(sound_options());
    login.reach_operational_stage();
    for (int i = 0; i < 6; ++i) {
        ASSERT_TRUE(goes_on(login.stay()));
        EXPECT_TRUE(login.last().pdu.transit);
        EXPECT_THAT(login.last().data, IsEmpty());
    }
    agreed(login.move_on(agreeable_answers()));
}

TEST(login_dialogue, ends_a_login_that_does_not_come_to_an_end) {
    scripted_login login(sound_options());
    login.start();
    step next = login.stay();
    unsigned responses = 1;
    for (; goes_on(next) && responses < 1000; ++responses) next = login.stay();
    EXPECT_EQ(code_of(next), login_errc::too_many_exchanges);
    EXPECT_EQ(responses, 257U);
}

TEST(login_dialogue, ends_a_continuation_that_does_not_come_to_an_end) {
    scripted_login login(sound_options());
    login.start();
    step next = login.stay();
    for (unsigned i = 0; goes_on(next) && i < 1000; ++i) {
        auto more = login.response();
        more.continued = true;
        next = login.answer(more);
    }
    EXPECT_EQ(code_of(next), login_errc::too_many_exchanges);
}

TEST(login_dialogue, is_over_after_its_end) {
    scripted_login login(sound_options());
    login.reach_operational_stage();
    agreed(login.move_on(agreeable_answers()));
    EXPECT_EQ(code_of(login.move_on()), protocol_errc::local_bad_request);

    scripted_login failed(sound_options());
    failed.start();
    failed.stay({{"AuthMethod", "CHAP"}});
    EXPECT_EQ(code_of(failed.move_on({{"AuthMethod", "None"}})), protocol_errc::local_bad_request);
}

TEST(login_dialogue, options_that_cannot_be_offered_fail_before_anything_is_sent) {
    auto options = sound_options();
    options.wishes.max_burst_length = 100;
    scripted_login login(options);
    EXPECT_EQ(code_of(login.start()), login_errc::bad_option);
    EXPECT_EQ(code_of(login.stay()), protocol_errc::local_bad_request);
}

TEST(login_dialogue, may_be_moved_in_the_middle) {
    login_dialogue first(chap_options(), pdu::tsih::fresh, pdu::connection_id{0}, counting());
    ASSERT_TRUE(goes_on(first.start()));
    login_dialogue second(std::move(first));
    pdu::login_response response;
    response.isid = our_isid;
    const auto next = second.on_response(response, pdu::encode_text({{"AuthMethod", "CHAP"}}));
    ASSERT_TRUE(goes_on(next));
    EXPECT_EQ(pdu::parse_text(std::get<login_dialogue::request>(next).data).keys,
              (pdu::text_keys{{"CHAP_A", "8,7,6,5"}}));
}

class login_header : public testing::Test {
  protected:
    scripted_login login{sound_options()};

    void SetUp() override { login.reach_operational_stage(); }
};

TEST_F(login_header, another_version_is_refused) {
    auto response = login.response(true);
    response.version_active = 1;
    EXPECT_EQ(code_of(login.answer(response)), login_errc::unsupported_version);
}

TEST_F(login_header, another_isid_is_refused) {
    auto response = login.response(true);
    response.isid = static_cast<pdu::isid>(1);
    EXPECT_EQ(code_of(login.answer(response)), protocol_errc::remote_bad_field);
}

TEST_F(login_header, another_stage_is_refused) {
    for (const unsigned stage : {0U, 2U, 3U}) {
        scripted_login another(sound_options());
        another.reach_operational_stage();
        auto response = another.response();
        response.current_stage = static_cast<login_stage>(stage);
        const auto failed = failure_of(another.answer(response));
        EXPECT_EQ(failed.code, login_errc::unexpected_stage);
        EXPECT_EQ(failed.detail, "Login Response: stage " + std::to_string(stage) + ", the request was of stage 1");
    }
}

TEST_F(login_header, another_next_stage_is_refused) {
    for (const unsigned stage : {0U, 2U, 3U}) {
        scripted_login another(sound_options());
        another.start();
        auto response = another.response(true);
        response.next_stage = static_cast<login_stage>(stage);
        EXPECT_EQ(code_of(another.answer(response)), login_errc::unexpected_stage) << stage;
    }
}

TEST_F(login_header, the_next_stage_does_not_matter_without_the_t_bit) {
    auto response = login.response();
    response.next_stage = static_cast<login_stage>(2);
    EXPECT_TRUE(goes_on(login.answer(response)));
}

TEST_F(login_header, t_and_c_bit_together_are_refused) {
    auto response = login.response(true);
    response.continued = true;
    EXPECT_EQ(code_of(login.answer(response)), protocol_errc::remote_bad_field);
}

TEST_F(login_header, a_session_without_tsih_is_refused) {
    auto response = login.response(true);
    response.tsih = pdu::tsih::fresh;
    const auto failed = failure_of(login.answer(response, agreeable_answers()));
    EXPECT_EQ(failed.code, protocol_errc::remote_bad_field);
    EXPECT_THAT(failed.detail, HasSubstr("TSIH 0"));
}

TEST_F(login_header, another_tsih_for_a_further_connection_is_refused) {
    scripted_login further(sound_options(), granted_tsih);
    further.reach_operational_stage();
    auto response = further.response(true);
    response.tsih = static_cast<pdu::tsih>(8);
    EXPECT_THAT(failure_of(further.answer(response)).detail, HasSubstr("TSIH 8, the session has 7"));
}

TEST_F(login_header, malformed_text_is_refused) {
    const std::string text = "MaxBurstLength=65536";  // no NUL at its end
    const auto failed = failure_of(login.answer_raw(login.response(true), std::as_bytes(std::span(text))));
    EXPECT_EQ(failed.code, protocol_errc::remote_malformed_text);
    EXPECT_THAT(failed.detail, HasSubstr("Login Response: "));
}

TEST_F(login_header, more_keys_than_any_target_has_reason_for_are_refused) {
    pdu::text_keys keys;
    for (unsigned i = 0; i < 300; ++i) keys.push_back({"X-com.example." + std::to_string(i), "1"});
    EXPECT_EQ(code_of(login.stay(keys)), protocol_errc::remote_text_too_long);
}

TEST(continuation, joins_the_targets_text_over_any_cut) {
    const auto text = pdu::encode_text(agreeable_answers());
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        scripted_login login(sound_options());
        login.reach_operational_stage();
        auto first = login.response();
        first.continued = true;
        ASSERT_TRUE(goes_on(login.answer_raw(first, std::span(text).first(cut))));
        EXPECT_THAT(login.last().data, IsEmpty());
        EXPECT_FALSE(login.last().pdu.transit);
        EXPECT_FALSE(login.last().pdu.continued);
        ASSERT_TRUE(goes_on(login.answer_raw(login.response(), std::span(text).subspan(cut))));
        EXPECT_TRUE(login.last().pdu.transit);
        ASSERT_EQ(agreed(login.move_on()).max_burst_length, 524288U) << "cut at byte " << cut;
    }
}

TEST(continuation, of_the_target_is_bounded) {
    scripted_login login(sound_options());
    login.reach_operational_stage();
    const std::vector<std::byte> piece(pdu::max_text_sequence / 4, std::byte{'A'});
    step next = login.stay();
    unsigned pieces = 0;
    for (; goes_on(next) && pieces < 10; ++pieces) {
        auto more = login.response();
        more.continued = true;
        next = login.answer_raw(more, piece);
    }
    EXPECT_EQ(code_of(next), protocol_errc::remote_text_too_long);
    EXPECT_EQ(pieces, 5U);
}

login_options long_options() {
    auto options = sound_options();
    for (unsigned i = 0; i < 80; ++i)
        options.parameters.push_back({"X-com.example.long" + std::to_string(i), std::string(250, 'v')});
    return options;
}

TEST(continuation, splits_our_text_at_what_a_target_must_take) {
    scripted_login login(long_options());
    login.reach_operational_stage();
    std::vector<std::byte> joined;
    unsigned pieces = 0;
    while (login.last().pdu.continued) {
        EXPECT_EQ(login.last().data.size(), 8192U);
        EXPECT_FALSE(login.last().pdu.transit);
        EXPECT_EQ(login.last().pdu.current_stage, login_stage::operational_negotiation);
        joined.insert(joined.end(), login.last().data.begin(), login.last().data.end());
        ++pieces;
        ASSERT_TRUE(goes_on(login.stay()));
    }
    EXPECT_EQ(pieces, 2U);
    EXPECT_TRUE(login.last().pdu.transit);
    joined.insert(joined.end(), login.last().data.begin(), login.last().data.end());
    const auto parsed = pdu::parse_text(joined);
    ASSERT_FALSE(parsed.error);
    EXPECT_EQ(parsed.keys.size(), 94U);
    agreed(login.move_on(agreeable_answers()));
}

TEST(continuation, a_target_may_not_speak_before_our_text_is_complete) {
    scripted_login login(long_options());
    login.reach_operational_stage();
    EXPECT_EQ(code_of(login.stay({{"MaxBurstLength", "65536"}})), protocol_errc::remote_bad_field);
}

TEST(continuation, a_target_may_not_move_on_before_our_text_is_complete) {
    scripted_login login(long_options());
    login.reach_operational_stage();
    auto response = login.response(true);
    response.next_stage = login_stage::full_feature_phase;
    EXPECT_EQ(code_of(login.answer(response)), login_errc::unexpected_stage);
}

}  // namespace
}  // namespace persiscsi
