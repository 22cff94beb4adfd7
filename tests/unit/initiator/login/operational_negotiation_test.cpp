// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/initiator/login/scripted_login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::IsEmpty;

/// The end of a login whose target answers our offers so.
step end_with(const pdu::text_keys& answers, login_options options = sound_options()) {
    scripted_login login(std::move(options));
    login.reach_operational_stage();
    return login.move_on(answers);
}

/// What we say to a target that brings `keys` up, with our own offers answered.
pdu::text_keys answers_to(const pdu::text_keys& keys, login_options options = sound_options()) {
    scripted_login login(std::move(options));
    login.reach_operational_stage();
    EXPECT_TRUE(goes_on(login.stay(keys)));
    return login.said();
}

login_options discovery_options() {
    auto options = sound_options();
    options.type = session_type::discovery;
    options.target_name.clear();
    return options;
}

TEST(operational_negotiation, offers_every_key_once_with_our_wishes) {
    scripted_login login(sound_options());
    login.reach_operational_stage();
    EXPECT_EQ(login.said(),
              (pdu::text_keys{{"HeaderDigest", "None"},
                              {"DataDigest", "None"},
                              {"MaxConnections", "1"},
                              {"InitialR2T", "No"},
                              {"ImmediateData", "Yes"},
                              {"MaxRecvDataSegmentLength", "262144"},
                              {"MaxBurstLength", "1048576"},
                              {"FirstBurstLength", "262144"},
                              {"DefaultTime2Wait", "0"},
                              {"DefaultTime2Retain", "20"},
                              {"MaxOutstandingR2T", "16"},
                              {"DataPDUInOrder", "Yes"},
                              {"DataSequenceInOrder", "Yes"},
                              {"ErrorRecoveryLevel", "0"}}));
}

TEST(operational_negotiation, settles_what_the_target_answers) {
    const auto result = agreed(end_with(agreeable_answers()));
    EXPECT_EQ(result.max_recv_data_segment_length, 262144U);
    EXPECT_EQ(result.max_send_data_segment_length, 65536U);
    EXPECT_EQ(result.max_burst_length, 524288U);
    EXPECT_EQ(result.first_burst_length, 131072U);
    EXPECT_EQ(result.default_time2wait, 3);
    EXPECT_EQ(result.default_time2retain, 10);
    EXPECT_EQ(result.max_outstanding_r2t, 4);
    EXPECT_EQ(result.max_connections, 1);
    EXPECT_FALSE(result.initial_r2t);
    EXPECT_TRUE(result.immediate_data);
    EXPECT_FALSE(result.header_digest);
    EXPECT_FALSE(result.data_digest);
    EXPECT_EQ(result.target_portal_group_tag, 1);
    EXPECT_EQ(result.tsih, granted_tsih);
}

TEST(operational_negotiation, leaves_the_defaults_of_the_rfc_where_the_target_says_nothing) {
    const auto result = agreed(end_with({}));
    EXPECT_EQ(result.max_recv_data_segment_length, 262144U) << "declared, needs no answer";
    EXPECT_EQ(result.max_send_data_segment_length, 8192U);
    EXPECT_EQ(result.max_burst_length, 262144U);
    EXPECT_EQ(result.first_burst_length, 65536U);
    EXPECT_EQ(result.max_outstanding_r2t, 1);
    EXPECT_TRUE(result.initial_r2t);
    EXPECT_TRUE(result.immediate_data);
}

TEST(operational_negotiation, a_boolean_that_we_decide_alone_needs_no_answer) {
    auto options = sound_options();
    options.wishes.immediate_data = false;
    options.wishes.initial_r2t = true;
    const auto result = agreed(end_with({}, options));
    EXPECT_FALSE(result.immediate_data);
    EXPECT_TRUE(result.initial_r2t);
}

