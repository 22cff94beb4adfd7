// SPDX-License-Identifier: Apache-2.0
// Several connections in one session, and what becomes of them (RFC 7143 §4.2.2.1, §6.3, §11.14).
#include "tests/unit/target/target_fixture.hpp"

#include <gmock/gmock.h>

namespace persiscsi::target::test {
namespace {

constexpr std::initializer_list<std::uint8_t> ready = {0, 0, 0, 0, 0, 0};
constexpr std::initializer_list<std::uint8_t> read_1 = {0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0};
constexpr std::initializer_list<std::uint8_t> write_1 = {0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0};

class connections_test : public target_test {
  protected:
    using initiator = std::unique_ptr<raw_initiator>;

    initiator lead(pdu::text_keys keys = {{"MaxConnections", "4"}}) {
        auto made = std::make_unique<raw_initiator>((*target)->port(), raw_initiator::options{.keys = std::move(keys)});
        EXPECT_EQ(made->login().status, pdu::login_status::success);
        return made;
    }
    initiator connect(const raw_initiator& session, std::uint16_t cid, pdu::text_keys keys = {}) {
        return std::make_unique<raw_initiator>(
            (*target)->port(),
            raw_initiator::options{
                .keys = std::move(keys), .tsih = session.tsih(), .cid = cid, .numbering = session.numbering()});
    }
    initiator join(const raw_initiator& session, std::uint16_t cid, pdu::text_keys keys = {}) {
        auto made = connect(session, cid, std::move(keys));
        EXPECT_EQ(made->login().status, pdu::login_status::success);
        return made;
    }
    static pdu::logout_request logout(raw_initiator& from, pdu::logout_reason reason, std::uint16_t cid) {
        pdu::logout_request request;
        request.reason = reason;
        request.cid = static_cast<pdu::connection_id>(cid);
        request.initiator_task_tag = from.fresh_tag();
        request.cmd_sn = from.take_cmd_sn();
        return request;
    }
    static pdu::task_management_request abort_task_set(raw_initiator& from) {
        pdu::task_management_request request;
        request.function = pdu::task_management_function::abort_task_set;
        request.immediate = true;
        request.initiator_task_tag = from.fresh_tag();
        request.cmd_sn = from.next_cmd_sn();
        return request;
    }
    static pdu::logout_outcome log_out(raw_initiator& from, pdu::logout_reason reason, std::uint16_t cid) {
        from.send(logout(from, reason, cid));
        return from.receive().as<pdu::logout_response>().response;
    }
};

TEST_F(connections_test, further_connection_joins_by_tsih_and_shares_the_window) {
    start();
    auto first = lead();
    EXPECT_EQ(first->run(ready).status, 0);
    auto second = join(*first, 2);
    EXPECT_EQ(second->tsih(), first->tsih());
    EXPECT_EQ(second->run(ready).status, 0);
    EXPECT_EQ(first->run(ready).status, 0);
    EXPECT_EQ(first->max_cmd_sn(), first->next_cmd_sn().plus(127));
    EXPECT_EQ((*target)->counters().logins, 1U);
    EXPECT_EQ((*target)->counters().further_connections, 1U);
    const auto sessions = (*target)->sessions();
    ASSERT_EQ(sessions.size(), 1U);
    ASSERT_EQ(sessions[0].connections.size(), 2U);
    EXPECT_EQ(sessions[0].connections[1].cid, 2U);
}

TEST_F(connections_test, login_of_a_further_connection_tells_the_window_of_the_session) {
    start();
    auto first = lead();
    EXPECT_EQ(first->run(ready).status, 0);
    auto second = connect(*first, 2);
    const auto response = second->login();
    EXPECT_EQ(response.exp_cmd_sn, first->next_cmd_sn());
    EXPECT_EQ(response.max_cmd_sn, first->max_cmd_sn());
}

TEST_F(connections_test, digests_are_each_connections_own) {
    start();
    auto first = lead();
    auto second = join(*first, 2, {{"HeaderDigest", "CRC32C"}, {"DataDigest", "CRC32C"}});
    EXPECT_EQ(second->run(read_1, 512).data.size(), 512U);
    EXPECT_EQ(first->run(read_1, 512).data.size(), 512U);
    EXPECT_TRUE((*target)->sessions().at(0).connections.at(1).data_digest);
    EXPECT_FALSE((*target)->sessions().at(0).connections.at(0).data_digest);
}

TEST_F(connections_test, more_connections_than_agreed_are_too_many) {
    start();
    auto first = lead({{"MaxConnections", "2"}});
    auto second = join(*first, 2);
    EXPECT_EQ(connect(*first, 3)->login().status, pdu::login_status::too_many_connections);
    EXPECT_EQ(second->run(ready).status, 0);
}

TEST_F(connections_test, one_connection_is_agreed_without_the_key) {
    start();
    auto first = lead({});
    EXPECT_EQ(connect(*first, 2)->login().status, pdu::login_status::too_many_connections);
}

TEST_F(connections_test, key_of_the_leading_connection_fails_a_further_login) {
    violations_expected = true;
    start();
    auto first = lead();
    EXPECT_EQ(connect(*first, 2, {{"InitialR2T", "No"}})->login().status, pdu::login_status::initiator_error);
    EXPECT_THAT((*target)->violations().at(0), testing::HasSubstr("InitialR2T belongs to the leading connection"));
}

TEST_F(connections_test, wrong_tsih_does_not_exist) {
    start();
    auto first = lead();
    raw_initiator other((*target)->port(),
                        {.tsih = static_cast<std::uint16_t>(first->tsih() + 1), .cid = 2, .numbering = {}});
    EXPECT_EQ(other.login().status, pdu::login_status::session_does_not_exist);
}

TEST_F(connections_test, command_that_overtakes_waits_for_its_turn) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    const auto early = first->command(write_1, 512, false, true);
    const auto late = second->command(read_1, 512, true, false);
    second->send(late);
    EXPECT_EQ(first->run_nop().exp_cmd_sn, early.cmd_sn);
    first->send(early, pattern(512));
    EXPECT_EQ(first->finish(early.initiator_task_tag).status, 0);
    EXPECT_EQ(second->finish(late.initiator_task_tag).data, pattern(512));
}

TEST_F(connections_test, unsolicited_data_of_a_command_that_waits_is_kept) {
    auto options = plain_target();
    options.limits.first_burst_length = 2048;
    start(options);
    auto first = lead({{"MaxConnections", "2"}, {"InitialR2T", "No"}, {"FirstBurstLength", "2048"}});
    auto second = join(*first, 2);
    const auto data = pattern(2048);
    const auto early = first->command(ready, 0, false, false);
    auto write =
        second->command(std::initializer_list<std::uint8_t>{0x2a, 0, 0, 0, 0, 0, 0, 0, 4, 0}, 2048, false, true);
    write.final = false;
    second->send(write, std::span(data).first(512));
    pdu::data_out rest;
    rest.final = true;
    rest.initiator_task_tag = write.initiator_task_tag;
    rest.buffer_offset = 512;
    second->send(rest, std::span(data).subspan(512));
    first->send(early);
    EXPECT_EQ(first->finish(early.initiator_task_tag).status, 0);
    EXPECT_EQ(second->finish(write.initiator_task_tag).status, 0);
    EXPECT_EQ(first->run({0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0}, 2048).data, data);
}

TEST_F(connections_test, number_used_twice_is_ignored) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    const auto early = first->command(ready, 0, false, false);
    const auto late = second->command(ready, 0, false, false);
    second->send(late);
    auto again = late;
    again.initiator_task_tag = second->fresh_tag();
    second->send(again);
    (void)second->run_nop();
    first->send(early);
    EXPECT_EQ(first->finish(early.initiator_task_tag).status, 0);
    EXPECT_EQ(second->finish(late.initiator_task_tag).status, 0);
    EXPECT_EQ(second->run(ready).status, 0);
    violations_expected = true;
    EXPECT_EQ((*target)->violations().size(), 1U);
}

