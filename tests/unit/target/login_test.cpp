// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.hpp"

#include <gmock/gmock.h>

namespace persiscsi::target::test {
namespace {

using pdu::login_stage;
using pdu::login_status;
using testing::HasSubstr;

class login_test : public target_test {
  protected:
    login_status status_of(raw_initiator::options options) {
        raw_initiator initiator((*target)->port(), std::move(options));
        return initiator.login().status;
    }
    std::string answer(raw_initiator& initiator, std::string_view key) {
        return std::string(pdu::find_key(initiator.answers(), key).value_or("(none)"));
    }
};

TEST_F(login_test, login_without_authentication_reaches_full_feature_phase_and_is_listed) {
    start();
    raw_initiator initiator((*target)->port(), {});
    const auto response = initiator.login();
    EXPECT_EQ(response.status, login_status::success);
    EXPECT_TRUE(response.transit);
    EXPECT_EQ(response.next_stage, login_stage::full_feature_phase);
    EXPECT_NE(response.tsih, pdu::tsih::fresh);
    const auto sessions = (*target)->sessions();
    ASSERT_EQ(sessions.size(), 1U);
    EXPECT_EQ(sessions[0].isid, 0x800000000001U);
    EXPECT_EQ(sessions[0].tsih, static_cast<std::uint16_t>(response.tsih));
    EXPECT_EQ(sessions[0].initiator_name, "iqn.2026-01.example:raw");
    EXPECT_EQ(sessions[0].target, "iqn.2026-01.example:disk");
    EXPECT_TRUE(sessions[0].connected);
    EXPECT_EQ((*target)->counters().logins, 1U);
}

TEST_F(login_test, every_operational_key_gets_the_result_of_its_function) {
    auto options = plain_target();
    options.limits.max_burst_length = 65536;
    options.limits.first_burst_length = 65536;
    options.limits.max_outstanding_r2t = 2;
    options.limits.default_time2wait = 1;
    start(options);
    raw_initiator initiator((*target)->port(),
                            {.keys = {{"FirstBurstLength", "131072"},
                                      {"MaxBurstLength", "0x8000"},
                                      {"InitialR2T", "No"},
                                      {"ImmediateData", "Yes"},
                                      {"MaxOutstandingR2T", "8"},
                                      {"MaxConnections", "4"},
                                      {"ErrorRecoveryLevel", "2"},
                                      {"DefaultTime2Wait", "3"},
                                      {"DefaultTime2Retain", "0"},
                                      {"DataPDUInOrder", "No"},
                                      {"DataSequenceInOrder", "No"},
                                      {"IFMarkInt", "2048~65535"},
                                      {"X-org.example.odd", "1"},
                                      {"MaxRecvDataSegmentLength", "65536"}}});
    ASSERT_EQ(initiator.login().status, login_status::success);
    EXPECT_EQ(answer(initiator, "MaxBurstLength"), "32768");
    EXPECT_EQ(answer(initiator, "FirstBurstLength"), "32768");
    EXPECT_EQ(answer(initiator, "InitialR2T"), "No");
    EXPECT_EQ(answer(initiator, "ImmediateData"), "Yes");
    EXPECT_EQ(answer(initiator, "MaxOutstandingR2T"), "2");
    EXPECT_EQ(answer(initiator, "MaxConnections"), "4");
    EXPECT_EQ(answer(initiator, "ErrorRecoveryLevel"), "2");
    EXPECT_EQ(answer(initiator, "DefaultTime2Wait"), "3");
    EXPECT_EQ(answer(initiator, "DefaultTime2Retain"), "0");
    EXPECT_EQ(answer(initiator, "DataPDUInOrder"), "No");
    EXPECT_EQ(answer(initiator, "IFMarkInt"), "Reject");
    EXPECT_EQ(answer(initiator, "X-org.example.odd"), "NotUnderstood");
    EXPECT_EQ(answer(initiator, "MaxRecvDataSegmentLength"), "262144");
    EXPECT_EQ(answer(initiator, "TargetPortalGroupTag"), "1");
}

TEST_F(login_test, recoverable_sequences_in_order_leave_one_outstanding_r2t) {
    start();
    raw_initiator initiator((*target)->port(), {.keys = {{"MaxOutstandingR2T", "8"}, {"ErrorRecoveryLevel", "1"}}});
    ASSERT_EQ(initiator.login().status, login_status::success);
    EXPECT_EQ(answer(initiator, "MaxOutstandingR2T"), "1");
}

TEST_F(login_test, unknown_target_is_not_found) {
    start();
    EXPECT_EQ(status_of({.target = "iqn.2026-01.example:other"}), login_status::not_found);
    EXPECT_EQ((*target)->counters().failed_logins, 1U);
}

TEST_F(login_test, missing_initiator_name_is_a_missing_parameter) {
    violations_expected = true;
    start();
    raw_initiator initiator((*target)->port(), {});
    const auto response =
        initiator
            .login_step(initiator.login_request(login_stage::operational_negotiation, login_stage::full_feature_phase),
                        {{"TargetName", "iqn.2026-01.example:disk"}})
            .as<pdu::login_response>();
    EXPECT_EQ(response.status, login_status::missing_parameter);
    EXPECT_TRUE(initiator.is_closed());
}

TEST_F(login_test, version_above_ours_is_refused) {
    start();
    raw_initiator initiator((*target)->port(), {});
    auto request = initiator.login_request(login_stage::operational_negotiation, login_stage::full_feature_phase);
    request.version_min = request.version_max = 1;
    const auto response = initiator.login_step(request, {}).as<pdu::login_response>();
    EXPECT_EQ(response.status, login_status::unsupported_version);
}

TEST_F(login_test, value_out_of_range_fails_the_login_and_is_a_violation) {
    violations_expected = true;
    start();
    EXPECT_EQ(status_of({.keys = {{"MaxOutstandingR2T", "65536"}}}), login_status::initiator_error);
    ASSERT_EQ((*target)->violations().size(), 1U);
    EXPECT_THAT((*target)->violations()[0], HasSubstr("MaxOutstandingR2T=65536"));
}

TEST_F(login_test, key_negotiated_twice_fails_the_login) {
    violations_expected = true;
    start();
    EXPECT_EQ(status_of({.keys = {{"InitialR2T", "No"}, {"InitialR2T", "No"}}}), login_status::initiator_error);
}

TEST_F(login_test, keys_over_several_pdus_with_the_c_bit_are_one_text) {
    start();
    raw_initiator initiator((*target)->port(), {});
    const auto text = pdu::encode_text({{"InitiatorName", "iqn.2026-01.example:raw"},
                                        {"TargetName", "iqn.2026-01.example:disk"},
                                        {"InitialR2T", "No"}});
    const auto cut = text.size() / 2;
    auto request = initiator.login_request(login_stage::operational_negotiation, std::nullopt);
    request.continued = true;
    initiator.send(request, std::span(text).first(cut));
    const auto first = initiator.receive();
    EXPECT_TRUE(first.data.empty());
    EXPECT_FALSE(first.as<pdu::login_response>().transit);
    request = initiator.login_request(login_stage::operational_negotiation, login_stage::full_feature_phase);
    initiator.send(request, std::span(text).subspan(cut));
    EXPECT_EQ(initiator.receive().as<pdu::login_response>().status, login_status::success);
}

TEST_F(login_test, redirect_names_the_other_portal) {
    auto options = plain_target();
    options.redirect = redirect_options{"192.0.2.7:3260", false};
    start(options);
    raw_initiator initiator((*target)->port(), {});
    EXPECT_EQ(initiator.login().status, login_status::target_moved_temporarily);
    EXPECT_EQ(answer(initiator, "TargetAddress"), "192.0.2.7:3260");
}

TEST_F(login_test, pdu_other_than_login_before_login_closes) {
    violations_expected = true;
    start();
    raw_initiator initiator((*target)->port(), {});
    initiator.send(pdu::nop_out{});
    EXPECT_TRUE(initiator.is_closed());
}

TEST_F(login_test, text_without_end_is_refused_and_not_gathered) {
    violations_expected = true;
    start();
    raw_initiator initiator((*target)->port(), {});
    auto request = initiator.login_request(login_stage::operational_negotiation, std::nullopt);
    request.continued = true;
    const std::vector<std::byte> noise(8192, std::byte{'x'});
    auto status = login_status::success;
    for (int i = 0; i < 64 && status == login_status::success; ++i) {
        initiator.send(request, noise);
        status = initiator.receive().as<pdu::login_response>().status;
    }
    EXPECT_EQ(status, login_status::initiator_error);
}

TEST_F(login_test, connection_that_never_logs_in_is_closed) {
    auto server = serving(plain_target());
    server.login_timeout = std::chrono::milliseconds(50);
    start(std::move(server));
    raw_initiator initiator((*target)->port(), {});
    EXPECT_TRUE(initiator.is_closed());
}

TEST_F(login_test, discovery_lists_all_targets_with_the_portal_of_the_connection) {
    auto server = serving(plain_target());
    server.targets.push_back(plain_target());
    server.targets[1].name = "iqn.2026-01.example:second";
    start(std::move(server));
    raw_initiator initiator((*target)->port(), {});
    auto request = initiator.login_request(login_stage::operational_negotiation, login_stage::full_feature_phase);
    ASSERT_EQ(initiator.login_step(request, {{"InitiatorName", "iqn.x"}, {"SessionType", "Discovery"}})
                  .as<pdu::login_response>()
                  .status,
              login_status::success);
    const auto ask = [&](const std::string& what) {
        pdu::text_request text;
        text.final = true;
        text.initiator_task_tag = initiator.fresh_tag();
        text.cmd_sn = initiator.take_cmd_sn();
        initiator.send(text, pdu::encode_text({{"SendTargets", what}}));
        return pdu::parse_text(initiator.receive().data).keys;
    };
    const auto portal = "127.0.0.1:" + std::to_string((*target)->port()) + ",1";
    const pdu::text_keys first{{"TargetName", "iqn.2026-01.example:disk"}, {"TargetAddress", portal}};
    const pdu::text_keys second{{"TargetName", "iqn.2026-01.example:second"}, {"TargetAddress", portal}};
    auto both = first;
    both.insert(both.end(), second.begin(), second.end());
    EXPECT_EQ(ask("All"), both);
    EXPECT_EQ(ask("iqn.2026-01.example:second"), second);
    EXPECT_EQ(ask("iqn.2026-01.example:none"), pdu::text_keys{});
}

TEST_F(login_test, login_request_in_full_feature_phase_is_rejected) {
    violations_expected = true;
    start();
    raw_initiator initiator((*target)->port(), {});
    initiator.login();
    initiator.send(initiator.login_request(login_stage::operational_negotiation, login_stage::full_feature_phase));
    EXPECT_EQ(initiator.receive().as<pdu::reject>().reason, pdu::reject_reason::protocol_error);
}

}  // namespace
}  // namespace persiscsi::target::test