TEST(operational_negotiation, refuses_answers_outside_of_the_offer) {
    auto options = sound_options();
    options.wishes.default_time2wait = 2;
    for (const auto& [key, value] : pdu::text_keys{{"MaxBurstLength", "1048577"},
                                                   {"FirstBurstLength", "262145"},
                                                   {"MaxConnections", "2"},
                                                   {"DefaultTime2Wait", "1"},
                                                   {"DefaultTime2Retain", "21"},
                                                   {"MaxOutstandingR2T", "17"},
                                                   {"ErrorRecoveryLevel", "1"},
                                                   {"DataPDUInOrder", "No"},
                                                   {"DataSequenceInOrder", "No"},
                                                   {"HeaderDigest", "CRC32C"},
                                                   {"DataDigest", "CRC32C"}}) {
        const auto failed = failure_of(end_with(with(agreeable_answers(), key, value), options));
        EXPECT_EQ(failed.code, login_errc::bad_key_value) << key;
        EXPECT_THAT(failed.detail, HasSubstr("the target answered " + key + "=" + value));
    }
}

TEST(operational_negotiation, refuses_answers_outside_of_the_legal_values) {
    for (const auto& [key, value] : pdu::text_keys{{"MaxRecvDataSegmentLength", "511"},
                                                   {"MaxRecvDataSegmentLength", "16777216"},
                                                   {"MaxRecvDataSegmentLength", "Reject"},
                                                   {"MaxBurstLength", "511"},
                                                   {"FirstBurstLength", "0"},
                                                   {"MaxOutstandingR2T", "0"},
                                                   {"MaxConnections", "0"},
                                                   {"DefaultTime2Wait", "3601"},
                                                   {"DefaultTime2Retain", "-1"},
                                                   {"InitialR2T", "Maybe"},
                                                   {"ImmediateData", ""},
                                                   {"HeaderDigest", ""},
                                                   {"ErrorRecoveryLevel", "3"}}) {
        const auto failed = failure_of(end_with(with(agreeable_answers(), key, value)));
        EXPECT_EQ(failed.code, login_errc::bad_key_value) << key << '=' << value;
        EXPECT_THAT(failed.detail, HasSubstr("the target sent " + key + "=" + value + ", legal is "));
    }
}

TEST(operational_negotiation, login_refuses_max_outstanding_r2t_above_65535) {
    const auto failed = failure_of(end_with({{"MaxOutstandingR2T", "65536"}}));
    EXPECT_EQ(failed.code, login_errc::bad_key_value);
    EXPECT_EQ(failed.detail, "the target sent MaxOutstandingR2T=65536, legal is 1 to 65535 (RFC 7143 §13.17)");
}

TEST(operational_negotiation, reads_the_portal_group_tag_in_each_encoding_of_a_binary_value) {
    for (const auto* tag : {"513", "0x0201", "0X201", "0bAgE="}) {
        scripted_login login(sound_options());
        login.start();
        login.move_on({{"AuthMethod", "None"}, {"TargetPortalGroupTag", tag}});
        EXPECT_EQ(agreed(login.move_on(agreeable_answers())).target_portal_group_tag, 513) << tag;
    }
    for (const auto* tag : {"65536", "0x10000", "0bAQAA", "-1", "", "x"}) {
        scripted_login login(sound_options());
        login.start();
        EXPECT_EQ(code_of(login.move_on({{"TargetPortalGroupTag", tag}})), login_errc::bad_key_value) << tag;
    }
}

TEST(operational_negotiation, does_not_know_a_portal_group_that_the_target_keeps_to_itself) {
    scripted_login login(sound_options());
    login.start();
    login.move_on();
    EXPECT_EQ(agreed(login.move_on(agreeable_answers())).target_portal_group_tag, std::nullopt);
}

TEST(operational_negotiation, reads_hex_numbers) {
    EXPECT_EQ(agreed(end_with(with(agreeable_answers(), "MaxBurstLength", "0x40000"))).max_burst_length, 262144U);
}

TEST(operational_negotiation, a_rejected_or_irrelevant_key_stays_at_its_default) {
    for (const auto* answer : {"Reject", "Irrelevant"}) {
        const auto result = agreed(end_with(with(agreeable_answers(), "MaxOutstandingR2T", answer)));
        EXPECT_EQ(result.max_outstanding_r2t, 1) << answer;
    }
}

TEST(operational_negotiation, no_key_of_the_rfc_may_be_not_understood) {
    for (const auto& [key, value] : agreeable_answers())
        EXPECT_EQ(code_of(end_with(with(agreeable_answers(), key, "NotUnderstood"))), login_errc::bad_key_value) << key;
}