TEST_F(connections_test, abort_of_a_command_that_never_came_fills_its_place) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    const auto lost = first->command(ready, 0, false, false);
    const auto late = second->command(ready, 0, false, false);
    second->send(late);
    pdu::task_management_request abort;
    abort.immediate = true;
    abort.initiator_task_tag = first->fresh_tag();
    abort.referenced_task_tag = lost.initiator_task_tag;
    abort.ref_cmd_sn = lost.cmd_sn;
    abort.cmd_sn = first->next_cmd_sn();
    first->send(abort);
    EXPECT_EQ(first->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::function_complete);
    EXPECT_EQ(second->finish(late.initiator_task_tag).status, 0);
}

TEST_F(connections_test, session_goes_on_without_a_connection_that_broke_off) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    const auto lost = second->command(ready, 0, false, false);
    second.reset();
    ASSERT_TRUE(eventually([&] { return (*target)->sessions().at(0).connections.size() == 1; }));
    auto again = lost;  // its number was never received
    again.initiator_task_tag = first->fresh_tag();
    first->send(again);
    EXPECT_EQ(first->finish(again.initiator_task_tag).status, 0);
    EXPECT_EQ(first->run(ready).status, 0);
    EXPECT_EQ((*target)->counters().reinstatements, 0U);
}

