// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <vector>

namespace persiscsi::target::test {
namespace {

using clock = std::chrono::steady_clock;
constexpr std::initializer_list<std::uint8_t> ready = {0, 0, 0, 0, 0, 0};
constexpr std::initializer_list<std::uint8_t> read_1 = {0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0};

class fault_test : public target_test {
  protected:
    raw_initiator& log_in(const std::string& script, pdu::text_keys keys = {}) {
        start();
        initiator = std::make_unique<raw_initiator>((*target)->port(), raw_initiator::options{.keys = std::move(keys)});
        EXPECT_EQ(initiator->login().status, pdu::login_status::success);
        (*target)->set_script(parse_fault_script(script));
        return *initiator;
    }
    pdu::nop_out ping() {
        pdu::nop_out ping;
        ping.immediate = true;
        ping.initiator_task_tag = initiator->fresh_tag();
        ping.cmd_sn = initiator->next_cmd_sn();
        return ping;
    }
    std::unique_ptr<raw_initiator> initiator;
};

TEST_F(fault_test, drop_connection_at_the_third_command) {
    log_in("on scsi_command(3): drop_connection");
    EXPECT_EQ(initiator->run(ready).status, 0);
    EXPECT_EQ(initiator->run(ready).status, 0);
    EXPECT_THROW((void)initiator->run(ready), connection_closed);
    EXPECT_EQ((*target)->counters().faults, 1U);
}

TEST_F(fault_test, drop_connection_instead_of_a_pdu_sends_what_was_queued_before) {
    log_in("on data_in(2): drop_connection");
    EXPECT_EQ(initiator->run(read_1, 512).data.size(), 512U);
    EXPECT_THROW((void)initiator->run(read_1, 512), connection_closed);
}

TEST_F(fault_test, flipped_bit_of_the_data_shows_in_the_digest) {
    log_in("on data_in(1): flip_bit(data)", {{"DataDigest", "CRC32C"}});
    EXPECT_THROW((void)initiator->run(read_1, 512), std::runtime_error);
}

TEST_F(fault_test, flipped_bit_of_the_data_is_delivered_without_a_digest) {
    log_in("on data_in(1): flip_bit(data)");
    auto expected = std::vector<std::byte>(512);
    expected[256] = std::byte{1};
    EXPECT_EQ(initiator->run(read_1, 512).data, expected);
    EXPECT_EQ(initiator->run(read_1, 512).data, std::vector<std::byte>(512));
}

TEST_F(fault_test, flipped_bit_of_each_digest_is_a_mismatch) {
    for (const std::string place : {"header_digest", "data_digest"}) {
        log_in("on data_in(1): flip_bit(" + place + ")", {{"DataDigest", "CRC32C"}, {"HeaderDigest", "CRC32C"}});
        EXPECT_THROW((void)initiator->run(read_1, 512), std::runtime_error) << place;
    }
}

TEST_F(fault_test, delayed_command_lets_others_pass) {
    log_in("on scsi_command(1): delay(100)");
    const auto begin = clock::now();
    const auto slow = initiator->command(ready, 0, false, false);
    initiator->send(slow);
    EXPECT_EQ(initiator->run(ready).status, 0);
    EXPECT_EQ(initiator->finish(slow.initiator_task_tag).status, 0);
    EXPECT_GE(clock::now() - begin, std::chrono::milliseconds(100));
}

TEST_F(fault_test, delayed_answer_holds_what_comes_after_it) {
    log_in("on nop_in(1): delay(100)");
    const auto begin = clock::now();
    const auto first = ping();
    initiator->send(first);
    initiator->send(ping());
    EXPECT_EQ(initiator->receive().as<pdu::nop_in>().initiator_task_tag, first.initiator_task_tag);
    EXPECT_GE(clock::now() - begin, std::chrono::milliseconds(100));
    (void)initiator->receive().as<pdu::nop_in>();
}

TEST_F(fault_test, ignored_command_is_never_answered_but_numbered) {
    log_in("on scsi_command(1): ignore");
    initiator->send(initiator->command(ready, 0, false, false));
    EXPECT_EQ(initiator->run(ready).status, 0);
    EXPECT_EQ((*target)->sessions().at(0).tasks, 1U);
}

TEST_F(fault_test, ignored_answer_leaves_a_gap_in_stat_sn) {
    log_in("on scsi_response(2): ignore");
    const auto first = initiator->command(ready, 0, false, false);
    initiator->send(first);
    const auto before = initiator->receive().as<pdu::scsi_response>().stat_sn;
    initiator->send(initiator->command(ready, 0, false, false));
    initiator->send(initiator->command(ready, 0, false, false));
    EXPECT_EQ(initiator->receive().as<pdu::scsi_response>().stat_sn, before.plus(2));
}

TEST_F(fault_test, statuses_end_commands_without_touching_the_medium) {
    log_in("on scsi_write(1): status(busy); on scsi_read(2): status(check_condition,03,11,04)");
    EXPECT_EQ(initiator->run_write({0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, pattern(512), 512).status, 0x08);
    EXPECT_EQ(initiator->run(read_1, 512).data, std::vector<std::byte>(512));
    const auto failed = initiator->run(read_1, 512);
    EXPECT_EQ(failed.status, 2);
    EXPECT_EQ(failed.sense_code(), 0x031104U);
    EXPECT_EQ(failed.residual, 512U);
    EXPECT_TRUE(failed.underflow);
}

TEST_F(fault_test, closed_listener_refuses_and_opens_again_on_the_same_port) {
    log_in("on scsi_command(1): close_listener(200)");
    EXPECT_EQ(initiator->run(ready).status, 0);
    EXPECT_THROW(raw_initiator((*target)->port(), {}), std::system_error);
    EXPECT_TRUE(eventually([&] {
        try {
            raw_initiator again((*target)->port(), {.isid = 5});
            return again.login().status == pdu::login_status::success;
        } catch (const std::system_error&) {
            return false;
        }
    }));
}

TEST_F(fault_test, frozen_max_cmd_sn_moves_when_the_script_ends) {
    log_in("always: freeze(max_cmd_sn)");
    (void)initiator->run(ready);
    const auto frozen = initiator->max_cmd_sn();
    (void)initiator->run(ready);
    EXPECT_EQ(initiator->max_cmd_sn(), frozen);
    (*target)->set_script({});
    (void)initiator->receive().as<pdu::nop_in>();
    EXPECT_EQ(initiator->max_cmd_sn(), frozen.plus(2));
}

TEST_F(fault_test, async_message_follows_the_pdu) {
    log_in("on scsi_command(1): async(1)");
    EXPECT_EQ(initiator->run(ready).status, 0);
    const auto message = initiator->receive().as<pdu::async_message>();
    EXPECT_EQ(message.event, pdu::async_event::logout_request);
    EXPECT_GT(message.parameter3, 0U);
}

TEST_F(fault_test, rejected_command_comes_back_as_it_was) {
    log_in("on scsi_command(1): reject(9)");
    const auto command = initiator->command(ready, 0, false, false);
    initiator->send(command);
    const auto answer = initiator->receive();
    EXPECT_EQ(answer.as<pdu::reject>().reason, pdu::reject_reason::invalid_pdu_field);
    const auto sent = pdu::encode(command);
    EXPECT_TRUE(std::equal(answer.data.begin(), answer.data.end(), sent.begin(), sent.end()));
}

TEST_F(fault_test, cmd_sn_of_a_rejected_command_is_not_received_at_any_level) {
    for (const auto* level : {"0", "1", "2"}) {
        log_in("on scsi_command(1): reject(9)", {{"ErrorRecoveryLevel", level}});
        const auto command = initiator->command(ready, 0, false, false);
        initiator->send(command);
        EXPECT_EQ(initiator->receive().as<pdu::reject>().exp_cmd_sn, command.cmd_sn) << "level " << level;
        const auto next = initiator->command(ready, 0, false, false);
        initiator->send(next);
        (void)initiator->run_nop();  // and the next command waits for it
        initiator->send(command);
        EXPECT_EQ(initiator->finish(command.initiator_task_tag).status, 0);
        EXPECT_EQ(initiator->finish(next.initiator_task_tag).status, 0);
    }
}

TEST_F(fault_test, wrong_field_is_one_off) {
    log_in("on scsi_response(1): wrong_field(itt); on data_in(1): wrong_field(offset)", {{"HeaderDigest", "CRC32C"}});
    const auto command = initiator->command(ready, 0, false, false);
    initiator->send(command);
    EXPECT_EQ(static_cast<std::uint32_t>(initiator->receive().as<pdu::scsi_response>().initiator_task_tag),
              static_cast<std::uint32_t>(command.initiator_task_tag) + 1);
    initiator->send(initiator->command(read_1, 512, true, false));
    EXPECT_EQ(initiator->receive().as<pdu::data_in>().buffer_offset, 1U);
}

TEST_F(fault_test, short_data_is_not_confessed) {
    log_in("on data_in(1): short_data(12)");
    const auto result = initiator->run(read_1, 512);
    EXPECT_EQ(result.data.size(), 500U);
    EXPECT_FALSE(result.underflow);
}

TEST_F(fault_test, asynchronous_messages_carry_what_the_script_says) {
    log_in("on scsi_command(1): async(255,1,2,3,9); on scsi_command(2): async(4); on scsi_command(3): async(0)");
    EXPECT_EQ(initiator->run(ready).status, 0);
    const auto vendor = initiator->receive().as<pdu::async_message>();
    EXPECT_EQ(vendor.event, pdu::async_event::vendor_specific);
    EXPECT_EQ(vendor.vendor_code, 9);
    EXPECT_EQ(vendor.parameter2, 2);
    EXPECT_EQ(initiator->run(ready).status, 0);
    EXPECT_GT(initiator->receive().as<pdu::async_message>().parameter3, 0);
    EXPECT_EQ(initiator->run(ready).status, 0);
    const auto scsi = initiator->receive();
    EXPECT_EQ(scsi.as<pdu::async_message>().event, pdu::async_event::scsi_event);
    EXPECT_EQ(scsi.data.size(), 20U);
}

TEST_F(fault_test, announced_drop_of_a_connection_is_done) {
    log_in("on scsi_command(1): async(2)");
    EXPECT_EQ(initiator->run(ready).status, 0);
    const auto message = initiator->receive().as<pdu::async_message>();
    EXPECT_EQ(message.event, pdu::async_event::connection_drop);
    EXPECT_EQ(message.parameter1, 1);
    EXPECT_EQ(message.parameter3, 20);
    EXPECT_TRUE(initiator->is_closed());
}

TEST_F(fault_test, step_of_one_connection_counts_that_one_only) {
    log_in("on scsi_command(2) at cid(7): drop_connection");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(initiator->run(ready).status, 0);
    raw_initiator other((*target)->port(), {.isid = 2, .cid = 7});
    EXPECT_EQ(other.login().status, pdu::login_status::success);
    EXPECT_EQ(other.run(ready).status, 0);
    EXPECT_THROW((void)other.run(ready), connection_closed);
    EXPECT_EQ(initiator->run(ready).status, 0);
}

TEST_F(fault_test, bit_flipped_on_the_way_to_the_target_lands_in_the_medium_without_a_digest) {
    log_in("on scsi_write(1): flip_bit(data)");
    EXPECT_EQ(initiator->run_write({0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, std::vector<std::byte>(512), 512).status, 0);
    EXPECT_EQ(initiator->run(read_1, 512).data.at(256), std::byte{1});
}

TEST_F(fault_test, bit_flipped_in_placed_data_lands_in_the_medium) {
    log_in("on data_out(1): flip_bit(data)", {{"ImmediateData", "No"}});
    EXPECT_EQ(initiator->run_write({0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, std::vector<std::byte>(512)).status, 0);
    EXPECT_EQ(initiator->run(read_1, 512).data.at(256), std::byte{1});
}

TEST_F(fault_test, bit_flipped_on_the_way_to_the_target_is_a_digest_error) {
    log_in("on data_out(1): flip_bit(data)",
           {{"ImmediateData", "No"}, {"DataDigest", "CRC32C"}, {"ErrorRecoveryLevel", "1"}});
    const auto command =
        initiator->command(std::array<std::uint8_t, 10>{0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, 512, false, true);
    initiator->send(command);
    const auto r2t = initiator->receive().as<pdu::r2t>();
    pdu::data_out out;
    out.final = true;
    out.initiator_task_tag = command.initiator_task_tag;
    out.target_transfer_tag = r2t.target_transfer_tag;
    initiator->send(out, pattern(512));
    EXPECT_EQ(initiator->receive().as<pdu::reject>().reason, pdu::reject_reason::data_digest_error);
    EXPECT_EQ(initiator->finish(command.initiator_task_tag, pattern(512)).status, 0);
    EXPECT_EQ(initiator->run(read_1, 512).data, pattern(512));
}

TEST_F(fault_test, bit_flipped_in_a_header_ends_the_connection_by_its_digest) {
    log_in("on scsi_command(2): flip_bit(header)", {{"HeaderDigest", "CRC32C"}});
    EXPECT_EQ(initiator->run(ready).status, 0);
    EXPECT_THROW((void)initiator->run(ready), connection_closed);
}

TEST_F(fault_test, response_to_task_management_is_the_scripts) {
    log_in("on task_management_request(1): tmf_response(6)");
    pdu::task_management_request request;
    request.immediate = true;
    request.function = pdu::task_management_function::logical_unit_reset;
    request.initiator_task_tag = initiator->fresh_tag();
    request.cmd_sn = initiator->next_cmd_sn();
    initiator->send(request);
    EXPECT_EQ(initiator->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::authorization_failed);
}

TEST_F(fault_test, flood_comes_between_the_answers) {
    log_in("on scsi_command(1): flood(nop_in,5000)");
    EXPECT_EQ(initiator->run(ready).status, 0);
    for (int i = 0; i < 5000; ++i) {
        const auto nop = initiator->receive().as<pdu::nop_in>();
        ASSERT_EQ(nop.initiator_task_tag, pdu::task_tag::reserved);
        ASSERT_NE(nop.target_transfer_tag, pdu::transfer_tag::reserved);
    }
    EXPECT_EQ(initiator->run(ready).status, 0);
}

TEST_F(fault_test, text_has_no_end_when_the_script_says_so) {
    log_in("on text_request(1): endless_text");
    pdu::text_request request;
    request.final = true;
    request.initiator_task_tag = initiator->fresh_tag();
    auto data = pdu::encode_text({{"SendTargets", ""}});
    for (int i = 0; i < 10; ++i) {
        request.cmd_sn = initiator->take_cmd_sn();
        initiator->send(request, data);
        data.clear();
        const auto got = initiator->receive();
        const auto response = got.as<pdu::text_response>();
        ASSERT_TRUE(response.continued);
        ASSERT_FALSE(response.final);
        ASSERT_FALSE(got.data.empty());
        request.target_transfer_tag = response.target_transfer_tag;
    }
}

TEST_F(fault_test, login_has_no_end_when_the_script_says_so) {
    auto server = serving(plain_target());
    server.script = parse_fault_script("on login_request(1): endless_text");
    start(std::move(server));
    raw_initiator endless((*target)->port(), {});
    for (int i = 0; i < 10; ++i) {
        const auto response =
            endless.login_step(endless.login_request(pdu::login_stage::operational_negotiation, {}), {})
                .as<pdu::login_response>();
        ASSERT_TRUE(response.continued);
        ASSERT_FALSE(response.transit);
    }
}

TEST_F(fault_test, trickled_pdu_takes_its_time_and_comes_whole) {
    log_in("on data_in(1): trickle(1)");
    const auto begin = clock::now();
    EXPECT_EQ(initiator->run(read_1, 512).data.size(), 512U);
    EXPECT_GE(clock::now() - begin, std::chrono::milliseconds(48 + 512));
}

TEST_F(fault_test, duplicate_comes_twice) {
    log_in("on nop_in(1): duplicate");
    const auto asked = ping();
    initiator->send(asked);
    EXPECT_EQ(initiator->receive().as<pdu::nop_in>().initiator_task_tag, asked.initiator_task_tag);
    EXPECT_EQ(initiator->receive().as<pdu::nop_in>().initiator_task_tag, asked.initiator_task_tag);
}

TEST_F(fault_test, later_changes_places_with_the_next) {
    log_in("on nop_in(1): later");
    const auto first = ping();
    const auto second = ping();
    initiator->send(first);
    initiator->send(second);
    EXPECT_EQ(initiator->receive().as<pdu::nop_in>().initiator_task_tag, second.initiator_task_tag);
    EXPECT_EQ(initiator->receive().as<pdu::nop_in>().initiator_task_tag, first.initiator_task_tag);
}

TEST_F(fault_test, cut_and_reset_end_the_connection) {
    for (const auto* script : {"on nop_in(1): cut", "on nop_in(1): reset", "on nop_out(1): reset"}) {
        log_in(script);
        initiator->send(ping());
        EXPECT_THROW((void)initiator->receive(), std::exception) << script;
    }
}

TEST_F(fault_test, stop_ends_a_long_delay) {
    log_in("on scsi_command(1): delay(3600000)");
    initiator->send(initiator->command(ready, 0, false, false));
    ASSERT_TRUE(eventually([&] { return (*target)->counters().faults == 1; }));
    target.reset();  // joins the thread, which ends when nothing is left to do
    EXPECT_TRUE(initiator->is_closed());
}

TEST_F(fault_test, fault_during_login_applies_too) {
    auto server = serving(plain_target());
    server.script = parse_fault_script("on login_response(1): drop_connection");
    start(std::move(server));
    raw_initiator first((*target)->port(), {});
    EXPECT_THROW(first.login(), connection_closed);
    raw_initiator second((*target)->port(), {});
    EXPECT_EQ(second.login().status, pdu::login_status::success);
}

}  // namespace
}  // namespace persiscsi::target::test