TEST(operational_negotiation, first_burst_may_not_exceed_max_burst) {
    auto answers = with(agreeable_answers(), "MaxBurstLength", "65536");
    answers = with(std::move(answers), "FirstBurstLength", "65537");
    const auto failed = failure_of(end_with(answers));
    EXPECT_EQ(failed.code, login_errc::bad_key_value);
    EXPECT_THAT(failed.detail, HasSubstr("FirstBurstLength=65537 exceeds MaxBurstLength=65536"));
    EXPECT_EQ(agreed(end_with(with(answers, "FirstBurstLength", "65536"))).first_burst_length, 65536U);
}

TEST(operational_negotiation, first_burst_does_not_matter_without_unsolicited_data) {
    auto answers = with(agreeable_answers(), "InitialR2T", "Yes");
    answers = with(std::move(answers), "ImmediateData", "No");
    answers = with(std::move(answers), "FirstBurstLength", "Irrelevant");
    const auto result = agreed(end_with(with(answers, "MaxBurstLength", "1024")));
    EXPECT_EQ(result.max_burst_length, 1024U);
    EXPECT_TRUE(result.initial_r2t);
    EXPECT_FALSE(result.immediate_data);
}

TEST(digests, are_used_where_both_want_them) {
    auto options = sound_options();
    options.header_digest = digest_wish::crc32c;
    options.data_digest = digest_wish::prefer;
    scripted_login login(options);
    login.reach_operational_stage();
    EXPECT_EQ(login.said("HeaderDigest"), "CRC32C");
    EXPECT_EQ(login.said("DataDigest"), "CRC32C,None");
    auto answers = with(agreeable_answers(), "HeaderDigest", "CRC32C");
    const auto result = agreed(login.move_on(with(answers, "DataDigest", "CRC32C")));
    EXPECT_TRUE(result.header_digest);
    EXPECT_TRUE(result.data_digest);
}

TEST(digests, that_are_only_preferred_may_be_declined) {
    auto options = sound_options();
    options.header_digest = options.data_digest = digest_wish::prefer;
    const auto answers = with(agreeable_answers(), "DataDigest", "Reject");
    const auto result = agreed(end_with(answers, options));
    EXPECT_FALSE(result.header_digest);
    EXPECT_FALSE(result.data_digest);
}

TEST(digests, that_the_target_demands_by_rejecting_none_end_the_login) {
    const auto failed = failure_of(end_with(with(agreeable_answers(), "DataDigest", "Reject"), sound_options()));
    EXPECT_EQ(failed.code, login_errc::digest_refused);
    EXPECT_EQ(failed.detail, "the target rejects DataDigest=None: it wants a digest");
}

TEST(digests, that_are_insisted_on_end_the_login_when_declined) {
    auto options = sound_options();
    options.data_digest = digest_wish::crc32c;
    for (const auto* answer : {"None", "Reject", "Irrelevant", "Y-com.example.digest"}) {
        const auto failed = failure_of(end_with(with(agreeable_answers(), "DataDigest", answer), options));
        EXPECT_EQ(failed.code, login_errc::digest_refused) << answer;
        EXPECT_THAT(failed.detail,
                    HasSubstr(std::string("DataDigest=CRC32C was asked for, the target answers ") + answer));
    }
    const auto silent = failure_of(end_with(without(agreeable_answers(), "DataDigest"), options));
    EXPECT_EQ(silent.code, login_errc::digest_refused);
    EXPECT_THAT(silent.detail, HasSubstr("does not answer it"));
}

TEST(targets_proposals, are_answered_by_their_rows_on_a_further_request) {
    auto options = sound_options();
    options.parameters = {{"MaxBurstLength", "65536"}, {"FirstBurstLength", "65536"}};
    EXPECT_EQ(answers_to({{"TaskReporting", "FastAbort,RFC3720,ResponseFence"}}, options),
              (pdu::text_keys{{"TaskReporting", "RFC3720"}}));
    EXPECT_EQ(answers_to({{"TaskReporting", "FastAbort"}}), (pdu::text_keys{{"TaskReporting", "Reject"}}));
    EXPECT_EQ(answers_to({{"IFMarker", "No"}, {"OFMarkInt", "1~65535"}}),
              (pdu::text_keys{{"IFMarker", "Reject"}, {"OFMarkInt", "Reject"}}));
}