TEST_F(connections_test, command_that_waited_on_a_lost_connection_never_came) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    const auto early = first->command(ready, 0, false, false);
    const auto lost = second->command(ready, 0, false, false);
    second->send(lost);
    (void)second->run_nop();
    second.reset();
    ASSERT_TRUE(eventually([&] { return (*target)->sessions().at(0).connections.size() == 1; }));
    first->send(early);
    EXPECT_EQ(first->finish(early.initiator_task_tag).status, 0);
    EXPECT_EQ(first->run_nop().exp_cmd_sn, lost.cmd_sn);
}

TEST_F(connections_test, same_cid_reinstates_the_connection) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    auto again = join(*first, 2);
    EXPECT_TRUE(second->is_closed());
    EXPECT_EQ(again->run(ready).status, 0);
    EXPECT_EQ(first->run(ready).status, 0);
    EXPECT_EQ((*target)->counters().connection_reinstatements, 1U);
    EXPECT_EQ((*target)->counters().reinstatements, 0U);
}

TEST_F(connections_test, session_without_a_connection_is_continued) {
    start();
    auto first = lead();
    EXPECT_EQ(first->run(ready).status, 0);
    raw_initiator::options as_before{.tsih = first->tsih(), .numbering = first->numbering()};
    first.reset();
    ASSERT_TRUE(eventually([&] { return !(*target)->sessions().at(0).connected; }));
    raw_initiator again((*target)->port(), as_before);
    EXPECT_EQ(again.login().status, pdu::login_status::success);
    EXPECT_EQ(again.run(ready).status, 0);
    EXPECT_EQ((*target)->counters().connection_reinstatements, 1U);
    EXPECT_EQ((*target)->counters().reinstatements, 0U);
}

TEST_F(connections_test, logout_closes_one_connection_by_its_cid) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    EXPECT_EQ(log_out(*first, pdu::logout_reason::close_connection, 2), pdu::logout_outcome::closed);
    EXPECT_TRUE(second->is_closed());
    EXPECT_EQ(log_out(*first, pdu::logout_reason::close_connection, 2), pdu::logout_outcome::cid_not_found);
    auto third = join(*first, 2);
    EXPECT_EQ(log_out(*third, pdu::logout_reason::close_connection, 2), pdu::logout_outcome::closed);
    EXPECT_TRUE(third->is_closed());
    EXPECT_EQ(first->run(ready).status, 0);
    EXPECT_EQ((*target)->counters().connection_reinstatements, 0U);
}

TEST_F(connections_test, logout_cleans_up_a_connection_that_broke_off) {
    start();
    auto first = lead();
    join(*first, 2).reset();
    ASSERT_TRUE(eventually([&] { return (*target)->sessions().at(0).connections.size() == 1; }));
    EXPECT_EQ(log_out(*first, pdu::logout_reason::remove_connection_for_recovery, 2),
              pdu::logout_outcome::recovery_not_supported);
    EXPECT_EQ(log_out(*first, pdu::logout_reason::close_connection, 2), pdu::logout_outcome::closed);
    EXPECT_EQ(log_out(*first, pdu::logout_reason::close_connection, 2), pdu::logout_outcome::cid_not_found);
}

TEST_F(connections_test, logout_of_the_session_closes_all_its_connections) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    EXPECT_EQ(log_out(*first, pdu::logout_reason::close_session, 0), pdu::logout_outcome::closed);
    EXPECT_TRUE(first->is_closed());
    EXPECT_TRUE(second->is_closed());
    EXPECT_TRUE(eventually([&] { return (*target)->sessions().empty(); }));
}

TEST_F(connections_test, last_connection_logged_out_ends_the_session) {
    start();
    auto first = lead();
    EXPECT_EQ(log_out(*first, pdu::logout_reason::close_connection, 1), pdu::logout_outcome::closed);
    EXPECT_TRUE(eventually([&] { return (*target)->sessions().empty(); }));
}

TEST_F(connections_test, new_session_of_the_same_isid_closes_all_connections_of_the_old_one) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    auto fresh = lead();
    EXPECT_TRUE(first->is_closed());
    EXPECT_TRUE(second->is_closed());
    EXPECT_EQ((*target)->counters().reinstatements, 1U);
    EXPECT_EQ(fresh->run(ready).status, 0);
}

