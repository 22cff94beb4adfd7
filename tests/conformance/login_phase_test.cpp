// SPDX-License-Identifier: Apache-2.0
// Login 1 to 8: stages, numbers, TSIH, and what a wrong answer leads to.
#include "tests/conformance/conformance_case.hpp"

namespace persiscsi::conformance {
namespace {

using pdu::login_stage;

const pdu::text_keys no_authentication = {{"AuthMethod", "None"}, {"TargetPortalGroupTag", "1"}};

TEST_F(conformance_case, login_1_1_plain_login_reaches_full_feature_phase) {
    begin_login();
    const auto first = login_request();
    EXPECT_EQ(first.current_stage, login_stage::security_negotiation);
    EXPECT_EQ(said_value("InitiatorName"), options.login.initiator_name);
    EXPECT_EQ(said_value("TargetName"), options.login.target_name);
    EXPECT_TRUE(silent()) << "one request at a time";
    answer_login(first, no_authentication);
    const auto second = login_request();
    EXPECT_EQ(second.current_stage, login_stage::operational_negotiation);
    EXPECT_EQ(second.next_stage, login_stage::full_feature_phase);
    answer_login(second, target_keys);
    EXPECT_EQ(state(), session_state::logged_in);
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, login_2_1_new_session_is_asked_for_with_tsih_0) {
    begin_login();
    const auto first = login_request();
    EXPECT_EQ(first.tsih, pdu::tsih::fresh);
    answer_login(first, no_authentication);
    EXPECT_EQ(login_request().tsih, pdu::tsih::fresh);
}

TEST_F(conformance_case, login_2_2_final_response_with_tsih_0_is_no_success) {
    const auto request = operational_request();
    say(pdu::login_response{.transit = true,
                            .current_stage = request.current_stage,
                            .next_stage = login_stage::full_feature_phase,
                            .isid = request.isid,
                            .tsih = pdu::tsih::fresh,
                            .initiator_task_tag = request.initiator_task_tag},
        pdu::encode_text(target_keys));
    expect_login_failed(make_error_code(protocol_errc::remote_bad_field));
}

TEST_F(conformance_case, login_2_3_further_connections_bring_the_tsih_of_the_session) {
    options.login.wishes.max_connections = 3;
    log_in({{"MaxConnections", "3"}});
    target->open_transport(1);
    target->open_transport(2);
    const auto second = login_request(1);
    const auto third = login_request(2);
    for (const auto& request : {second, third}) {
        EXPECT_EQ(request.tsih, pdu::tsih{1});
        EXPECT_EQ(request.isid, options.login.isid);
        EXPECT_NE(request.cid, pdu::connection_id{0});
    }
    EXPECT_NE(second.cid, third.cid);
    EXPECT_EQ(said.count("SessionType"), 0U);
}

TEST_F(conformance_case, login_3_1_t_bit_comes_with_a_stage_that_is_done) {
    begin_login();
    const auto first = login_request();
    EXPECT_TRUE(first.transit);
    EXPECT_EQ(first.next_stage, login_stage::operational_negotiation);
    answer_login(first, no_authentication);
    const auto second = login_request();
    EXPECT_TRUE(second.transit);
    EXPECT_EQ(second.next_stage, login_stage::full_feature_phase);
}

TEST_F(conformance_case, login_3_2_t_bit_is_kept_while_the_target_delays) {
    auto request = operational_request();
    answer_login(request, target_keys, false);
    for (int i = 0; i < 6; ++i) {
        bytes data;
        request = next<pdu::login_request>(&data);
        EXPECT_TRUE(request.transit);
        EXPECT_EQ(request.next_stage, login_stage::full_feature_phase);
        EXPECT_TRUE(data.empty());
        answer_login(request, {}, i == 5);
    }
    EXPECT_EQ(state(), session_state::logged_in);
}

TEST_F(conformance_case, login_4_1_first_stat_sn_of_0_is_acknowledged) {
    begin_login();
    target->stat_sn = {0};
    answer_login(login_request(), no_authentication);
    EXPECT_EQ(login_request().exp_stat_sn.value, 1U);
}

TEST_F(conformance_case, login_4_2_first_stat_sn_may_be_any_number) {
    begin_login();
    target->stat_sn = {0xffffffff};
    answer_login(login_request(), no_authentication);
    const auto second = login_request();
    EXPECT_EQ(second.exp_stat_sn.value, 0U);
    answer_login(second, target_keys);
    (void)read(512);
    EXPECT_EQ(next<pdu::scsi_command>().exp_stat_sn.value, 1U);
}

TEST_F(conformance_case, login_5_1_exp_stat_sn_acknowledges_each_response) {
    begin_login();
    const auto first = login_request();
    EXPECT_EQ(first.exp_stat_sn.value, 0U);
    answer_login(first, no_authentication);
    auto request = login_request();
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(request.exp_stat_sn, target->stat_sn);
        answer_login(request, {}, false);
        request = login_request();
    }
}

TEST_F(conformance_case, login_6_1_no_key_is_offered_twice) {
    std::map<std::string, int> count;
    begin_login();
    auto request = login_request();
    for (const auto& one : said) ++count[one.first];
    answer_login(request, no_authentication);
    for (int i = 0; i < 4; ++i) {
        request = login_request();
        for (const auto& one : said) ++count[one.first];
        answer_login(request, {}, false);
    }
    EXPECT_GT(count.size(), 14U);
    for (const auto& [key, times] : count) EXPECT_EQ(times, 1) << key;
}

TEST_F(conformance_case, login_6_2_key_offered_in_two_responses_ends_the_login) {
    answer_login(operational_request(), {{"ImmediateData", "Yes"}}, false);
    answer_login(login_request(), {{"ImmediateData", "Yes"}}, false);
    expect_login_failed(make_error_code(login_errc::key_offered_twice));
}

TEST_F(conformance_case, login_6_3_key_offered_twice_in_a_response_ends_the_login) {
    answer_login(operational_request(), {{"ImmediateData", "Yes"}, {"ImmediateData", "Yes"}}, false);
    expect_login_failed(make_error_code(login_errc::key_offered_twice));
}

TEST_F(conformance_case, login_7_1_login_requests_are_text_as_the_rfc_writes_it) {
    begin_login();
    bytes data;
    const auto first = next<pdu::login_request>(&data);
    ASSERT_FALSE(data.empty());
    EXPECT_EQ(data.back(), std::byte{0});
    EXPECT_FALSE(pdu::parse_text(data).error);
    answer_login(first, no_authentication);
    (void)next<pdu::login_request>(&data);
    EXPECT_EQ(data.back(), std::byte{0});
    EXPECT_FALSE(pdu::parse_text(data).error);
}

TEST_F(conformance_case, login_7_2_one_value_of_an_offered_list_holds) {
    options.login.header_digest = digest_wish::prefer;
    options.login.data_digest = digest_wish::prefer;
    const auto request = operational_request();
    EXPECT_EQ(said_value("HeaderDigest"), "CRC32C,None");
    answer_login(request, with(target_keys, {{"HeaderDigest", "None"}, {"DataDigest", "CRC32C"}}));
    EXPECT_FALSE(target->core.agreed()->header_digest);
    EXPECT_TRUE(target->core.agreed()->data_digest);
}

TEST_F(conformance_case, login_7_3_auth_method_that_was_not_offered_ends_the_login) {
    begin_login();
    answer_login(login_request(), {{"AuthMethod", "SRP"}}, false);
    expect_login_failed(make_error_code(login_errc::target_wants_authentication));
}

TEST_F(conformance_case, login_7_4_first_burst_length_above_the_offer_ends_the_login) {
    const auto request = operational_request();
    const auto above = std::to_string(std::stoul(said_value("FirstBurstLength")) + 4);
    answer_login(request, {{"FirstBurstLength", above}});
    expect_login_failed(make_error_code(login_errc::bad_key_value));
}

TEST_F(conformance_case, login_7_5_immediate_data_that_is_no_boolean_ends_the_login) {
    answer_login(operational_request(), {{"ImmediateData", "Maybe"}});
    expect_login_failed(make_error_code(login_errc::bad_key_value));
}

TEST_F(conformance_case, login_7_6_unknown_key_is_answered_not_understood) {
    answer_login(operational_request(), with(target_keys, {{"X-org.example.unknown", "1"}}), false);
    const auto request = login_request();
    EXPECT_EQ(said_value("X-org.example.unknown"), "NotUnderstood");
    answer_login(request, {});
    EXPECT_EQ(state(), session_state::logged_in);
}

TEST_F(conformance_case, login_8_1_pdu_that_is_no_login_response_ends_the_connection) {
    begin_login();
    (void)login_request();
    say(pdu::nop_in{.target_transfer_tag = pdu::transfer_tag{1}}, {}, false);
    expect_login_failed(make_error_code(protocol_errc::remote_unexpected_pdu));
}

}  // namespace
}  // namespace persiscsi::conformance