TEST(targets_proposals, out_of_bounds_are_rejected_and_leave_the_default) {
    for (const auto& [key, value] : pdu::text_keys{{"iSCSIProtocolLevel", "32"},
                                                   {"iSCSIProtocolLevel", "1~2"},
                                                   {"iSCSIProtocolLevel", ""},
                                                   {"TaskReporting", ","},
                                                   {"TaskReporting", std::string(256, 'a')},
                                                   {"TaskReporting", "Slowly"}})
        EXPECT_EQ(answers_to({{key, value}}), (pdu::text_keys{{key, "Reject"}})) << value;
    scripted_login login(sound_options());
    login.reach_operational_stage();
    login.stay({{"iSCSIProtocolLevel", "32"}});
    EXPECT_EQ(agreed(login.move_on(agreeable_answers())).iscsi_protocol_level, 1);
}

TEST(targets_proposals, with_values_that_nobody_knows_are_answered_by_the_first_that_we_know) {
    std::string list;
    for (int i = 0; i < 100; ++i) list += "Y-com.example.unheard.of." + std::to_string(i) + ",";
    EXPECT_EQ(answers_to({{"TaskReporting", list + "RFC3720"}}), (pdu::text_keys{{"TaskReporting", "RFC3720"}}))
        << "a list may be longer than each of its names, RFC 7143 §6.1";
}

TEST(targets_proposals, of_declared_keys_need_no_answer) {
    scripted_login login(sound_options());
    login.reach_operational_stage();
    ASSERT_TRUE(goes_on(login.stay({{"TargetAlias", "Bob-s\nDisk"}, {"X#NodeArchitecture", "ExampleOS/v1"}})));
    EXPECT_THAT(login.said(), IsEmpty());
    EXPECT_EQ(agreed(login.move_on(agreeable_answers())).target_alias, "Bob-s\\x0aDisk");
}

TEST(targets_proposals, of_keys_that_we_left_out_are_answered_in_a_discovery_session) {
    scripted_login login(discovery_options());
    login.reach_operational_stage();
    ASSERT_TRUE(goes_on(login.stay({{"MaxBurstLength", "65536"}, {"InitialR2T", "Yes"}, {"MaxConnections", "4"}})));
    EXPECT_EQ(login.said(),
              (pdu::text_keys{
                  {"MaxBurstLength", "Irrelevant"}, {"InitialR2T", "Irrelevant"}, {"MaxConnections", "Irrelevant"}}));
    EXPECT_TRUE(login.last().pdu.transit);
    EXPECT_EQ(agreed(login.move_on({{"MaxRecvDataSegmentLength", "8192"}})).max_burst_length, 262144U);
}

TEST(targets_proposals, that_are_unknown_are_not_understood) {
    EXPECT_EQ(answers_to({{"X-com.example.do", "1"}, {"Novelty", "a,b"}}),
              (pdu::text_keys{{"X-com.example.do", "NotUnderstood"}, {"Novelty", "NotUnderstood"}}));
}

TEST(targets_proposals, with_reserved_values_are_refused) {
    for (const auto* value : {"Reject", "Irrelevant", "NotUnderstood"}) {
        EXPECT_EQ(code_of(end_with({{"Novelty", value}})), login_errc::bad_key_value) << value;
        for (const auto* key : {"TaskReporting", "IFMarker", "OFMarkInt", "TargetAlias"})
            EXPECT_EQ(code_of(end_with({{key, value}})), login_errc::bad_key_value) << key << '=' << value;
    }
}

TEST(targets_proposals, may_not_come_where_no_request_follows) {
    const auto failed = failure_of(end_with(with(agreeable_answers(), "TaskReporting", "RFC3720")));
    EXPECT_EQ(failed.code, login_errc::unexpected_key);
    EXPECT_THAT(failed.detail, HasSubstr("TaskReporting, which wants an answer"));
    agreed(end_with(with(agreeable_answers(), "X-com.example.do", "1")));
}