TEST_F(connections_test, abort_task_set_reaches_all_connections) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    const auto waits = second->command(write_1, 512, false, true);
    second->send(waits);
    const auto r2t = second->receive().as<pdu::r2t>();
    first->send(abort_task_set(*first));
    (void)first->run_nop();  // the response waits for the data that was asked for
    pdu::data_out data;
    data.final = true;
    data.initiator_task_tag = waits.initiator_task_tag;
    data.target_transfer_tag = r2t.target_transfer_tag;
    second->send(data, pattern(256));
    EXPECT_EQ(first->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::function_complete);
    EXPECT_EQ((*target)->sessions().at(0).tasks, 0U);
}

TEST_F(connections_test, response_to_an_abort_waits_for_the_statuses_before_it) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    const auto command = second->command(ready, 0, false, false);
    second->send(command);
    (void)second->receive().as<pdu::scsi_response>();
    first->send(abort_task_set(*first));
    const auto asked = second->receive().as<pdu::nop_in>();
    (void)first->run_nop();
    pdu::nop_out answer;
    answer.immediate = true;
    answer.target_transfer_tag = asked.target_transfer_tag;
    answer.cmd_sn = second->next_cmd_sn();
    answer.exp_stat_sn = second->exp_stat_sn();
    second->send(answer);
    EXPECT_EQ(first->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::function_complete);
}

TEST_F(connections_test, abort_waits_for_commands_that_were_sent_before_it) {
    start();
    auto first = lead();
    auto second = join(*first, 2);
    const auto early = second->command(ready, 0, false, false);
    first->send(abort_task_set(*first));
    (void)first->run_nop();
    second->send(early);
    (void)second->receive();
    second->send_acknowledgement();
    EXPECT_EQ(first->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::function_complete);
}

TEST_F(connections_test, fast_abort_waits_for_no_data_and_tells_the_other_connections) {
    start();
    auto first = lead({{"MaxConnections", "2"}, {"TaskReporting", "FastAbort,ResponseFence,RFC3720"}});
    auto second = join(*first, 2);
    const auto waits = second->command(write_1, 512, false, true);
    second->send(waits);
    (void)second->receive().as<pdu::r2t>();
    first->send(abort_task_set(*first));
    const auto told = second->receive().as<pdu::async_message>();
    EXPECT_EQ(told.event, pdu::async_event::task_termination);
    EXPECT_EQ(second->receive().as<pdu::nop_in>().initiator_task_tag, pdu::task_tag::reserved);
    second->send_acknowledgement(told.stat_sn.next());
    EXPECT_EQ(first->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::function_complete);
}

TEST_F(connections_test, data_after_a_fast_abort_is_a_breach) {
    violations_expected = true;
    start();
    auto first = lead({{"TaskReporting", "FastAbort,ResponseFence,RFC3720"}});
    const auto waits = first->command(write_1, 512, false, true);
    first->send(waits);
    const auto r2t = first->receive().as<pdu::r2t>();
    first->send(abort_task_set(*first));
    EXPECT_EQ(first->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::function_complete);
    pdu::data_out data;
    data.final = true;
    data.initiator_task_tag = waits.initiator_task_tag;
    data.target_transfer_tag = r2t.target_transfer_tag;
    first->send(data, pattern(512));
    (void)first->run_nop();
    EXPECT_THAT((*target)->violations().at(0), testing::HasSubstr("was ended by FastAbort"));
}

TEST_F(connections_test, abort_on_the_wrong_connection_is_rejected) {
    violations_expected = true;
    start();
    auto first = lead();
    auto second = join(*first, 2);
    const auto waits = second->command(write_1, 512, false, true);
    second->send(waits);
    (void)second->receive().as<pdu::r2t>();
    pdu::task_management_request abort;
    abort.immediate = true;
    abort.initiator_task_tag = first->fresh_tag();
    abort.referenced_task_tag = waits.initiator_task_tag;
    abort.ref_cmd_sn = waits.cmd_sn;
    abort.cmd_sn = first->next_cmd_sn();
    first->send(abort);
    EXPECT_EQ(first->receive().as<pdu::task_management_response>().response,
              pdu::task_management_outcome::function_rejected);
    EXPECT_THAT((*target)->violations().at(0), testing::HasSubstr("allegiant to another connection"));
}

}  // namespace
}  // namespace persiscsi::target::test
