// SPDX-License-Identifier: Apache-2.0
// Login 9 to 23: the keys.
#include "tests/conformance/conformance_case.hpp"

namespace persiscsi::conformance {
namespace {

const auto bad_value = make_error_code(login_errc::bad_key_value);

/// A number that was offered: within its bounds.
void expect_within(const std::string& value, unsigned long lowest, unsigned long highest) {
    ASSERT_FALSE(value.empty());
    ASSERT_EQ(value.find_first_not_of("0123456789"), std::string::npos) << value;
    EXPECT_GE(std::stoul(value), lowest);
    EXPECT_LE(std::stoul(value), highest);
}

constexpr unsigned long most_24_bits = (1UL << 24U) - 1;

TEST_F(conformance_case, login_9_1_digests_are_used_from_full_feature_phase_on) {
    options.login.header_digest = digest_wish::crc32c;
    options.login.data_digest = digest_wish::prefer;
    const auto request = operational_request();
    EXPECT_EQ(said_value("HeaderDigest"), "CRC32C");
    EXPECT_EQ(said_value("DataDigest"), "CRC32C,None");
    answer_login(request, with(target_keys, {{"HeaderDigest", "CRC32C"}, {"DataDigest", "CRC32C"}}));
    EXPECT_TRUE(target->core.agreed()->header_digest && target->core.agreed()->data_digest);
    const auto tag = write(513);
    (void)next<pdu::scsi_command>();
    good(tag);
    expect_good();
}

TEST_F(conformance_case, login_9_2_digests_that_the_target_offers_are_answered) {
    options.login.header_digest = digest_wish::prefer;
    options.login.parameters = {};
    answer_login(operational_request(), {{"HeaderDigest", "CRC32C"}}, false);
    const auto request = login_request();
    EXPECT_TRUE(said.empty()) << "an answer is not answered";
    answer_login(request, target_keys);
    EXPECT_TRUE(target->core.agreed()->header_digest);
}

TEST_F(conformance_case, login_9_3_crc32c_is_sent_and_checked) {
    options.login.header_digest = options.login.data_digest = digest_wish::crc32c;
    log_in({{"HeaderDigest", "CRC32C"}, {"DataDigest", "CRC32C"}});
    const auto tag = write(2);
    (void)next<pdu::scsi_command>();
    good(tag);
    expect_good();
    auto bad = pdu::encode(pdu::nop_in{.target_transfer_tag = pdu::transfer_tag{5}});
    const pdu::frame frame(bad, {}, {}, target->digests);
    bytes wire(frame.head().begin(), frame.head().end());
    wire.back() ^= std::byte{1};
    target->receive(wire);
    EXPECT_TRUE(closed());
    EXPECT_TRUE(silent());
}

TEST_F(conformance_case, login_10_1_no_more_connections_are_opened_than_were_agreed) {
    options.login.wishes.max_connections = 4;
    const auto request = operational_request();
    EXPECT_EQ(said_value("MaxConnections"), "4");
    answer_login(request, with(target_keys, {{"MaxConnections", "2"}}));
    target->open_transport(1);
    target->answer_login(1);
    target->pass(options.ping_interval - 1s);
    EXPECT_EQ(target->transports, 2U);
    EXPECT_EQ(target->core.connection_count(), 2U);
}

TEST_F(conformance_case, login_11_1_each_connection_begins_with_the_names) {
    options.login.wishes.max_connections = 2;
    log_in({{"MaxConnections", "2"}});
    target->open_transport(1);
    (void)login_request(1);
    EXPECT_EQ(said_value("InitiatorName"), options.login.initiator_name);
    EXPECT_EQ(said_value("TargetName"), options.login.target_name);
}

TEST_F(conformance_case, login_12_1_markers_are_not_offered_and_are_rejected) {
    const auto request = operational_request();
    for (const auto* key : {"IFMarker", "OFMarker", "IFMarkInt", "OFMarkInt"}) EXPECT_EQ(said.count(key), 0U);
    answer_login(
        request, with(target_keys, {{"IFMarker", "Yes"}, {"OFMarker", "No"}, {"IFMarkInt", "2048~8192"}}), false);
    const auto answer = login_request();
    EXPECT_EQ(said_value("IFMarker"), "Reject");
    EXPECT_EQ(said_value("OFMarker"), "Reject");
    EXPECT_EQ(said_value("IFMarkInt"), "Reject");
    answer_login(answer, {});
    EXPECT_EQ(state(), session_state::logged_in);
}

TEST_F(conformance_case, login_13_1_booleans_come_out_by_their_function) {
    const auto request = operational_request();
    EXPECT_EQ(said_value("InitialR2T"), "No");
    EXPECT_EQ(said_value("ImmediateData"), "Yes");
    answer_login(request, {{"InitialR2T", "Yes"}, {"ImmediateData", "No"}});
    EXPECT_TRUE(target->core.agreed()->initial_r2t);
    EXPECT_FALSE(target->core.agreed()->immediate_data);
}

TEST_F(conformance_case, login_13_2_answer_that_the_function_forbids_ends_the_login) {
    options.login.wishes.immediate_data = false;
    answer_login(operational_request(), {{"ImmediateData", "Yes"}});
    expect_login_failed(bad_value);
}

TEST_F(conformance_case, login_13_3_boolean_that_the_target_offers_is_answered) {
    options.login.type = session_type::normal;
    answer_login(operational_request(), with(target_keys, {{"X-org.example.yes", "Yes"}, {"OFMarker", "Yes"}}), false);
    const auto request = login_request();
    EXPECT_EQ(said.size(), 2U);
    answer_login(request, {});
    EXPECT_EQ(state(), session_state::logged_in);
}

TEST_F(conformance_case, login_14_1_each_side_declares_what_it_takes) {
    const auto request = operational_request();
    expect_within(said_value("MaxRecvDataSegmentLength"), 512, most_24_bits);
    answer_login(request, {{"ImmediateData", "Yes"}, {"InitialR2T", "Yes"}, {"FirstBurstLength", "65536"}});
    (void)write(20000);
    bytes data;
    (void)next<pdu::scsi_command>(&data);
    EXPECT_EQ(data.size(), 8192U) << "the default where the target declares nothing";
}

TEST_F(conformance_case, login_15_1_max_burst_length_keeps_its_bounds) {
    const auto request = operational_request();
    expect_within(said_value("MaxBurstLength"), 512, most_24_bits);
    answer_login(request, {{"MaxBurstLength", "511"}});
    expect_login_failed(bad_value);
}

TEST_F(conformance_case, login_16_1_first_burst_below_max_burst_holds) {
    EXPECT_TRUE(login_succeeds_with({{"MaxBurstLength", "8192"}, {"FirstBurstLength", "4096"}}));
    EXPECT_EQ(target->core.agreed()->first_burst_length, 4096U);
    EXPECT_EQ(target->core.agreed()->max_burst_length, 8192U);
}

TEST_F(conformance_case, login_16_2_first_burst_above_max_burst_ends_the_login) {
    answer_login(
        operational_request(),
        {{"MaxBurstLength", "4096"}, {"FirstBurstLength", "8192"}, {"InitialR2T", "No"}, {"ImmediateData", "Yes"}});
    expect_login_failed(bad_value);
}

TEST_F(conformance_case, login_16_3_first_burst_is_offered_within_its_bounds) {
    (void)operational_request();
    expect_within(said_value("FirstBurstLength"), 512, std::stoul(said_value("MaxBurstLength")));
}

TEST_F(conformance_case, login_17_1_time2retain_above_the_offer_ends_the_login) {
    const auto request = operational_request();
    expect_within(said_value("DefaultTime2Retain"), 0, 3600);
    answer_login(request, {{"DefaultTime2Retain", "3600"}});
    expect_login_failed(bad_value);
}

TEST_F(conformance_case, login_18_1_larger_time2wait_holds_and_a_smaller_answer_ends_the_login) {
    options.login.wishes.default_time2wait = 2;
    const auto request = operational_request();
    EXPECT_EQ(said_value("DefaultTime2Wait"), "2");
    answer_login(request, {{"DefaultTime2Wait", "5"}});
    EXPECT_EQ(target->core.agreed()->default_time2wait, 5U);
    test::core_harness other(options);
    other.target_keys = {{"DefaultTime2Wait", "1"}};
    EXPECT_THROW(other.log_in(), std::runtime_error);
    EXPECT_EQ(other.core.last_failure().code, bad_value);
}

TEST_F(conformance_case, login_19_1_max_outstanding_r2t_of_0_ends_the_login) {
    const auto request = operational_request();
    expect_within(said_value("MaxOutstandingR2T"), 1, 65535);
    answer_login(request, {{"MaxOutstandingR2T", "0"}});
    expect_login_failed(bad_value);
}

TEST_F(conformance_case, login_20_1_error_recovery_level_above_the_offer_ends_the_login) {
    options.login.wishes.error_recovery_level = 1;
    options.login.wishes.max_outstanding_r2t = 1;  // §13.19
    const auto request = operational_request();
    EXPECT_EQ(said_value("ErrorRecoveryLevel"), "1");
    answer_login(request, {{"ErrorRecoveryLevel", "2"}});
    expect_login_failed(bad_value);
}

TEST_F(conformance_case, login_21_1_session_type_is_in_the_first_request) {
    options.login.type = session_type::discovery;
    options.login.target_name.clear();
    begin_login();
    (void)login_request();
    EXPECT_EQ(said_value("SessionType"), "Discovery");
    EXPECT_EQ(said.count("TargetName"), 0U);
}

TEST_F(conformance_case, login_22_1_auth_method_none_ends_the_security_stage) {
    begin_login();
    const auto request = login_request();
    EXPECT_EQ(said_value("AuthMethod"), "None");
    answer_login(request, {{"AuthMethod", "None"}});
    (void)login_request();
    EXPECT_EQ(said.count("AuthMethod"), 0U);
    for (const auto& [key, value] : said) EXPECT_FALSE(key.starts_with("CHAP_")) << value;
}

TEST_F(conformance_case, login_23_1_declarations_of_the_target_are_taken_without_an_answer) {
    begin_login();
    answer_login(login_request(),
                 {{"AuthMethod", "None"}, {"TargetPortalGroupTag", "7"}, {"TargetAlias", "the shelf"}});
    const auto request = login_request();
    EXPECT_EQ(said.count("TargetPortalGroupTag") + said.count("TargetAlias"), 0U);
    answer_login(request, target_keys);
    EXPECT_EQ(state(), session_state::logged_in);
    EXPECT_EQ(target->core.agreed()->target_portal_group_tag, 7U);
}

}  // namespace
}  // namespace persiscsi::conformance