TEST(targets_proposals, of_the_initiators_keys_are_refused) {
    for (const auto* key : {"InitiatorName", "InitiatorAlias", "TargetName", "SessionType", "SendTargets"})
        EXPECT_EQ(code_of(end_with({{key, "x"}})), login_errc::unexpected_key) << key;
}

TEST(keys_twice, in_one_response_in_two_and_across_the_stages_are_refused) {
    auto twice = agreeable_answers();
    twice.push_back({"ImmediateData", "Yes"});
    const auto failed = failure_of(end_with(twice));
    EXPECT_EQ(failed.code, login_errc::key_offered_twice);
    EXPECT_EQ(failed.detail, "the target sent ImmediateData twice in this login");
    {
        scripted_login login(sound_options());
        login.reach_operational_stage();
        login.stay({{"ImmediateData", "Yes"}});
        EXPECT_EQ(code_of(login.move_on({{"ImmediateData", "No"}})), login_errc::key_offered_twice);
    }
    EXPECT_EQ(code_of(end_with({{"TargetPortalGroupTag", "1"}})), login_errc::key_offered_twice);
}

TEST(keys_twice, target_address_may_be) {
    agreed(end_with({{"TargetAddress", "192.0.2.1,1"}, {"TargetAddress", "192.0.2.2,1"}}));
}

TEST(discovery, leaves_out_the_keys_that_are_irrelevant_there) {
    auto options = discovery_options();
    options.wishes.error_recovery_level = 2;
    options.wishes.max_outstanding_r2t = 1;
    options.parameters = {{"X-com.example.do", "1"}, {"MaxBurstLength", "65536"}, {"DefaultTime2Wait", "7"}};
    scripted_login login(options);
    login.reach_operational_stage();
    EXPECT_EQ(login.said(),
              (pdu::text_keys{{"HeaderDigest", "None"},
                              {"DataDigest", "None"},
                              {"MaxRecvDataSegmentLength", "262144"},
                              {"DefaultTime2Wait", "7"},
                              {"DefaultTime2Retain", "20"},
                              {"ErrorRecoveryLevel", "0"}}));
}

TEST(further_connection, carries_only_the_keys_of_the_connection) {
    scripted_login login(sound_options(), granted_tsih);
    login.reach_operational_stage();
    EXPECT_EQ(
        login.said(),
        (pdu::text_keys{{"HeaderDigest", "None"}, {"DataDigest", "None"}, {"MaxRecvDataSegmentLength", "262144"}}));
}

/// What a session agreed on that uses each value there is in another way than the defaults do.
negotiated unusual_session() {
    negotiated session;
    session.header_digest = session.data_digest = true;
    session.max_send_data_segment_length = 4096;
    session.max_recv_data_segment_length = 131072;
    session.max_burst_length = 524288;
    session.max_connections = 4;
    session.error_recovery_level = 2;
    session.initial_r2t = false;
    session.data_pdu_in_order = false;
    session.task_reporting = task_reporting::fast_abort;
    session.auth_method = "CHAP";
    session.algorithm = chap_algorithm::md5;
    session.target_portal_group_tag = 1;
    session.tsih = granted_tsih;
    return session;
}

TEST(further_connection, answers_keys_of_the_first_one_and_settles_nothing_by_them) {
    auto options = sound_options();
    options.parameters = {{"MaxConnections", "2"}};
    scripted_login login(options, unusual_session());
    login.reach_operational_stage();
    login.stay({{"MaxConnections", "8"},
                {"InitialR2T", "Yes"},
                {"MaxBurstLength", "65536"},
                {"ErrorRecoveryLevel", "3"},
                {"X#NodeArchitecture", "a"}});
    EXPECT_EQ(login.said(),
              (pdu::text_keys{{"MaxConnections", "2"},
                              {"InitialR2T", "Yes"},
                              {"MaxBurstLength", "65536"},
                              {"ErrorRecoveryLevel", "Reject"}}));
    const auto result = agreed(login.move_on());
    EXPECT_EQ(result.max_connections, 4);
    EXPECT_FALSE(result.initial_r2t);
    EXPECT_EQ(result.max_burst_length, 524288U);
    EXPECT_EQ(result.error_recovery_level, 2);
}

