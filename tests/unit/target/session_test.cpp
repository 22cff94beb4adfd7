// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.hpp"

#include <gmock/gmock.h>

namespace persiscsi::target::test {
namespace {

constexpr std::initializer_list<std::uint8_t> ready = {0, 0, 0, 0, 0, 0};

class session_test : public target_test {
  protected:
    std::unique_ptr<raw_initiator> log_in(raw_initiator::options options = {}) {
        auto initiator = std::make_unique<raw_initiator>((*target)->port(), std::move(options));
        EXPECT_EQ(initiator->login().status, pdu::login_status::success);
        return initiator;
    }
};

TEST_F(session_test, second_login_with_the_same_isid_reinstates_and_closes_the_first) {
    auto options = plain_target();
    options.unit_attention = true;
    start(options);
    auto first = log_in();
    auto second = log_in();
    EXPECT_TRUE(first->is_closed());
    EXPECT_EQ((*target)->counters().reinstatements, 1U);
    ASSERT_EQ((*target)->sessions().size(), 1U);
    EXPECT_EQ(second->run(ready).sense_code(), 0x062907U);
    EXPECT_EQ(second->run(ready).status, 0);
}

TEST_F(session_test, other_isid_or_name_is_another_session) {
    start();
    auto first = log_in();
    auto second = log_in({.isid = 0x800000000002});
    auto third = log_in({.name = "iqn.2026-01.example:other"});
    EXPECT_EQ((*target)->counters().reinstatements, 0U);
    EXPECT_EQ((*target)->sessions().size(), 3U);
    EXPECT_EQ(first->run(ready).status, 0);
}

TEST_F(session_test, session_outlives_its_connection_until_it_is_reinstated) {
    start();
    log_in().reset();
    ASSERT_TRUE(eventually([&] { return !(*target)->sessions().at(0).connected; }));
    auto again = log_in();
    EXPECT_EQ((*target)->counters().reinstatements, 1U);
    EXPECT_EQ((*target)->sessions().size(), 1U);
}

TEST_F(session_test, session_without_retention_ends_with_its_connection) {
    start();
    log_in({.keys = {{"DefaultTime2Retain", "0"}, {"DefaultTime2Wait", "0"}}}).reset();
    EXPECT_TRUE(eventually([&] { return (*target)->sessions().empty(); }));
}

TEST_F(session_test, logout_is_answered_and_ends_the_session) {
    start();
    auto initiator = log_in();
    pdu::logout_request request;
    request.initiator_task_tag = initiator->fresh_tag();
    request.cmd_sn = initiator->take_cmd_sn();
    initiator->send(request);
    EXPECT_EQ(initiator->receive().as<pdu::logout_response>().response, pdu::logout_outcome::closed);
    EXPECT_TRUE(initiator->is_closed());
    EXPECT_TRUE(eventually([&] { return (*target)->sessions().empty(); }));
    EXPECT_EQ((*target)->counters().logouts, 1U);
}

TEST_F(session_test, unknown_tsih_does_not_exist) {
    start();
    raw_initiator initiator((*target)->port(), {});
    auto request =
        initiator.login_request(pdu::login_stage::operational_negotiation, pdu::login_stage::full_feature_phase);
    request.tsih = static_cast<pdu::tsih>(77);
    const pdu::text_keys keys = {{"InitiatorName", "iqn.2026-01.example:raw"},
                                 {"TargetName", "iqn.2026-01.example:disk"}};
    EXPECT_EQ(initiator.login_step(request, keys).as<pdu::login_response>().status,
              pdu::login_status::session_does_not_exist);
}

TEST_F(session_test, command_window_moves_with_completed_commands_over_the_wrap) {
    auto options = plain_target();
    options.limits.command_window = 4;
    start(options);
    auto initiator = log_in();
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(initiator->run(ready).status, 0);
        EXPECT_EQ(initiator->max_cmd_sn(), initiator->next_cmd_sn().plus(3));
    }
}

TEST_F(session_test, command_beyond_max_cmd_sn_is_ignored_and_named) {
    violations_expected = true;
    auto options = plain_target();
    options.limits.command_window = 4;
    start(options);
    auto initiator = log_in();
    auto beyond = initiator->command(ready, 0, false, false);
    beyond.cmd_sn = beyond.cmd_sn.plus(4);
    initiator->send(beyond);
    auto good = initiator->command(ready, 0, false, false);
    good.cmd_sn = beyond.cmd_sn.plus(0xfffffffcU);
    initiator->send(good);
    EXPECT_EQ(initiator->receive().as<pdu::scsi_response>().initiator_task_tag, good.initiator_task_tag);
    EXPECT_THAT((*target)->violations().at(0), testing::HasSubstr("SCSI Command: CmdSN"));
}

TEST_F(session_test, nop_out_is_echoed_and_own_ping_is_counted_when_answered) {
    start();
    auto initiator = log_in();
    pdu::nop_out ping;
    ping.initiator_task_tag = initiator->fresh_tag();
    ping.cmd_sn = initiator->take_cmd_sn();
    const auto data = pattern(100);
    initiator->send(ping, data);
    const auto echo = initiator->receive();
    EXPECT_EQ(echo.as<pdu::nop_in>().initiator_task_tag, ping.initiator_task_tag);
    EXPECT_EQ(echo.data, data);
    (*target)->ping();
    const auto asked = initiator->receive().as<pdu::nop_in>();
    EXPECT_EQ(asked.initiator_task_tag, pdu::task_tag::reserved);
    pdu::nop_out answer;
    answer.immediate = true;
    answer.target_transfer_tag = asked.target_transfer_tag;
    answer.cmd_sn = initiator->next_cmd_sn();
    initiator->send(answer);
    EXPECT_TRUE(eventually([&] { return (*target)->counters().nop_in_answers == 1; }));
}

TEST_F(session_test, abort_task_ends_a_waiting_task_and_its_late_data_is_no_violation) {
    start();
    auto initiator = log_in({.keys = {{"ImmediateData", "No"}}});
    const auto write =
        initiator->command(std::initializer_list<std::uint8_t>{0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, 512, false, true);
    initiator->send(write);
    const auto r2t = initiator->receive().as<pdu::r2t>();
    pdu::task_management_request abort;
    abort.immediate = true;
    abort.initiator_task_tag = initiator->fresh_tag();
    abort.referenced_task_tag = write.initiator_task_tag;
    abort.cmd_sn = initiator->next_cmd_sn();
    initiator->send(abort);
    EXPECT_EQ(initiator->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::function_complete);
    pdu::data_out late;
    late.final = true;
    late.initiator_task_tag = write.initiator_task_tag;
    late.target_transfer_tag = r2t.target_transfer_tag;
    initiator->send(late, pattern(512));
    EXPECT_EQ(initiator->run(ready).status, 0);
    initiator->send(abort);
    EXPECT_EQ(initiator->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::task_does_not_exist);
}

TEST_F(session_test, logical_unit_reset_drops_tasks_of_all_sessions_and_tells_them) {
    auto options = plain_target();
    options.unit_attention = true;
    start(options);
    auto first = log_in();
    auto second = log_in({.isid = 2});
    EXPECT_EQ(first->run(ready).sense_code(), 0x062900U);
    pdu::task_management_request reset;
    reset.function = pdu::task_management_function::logical_unit_reset;
    reset.immediate = true;
    reset.initiator_task_tag = second->fresh_tag();
    reset.cmd_sn = second->next_cmd_sn();
    second->send(reset);
    EXPECT_EQ(second->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::function_complete);
    EXPECT_EQ(first->run(ready).sense_code(), 0x062903U);
}

TEST_F(session_test, cold_reset_is_answered_and_ends_all_sessions) {
    start();
    auto first = log_in();
    auto second = log_in({.isid = 2});
    pdu::task_management_request reset;
    reset.function = pdu::task_management_function::target_cold_reset;
    reset.immediate = true;
    reset.initiator_task_tag = second->fresh_tag();
    reset.cmd_sn = second->next_cmd_sn();
    second->send(reset);
    EXPECT_EQ(second->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::function_complete);
    EXPECT_TRUE(first->is_closed());
    EXPECT_TRUE(second->is_closed());
    EXPECT_TRUE(eventually([&] { return (*target)->sessions().empty(); }));
}

TEST_F(session_test, segment_length_declared_anew_holds_after_the_last_response) {
    start();
    auto initiator = log_in({.keys = {{"MaxRecvDataSegmentLength", "512"}}});
    pdu::text_request request;
    request.initiator_task_tag = initiator->fresh_tag();
    request.cmd_sn = initiator->take_cmd_sn();
    initiator->send(request, pdu::encode_text({{"MaxRecvDataSegmentLength", "1024"}}));
    const auto more = initiator->receive().as<pdu::text_response>();
    EXPECT_FALSE(more.final);
    EXPECT_EQ(initiator->run({0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0}, 1024).data_in_pdus, 2U);
    request.final = true;
    request.target_transfer_tag = more.target_transfer_tag;
    request.cmd_sn = initiator->take_cmd_sn();
    initiator->send(request);
    EXPECT_TRUE(initiator->receive().as<pdu::text_response>().final);
    EXPECT_EQ(initiator->run({0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0}, 1024).data_in_pdus, 1U);
}

TEST_F(session_test, negotiation_that_begins_anew_forgets_what_was_declared) {
    start();
    auto initiator = log_in({.keys = {{"MaxRecvDataSegmentLength", "512"}}});
    pdu::text_request request;
    request.initiator_task_tag = initiator->fresh_tag();
    request.cmd_sn = initiator->take_cmd_sn();
    initiator->send(request, pdu::encode_text({{"MaxRecvDataSegmentLength", "1024"}}));
    (void)initiator->receive().as<pdu::text_response>();
    request.final = true;  // TTT 0xffffffff: a reset (RFC 7143 §6.4)
    request.cmd_sn = initiator->take_cmd_sn();
    initiator->send(request);
    EXPECT_TRUE(initiator->receive().as<pdu::text_response>().final);
    EXPECT_EQ(initiator->run({0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0}, 1024).data_in_pdus, 2U);
}

TEST_F(session_test, text_request_in_pieces_is_answered_when_it_is_whole) {
    start();
    auto initiator = log_in();
    const auto text = pdu::encode_text({{"X-org.example.key", "1"}});
    pdu::text_request request;
    request.continued = true;
    request.initiator_task_tag = initiator->fresh_tag();
    request.cmd_sn = initiator->take_cmd_sn();
    initiator->send(request, std::span(text).first(5));
    const auto more = initiator->receive();
    EXPECT_TRUE(more.data.empty());
    request.continued = false;
    request.final = true;
    request.target_transfer_tag = more.as<pdu::text_response>().target_transfer_tag;
    request.cmd_sn = initiator->take_cmd_sn();
    initiator->send(request, std::span(text).subspan(5));
    const auto answer = initiator->receive();
    EXPECT_TRUE(answer.as<pdu::text_response>().final);
    EXPECT_EQ(pdu::find_key(pdu::parse_text(answer.data).keys, "X-org.example.key"), "NotUnderstood");
}

struct wrong_text {
    const char* name;
    pdu::text_keys keys;
    bool final, continued;
    std::uint32_t ttt;
    pdu::reject_reason reason;
};

class text_rule : public session_test, public testing::WithParamInterface<wrong_text> {};

TEST_P(text_rule, is_enforced_by_a_reject) {
    violations_expected = true;
    start();
    auto initiator = log_in();
    pdu::text_request request;
    request.final = GetParam().final;
    request.continued = GetParam().continued;
    request.target_transfer_tag = static_cast<pdu::transfer_tag>(GetParam().ttt);
    request.initiator_task_tag = initiator->fresh_tag();
    request.cmd_sn = initiator->take_cmd_sn();
    initiator->send(request, pdu::encode_text(GetParam().keys));
    EXPECT_EQ(initiator->receive().as<pdu::reject>().reason, GetParam().reason);
    EXPECT_EQ((*target)->violations().size(), 1U);
}

using enum pdu::reject_reason;
INSTANTIATE_TEST_SUITE_P(
    ,
    text_rule,
    testing::Values(
        wrong_text{"key_twice",
                   {{"X-org.example.key", "1"}, {"X-org.example.key", "2"}},
                   true,
                   false,
                   0xffffffffU,
                   protocol_error},
        wrong_text{"key_of_the_login", {{"HeaderDigest", "None"}}, true, false, 0xffffffffU, protocol_error},
        wrong_text{
            "length_out_of_range", {{"MaxRecvDataSegmentLength", "511"}}, true, false, 0xffffffffU, protocol_error},
        wrong_text{"final_and_continued", {}, true, true, 0xffffffffU, protocol_error},
        wrong_text{"unknown_ttt", {}, true, false, 9, invalid_pdu_field}),
    [](const auto& rule) { return std::string(rule.param.name); });

TEST_F(session_test, snack_is_rejected) {
    violations_expected = true;
    start();
    auto initiator = log_in();
    initiator->send(pdu::snack_request{});
    const auto answer = initiator->receive();
    EXPECT_EQ(answer.as<pdu::reject>().reason, pdu::reject_reason::snack_reject);
    EXPECT_EQ(answer.data.size(), pdu::bhs_size);
}

TEST_F(session_test, long_answer_to_send_targets_comes_in_pieces) {
    auto server = serving(plain_target());
    for (int i = 0; i < 40; ++i) {
        server.targets.push_back(plain_target());
        server.targets.back().name += std::to_string(i);
        server.targets.back().luns.clear();
    }
    start(std::move(server));
    auto initiator = log_in({.keys = {{"MaxRecvDataSegmentLength", "512"}}});
    std::vector<std::byte> all;
    pdu::text_request request;
    request.final = true;
    request.initiator_task_tag = initiator->fresh_tag();
    auto data = pdu::encode_text({{"SendTargets", "All"}});
    for (bool more = true; more;) {
        request.cmd_sn = initiator->take_cmd_sn();
        initiator->send(request, data);
        data.clear();
        const auto answer = initiator->receive();
        EXPECT_LE(answer.data.size(), 512U);
        all.insert(all.end(), answer.data.begin(), answer.data.end());
        const auto header = answer.as<pdu::text_response>();
        more = !header.final;
        request.target_transfer_tag = header.target_transfer_tag;
    }
    EXPECT_EQ(pdu::parse_text(all).keys.size(), 82U);
}

TEST_F(session_test, port_in_use_is_named) {
    start();
    auto server = serving(plain_target());
    server.port = (*target)->port();
    try {
        const running_target second(std::move(server));
        FAIL() << "two targets on one port";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::address_in_use);
        EXPECT_THAT(error.what(), testing::HasSubstr("listen on 127.0.0.1 port " + std::to_string((*target)->port())));
    }
}

TEST_F(session_test, store_and_port_survive_a_restart_of_the_target) {
    start();
    const auto data = pattern(512);
    EXPECT_EQ(log_in()->run_write({0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, data, 512).status, 0);
    auto server = serving(plain_target());
    server.store = (*target)->store();
    server.port = (*target)->port();
    (*target)->stop();
    EXPECT_TRUE((*target)->sessions().empty());
    start(std::move(server));
    EXPECT_EQ(log_in()->run({0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0}, 512).data, data);
}

}  // namespace
}  // namespace persiscsi::target::test