TEST(further_connection, has_digests_and_segment_lengths_of_its_own_and_the_rest_from_its_session) {
    auto options = sound_options();
    options.data_digest = digest_wish::crc32c;
    scripted_login login(options, unusual_session());
    login.reach_operational_stage();
    EXPECT_EQ(login.last().pdu.tsih, granted_tsih);
    EXPECT_EQ(
        login.said(),
        (pdu::text_keys{{"HeaderDigest", "None"}, {"DataDigest", "CRC32C"}, {"MaxRecvDataSegmentLength", "262144"}}));
    const auto result = agreed(login.move_on({{"HeaderDigest", "None"}, {"DataDigest", "CRC32C"}}));
    EXPECT_FALSE(result.header_digest);
    EXPECT_TRUE(result.data_digest);
    EXPECT_EQ(result.max_send_data_segment_length, 8192U) << "the default: the target declared nothing here";
    EXPECT_EQ(result.max_recv_data_segment_length, 262144U);
    EXPECT_EQ(result.max_burst_length, 524288U);
    EXPECT_EQ(result.max_connections, 4);
    EXPECT_EQ(result.error_recovery_level, 2);
    EXPECT_FALSE(result.initial_r2t);
    EXPECT_FALSE(result.data_pdu_in_order);
    EXPECT_EQ(result.task_reporting, task_reporting::fast_abort);
    EXPECT_EQ(result.auth_method, "None") << "how this connection was authenticated";
    EXPECT_FALSE(result.algorithm);
    EXPECT_EQ(result.target_portal_group_tag, 1);
    EXPECT_EQ(result.tsih, granted_tsih);
}

TEST(further_connection, to_another_portal_group_is_refused_before_chap) {
    scripted_login login(chap_options(), unusual_session());
    login.start();
    const auto failed = failure_of(login.stay({{"AuthMethod", "CHAP"}, {"TargetPortalGroupTag", "2"}}));
    EXPECT_EQ(failed.code, login_errc::other_portal_group);
    EXPECT_EQ(failed.detail, "TargetPortalGroupTag=2, the session has 1");
}

TEST(further_connection, goes_on_where_one_of_the_portal_groups_is_not_known) {
    auto session = unusual_session();
    scripted_login silent(sound_options(), session);
    silent.start();
    silent.move_on({{"AuthMethod", "None"}});
    const auto result = agreed(silent.move_on());
    EXPECT_EQ(result.target_portal_group_tag, 1);
    EXPECT_FALSE(result.header_digest || result.data_digest) << "the session's are those of another connection";
    session.target_portal_group_tag.reset();
    scripted_login first_to_tell(sound_options(), session);
    first_to_tell.reach_operational_stage();
    EXPECT_EQ(agreed(first_to_tell.move_on()).target_portal_group_tag, 1);
}

TEST(order_of_data, is_a_wish_and_lands_in_the_result) {
    auto options = sound_options();
    options.wishes.data_pdu_in_order = options.wishes.data_sequence_in_order = false;
    auto answers = with(agreeable_answers(), "DataPDUInOrder", "No");
    EXPECT_FALSE(agreed(end_with(answers, options)).data_pdu_in_order);
    EXPECT_TRUE(agreed(end_with(answers, options)).data_sequence_in_order) << "the target may insist on Yes";
    answers = with(std::move(answers), "DataSequenceInOrder", "No");
    EXPECT_FALSE(agreed(end_with(answers, options)).data_sequence_in_order);
    const auto silent = agreed(end_with({}, options));
    EXPECT_TRUE(silent.data_pdu_in_order && silent.data_sequence_in_order) << "the default of the RFC";
}

TEST(outstanding_r2ts, are_offered_one_at_a_time_where_recovery_goes_in_order) {
    const auto said = [](const login_options& options) {
        scripted_login login(options);
        login.reach_operational_stage();
        return login.said("MaxOutstandingR2T");
    };
    auto options = sound_options();
    EXPECT_EQ(said(options), "16");
    options.wishes.error_recovery_level = 2;
    EXPECT_EQ(said(options), "1");
    options.parameters = {{"DataSequenceInOrder", "No"}};
    EXPECT_EQ(said(options), "16");
    options.parameters = {{"ErrorRecoveryLevel", "0"}};
    EXPECT_EQ(said(options), "16") << "the parameter wins over the wish";
}

TEST(task_reporting_key, is_offered_with_all_that_it_implies) {
    auto options = sound_options();
    options.wishes.task_reporting = task_reporting::fast_abort;
    scripted_login login(options);
    login.reach_operational_stage();
    EXPECT_EQ(login.said("TaskReporting"), "FastAbort,ResponseFence,RFC3720");
    const auto ending = [&](const std::string& answer) {
        return agreed(end_with(with(agreeable_answers(), "TaskReporting", answer), options)).task_reporting;
    };
    EXPECT_EQ(ending("FastAbort"), task_reporting::fast_abort);
    EXPECT_EQ(ending("ResponseFence"), task_reporting::response_fence);
    for (const auto* answer : {"RFC3720", "Reject", "NotUnderstood"})
        EXPECT_EQ(ending(answer), task_reporting::rfc3720) << answer;
    EXPECT_EQ(agreed(end_with(agreeable_answers(), options)).task_reporting, task_reporting::rfc3720) << "no answer";
}

TEST(task_reporting_key, of_a_parameter_wins_over_the_wish) {
    auto options = sound_options();
    options.wishes.task_reporting = task_reporting::response_fence;
    options.parameters = {{"TaskReporting", "RFC3720,ResponseFence"}};
    scripted_login login(options);
    login.reach_operational_stage();
    EXPECT_EQ(login.said("TaskReporting"), "RFC3720,ResponseFence");
}

TEST(protocol_level, is_ours_or_the_targets_lower_one) {
    auto options = sound_options();
    EXPECT_EQ(agreed(end_with(agreeable_answers(), options)).iscsi_protocol_level, 1);
    options.parameters = {{"iSCSIProtocolLevel", "1"}};
    EXPECT_EQ(agreed(end_with(with(agreeable_answers(), "iSCSIProtocolLevel", "0"), options)).iscsi_protocol_level, 0);
    EXPECT_EQ(code_of(end_with(with(agreeable_answers(), "iSCSIProtocolLevel", "2"), options)),
              login_errc::bad_key_value);
    EXPECT_EQ(answers_to({{"iSCSIProtocolLevel", "2"}}), (pdu::text_keys{{"iSCSIProtocolLevel", "1"}}));
}

TEST(parameters, win_over_wishes_and_are_negotiated_like_them) {
    auto options = sound_options();
    options.parameters = {{"MaxBurstLength", "0x10000"},
                          {"FirstBurstLength", "65536"},
                          {"DataPDUInOrder", "No"},
                          {"HeaderDigest", "None,CRC32C"},
                          {"X-com.example.do", "a/b:c"}};
    scripted_login login(options);
    login.reach_operational_stage();
    for (const auto& [key, value] : options.parameters) EXPECT_EQ(login.said(key), value);
    auto answers = with(agreeable_answers(), "MaxBurstLength", "65536");
    answers = with(std::move(answers), "FirstBurstLength", "32768");
    answers = with(std::move(answers), "DataPDUInOrder", "No");
    const auto result = agreed(login.move_on(with(answers, "X-com.example.do", "NotUnderstood")));
    EXPECT_EQ(result.max_burst_length, 65536U);
    EXPECT_FALSE(result.data_pdu_in_order);
    EXPECT_EQ(code_of(end_with(with(answers, "MaxBurstLength", "65537"), options)), login_errc::bad_key_value);
}

TEST(parameters, of_a_later_rfc_may_be_not_understood) {
    auto options = sound_options();
    options.parameters = {{"TaskReporting", "FastAbort,ResponseFence,RFC3720"}};
    agreed(end_with(with(agreeable_answers(), "TaskReporting", "NotUnderstood"), options));
    agreed(end_with(with(agreeable_answers(), "TaskReporting", "ResponseFence"), options));
    EXPECT_EQ(code_of(end_with(with(agreeable_answers(), "TaskReporting", "Slowly"), options)),
              login_errc::bad_key_value);
}

}  // namespace
}  // namespace persiscsi
