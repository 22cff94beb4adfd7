// SPDX-License-Identifier: Apache-2.0
// The public API against the scripted target over real sockets.
#include "initiator/scsi/errors.hpp"
#include "tests/integration/initiator/session_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct session_over_tcp : session_fixture {};

TEST_F(session_over_tcp, discovery_names_every_target_and_portal) {
    target::target_options second = disk();
    second.name = "iqn.2026-11.org.persiscsi:other";
    server.targets.push_back(second);
    start_target();
    std::vector<discovered_target> found;
    const auto error = wait([&](auto then) {
        async_discover(io.get_executor(),
                       options(),
                       story,
                       [&, then](error_code failed, std::vector<discovered_target> targets) mutable {
                           found = std::move(targets);
                           then(failed);
                       });
    });
    ASSERT_FALSE(error) << story;
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name, target_name);
    ASSERT_EQ(found[0].portals.size(), 1U);
    EXPECT_EQ(found[0].portals[0].address, (portal{"127.0.0.1", server.port}));
    EXPECT_EQ(target->counters().discoveries, 1U);
}

TEST_F(session_over_tcp, chap_proves_both_sides) {
    disk().chap = target::chap_options{
        .user = "host", .secret = secret("0123456789ab"), .mutual_user = "disk", .mutual = secret("ba9876543210")};
    start_target();
    auto with = options();
    with.login.chap = chap_credentials{"host", secret("0123456789ab")};
    with.login.mutual_chap = chap_credentials{"disk", secret("ba9876543210")};
    session session(io.get_executor(), with);
    ASSERT_FALSE(log_in(session)) << story;
    EXPECT_EQ(session.agreed()->algorithm, chap_algorithm::sha3_256);
}

TEST_F(session_over_tcp, wrong_secret_is_refused_and_not_shown) {
    disk().chap =
        target::chap_options{.user = "host", .secret = secret("0123456789ab"), .mutual_user = {}, .mutual = {}};
    start_target();
    auto with = options();
    with.login.chap = chap_credentials{"host", secret("wrong-secret-1")};
    session session(io.get_executor(), with);
    EXPECT_EQ(log_in(session), make_error_code(login_errc::authentication_failure));
    EXPECT_THAT(story, HasSubstr(target_name));
    EXPECT_THAT(story, testing::Not(HasSubstr("wrong-secret")));
}

TEST_F(session_over_tcp, target_that_fails_its_half_of_mutual_chap_is_not_trusted) {
    disk().chap = target::chap_options{
        .user = "host", .secret = secret("0123456789ab"), .mutual_user = "disk", .mutual = secret("not the right one")};
    start_target();
    auto with = options();
    with.login.chap = chap_credentials{"host", secret("0123456789ab")};
    with.login.mutual_chap = chap_credentials{"disk", secret("ba9876543210")};
    session session(io.get_executor(), with);
    EXPECT_EQ(log_in(session), make_error_code(login_errc::target_failed_authentication)) << story;
}

TEST_F(session_over_tcp, unknown_target_is_named) {
    start_target();
    auto with = options();
    with.login.target_name = "iqn.2026-11.org.persiscsi:nowhere";
    session session(io.get_executor(), with);
    EXPECT_EQ(log_in(session), make_error_code(login_errc::not_found));
    EXPECT_THAT(story, HasSubstr("login to iqn.2026-11.org.persiscsi:nowhere at 127.0.0.1:"));
    EXPECT_THAT(story, HasSubstr("0x0203"));
}

TEST_F(session_over_tcp, closed_port_is_refused_at_once) {
    start_target();
    target->stop();
    session session(io.get_executor(), options());
    EXPECT_EQ(log_in(session), make_error_code(login_errc::connect_failed));
    EXPECT_THAT(story, HasSubstr("refused"));
}

TEST_F(session_over_tcp, host_name_that_does_not_exist_is_named) {
    auto with = options();
    with.portal = {"nowhere.invalid", 3260};
    session session(io.get_executor(), with);
    EXPECT_EQ(log_in(session), make_error_code(login_errc::host_not_found));
    EXPECT_THAT(story, HasSubstr("nowhere.invalid"));
}

TEST_F(session_over_tcp, ipv6_portal_is_reached) {
    boost::asio::ip::tcp::socket probe(io);
    error_code none;
    probe.open(boost::asio::ip::tcp::v6(), none);
    if (!none) probe.bind({boost::asio::ip::make_address("::1"), 0}, none);
    if (none) GTEST_SKIP() << "this machine has no IPv6 loopback: " << none.message();
    server.address = "::1";
    start_target();
    auto with = options();
    with.portal.host = "::1";
    session session(io.get_executor(), with);
    ASSERT_FALSE(log_in(session)) << story;
    EXPECT_THAT(session.endpoints()->remote, HasSubstr("[::1]:"));
}

TEST_F(session_over_tcp, errors_of_the_logical_unit_are_typed_and_told) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    std::vector<std::byte> memory(block_size);
    EXPECT_EQ(read({session, pdu::lun_id{0}}, 8192, memory), make_error_code(scsi_errc::lba_out_of_range));
    EXPECT_THAT(story, HasSubstr("read 1 blocks at LBA 8192 of LUN 0: ILLEGAL REQUEST"));
    EXPECT_EQ(read({session, pdu::lun_id{0x0007000000000000}}, 0, memory),
              make_error_code(scsi_errc::lun_not_supported));
    EXPECT_EQ(write({session, pdu::lun_id{0x0001000000000000}}, 0, memory), make_error_code(scsi_errc::data_protect));
}

TEST_F(session_over_tcp, capacity_inquiry_and_luns_are_what_the_target_has) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    logical_unit unit(session, pdu::lun_id{0});
    scsi::capacity capacity;
    wait([&](auto then) {
        unit.async_read_capacity(story, [&, then](error_code error, scsi::capacity got) mutable {
            capacity = got;
            then(error);
        });
    });
    EXPECT_EQ(capacity.blocks, 8192U);
    EXPECT_EQ(capacity.block_size, block_size);
    std::vector<pdu::lun_id> luns;
    wait([&](auto then) {
        unit.async_report_luns(story, [&, then](error_code error, std::vector<pdu::lun_id> got) mutable {
            luns = std::move(got);
            then(error);
        });
    });
    EXPECT_EQ(luns.size(), 2U);
    EXPECT_FALSE(wait([&](auto then) { unit.async_test_unit_ready(story, then); })) << story;
    EXPECT_FALSE(wait([&](auto then) { unit.async_inquiry(story, then); })) << story;
    EXPECT_FALSE(wait([&](auto then) { unit.async_inquiry_vpd(0x83, story, then); })) << story;
    EXPECT_FALSE(wait([&](auto then) { unit.async_flush(story, then); })) << story;
    EXPECT_FALSE(wait([&](auto then) { unit.async_unmap(scsi::lba{0}, scsi::block_count{8}, story, then); })) << story;
}

TEST_F(session_over_tcp, operations_work_as_coroutines) {
    start_target();
    session session(io.get_executor(), options());
    bool done = false;
    boost::asio::co_spawn(
        io,
        [&]() -> boost::asio::awaitable<void> {
            co_await session.async_login(story, boost::asio::use_awaitable);
            logical_unit unit(session, pdu::lun_id{0});
            const auto capacity = co_await unit.async_read_capacity(story, boost::asio::use_awaitable);
            EXPECT_EQ(capacity.blocks, 8192U);
            co_await session.async_logout(story);  // the default token
        },
        [&](std::exception_ptr failed) {
            EXPECT_FALSE(failed);
            done = true;
        });
    run_until([&] { return done; });
}

TEST_F(session_over_tcp, target_that_restarts_is_logged_in_to_again_and_nothing_is_lost) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    logical_unit unit(session, pdu::lun_id{0});
    const auto written = pattern(65536);
    ASSERT_FALSE(write(unit, 0, written));
    target->stop();
    std::vector<std::byte> back(written.size());
    bool done = false;
    unit.async_read(scsi::lba{0}, block_size, back, story, [&](error_code error) {
        EXPECT_FALSE(error) << story;
        done = true;
    });
    run_until([&] { return session.state() == session_state::reconnecting; });
    start_target();
    run_until([&] { return done; });
    EXPECT_EQ(written, back);
    EXPECT_EQ(session.logins(), 2U);
    ASSERT_EQ(target->sessions().size(), 1U);
    EXPECT_EQ(target->sessions()[0].isid, 0x800000001234U);
}

TEST_F(session_over_tcp, dropped_connection_ends_in_one_session_of_the_same_isid) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    target->drop_all_connections();
    std::vector<std::byte> memory(block_size);
    ASSERT_FALSE(read({session, pdu::lun_id{0}}, 0, memory)) << story;
    EXPECT_EQ(target->sessions().size(), 1U);
    EXPECT_EQ(target->counters().reinstatements, 1U);
}

TEST_F(session_over_tcp, faults_of_the_target_cost_time_and_no_data) {
    for (const auto* script : {"on data_in(3): drop_connection",
                               "on scsi_response(2): drop_connection",
                               "on r2t(1): drop_connection",
                               "every data_in(7): flip_bit(data)",
                               "every data_in(7): flip_bit(data_digest)",
                               "every scsi_response(3): flip_bit(header)",
                               "every sent(9): flip_bit(header_digest)",
                               "on scsi_write(2): status(busy)",
                               "every scsi_read(2): status(task_set_full)",
                               "on scsi_read(2): status(check_condition,06,29,00)",
                               "on data_in(2): wrong_field(itt)",
                               "on data_in(2): wrong_field(offset)",
                               "on data_in(2): wrong_field(data_sn)",
                               "on scsi_response(2): wrong_field(stat_sn)",
                               "on r2t(1): wrong_field(offset)",
                               "on scsi_write(2): reject(2)",
                               "on scsi_command(4): async(1)",
                               "on scsi_command(4): async(2)"}) {
        SCOPED_TRACE(script);
        disk().limits.max_recv_data_segment_length = 8192;
        disk().limits.first_burst_length = 8192;
        server.port = 0;
        start_target();
        auto with = options();
        with.login.header_digest = with.login.data_digest = digest_wish::crc32c;
        with.login.wishes.max_recv_data_segment_length = 8192;
        session session(io.get_executor(), with);
        ASSERT_FALSE(log_in(session)) << story;
        target->set_script(target::parse_fault_script(script));
        logical_unit unit(session, pdu::lun_id{0});
        const bool may_fail = std::string_view(script).find("reject") != std::string_view::npos;
        for (unsigned round = 0; round < 4; ++round) {
            const auto written = pattern(32768, round + 1);
            std::vector<std::byte> back(written.size());
            const auto error = write(unit, round * 64, written);
            if (may_fail && error) continue;
            ASSERT_FALSE(error) << story;
            ASSERT_FALSE(read(unit, round * 64, back)) << story;
            const auto [ours, theirs] = std::mismatch(written.begin(), written.end(), back.begin());
            ASSERT_EQ(ours, written.end()) << "first difference at byte " << ours - written.begin();
        }
        EXPECT_GE(target->counters().faults, 1U);
        EXPECT_EQ(target->violations(), std::vector<std::string>{});
    }
}

TEST_F(session_over_tcp, data_that_the_target_leaves_out_is_an_error) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    target->set_script(target::parse_fault_script("on data_in(1): short_data(512)"));
    std::vector<std::byte> memory(4096);
    EXPECT_EQ(read({session, pdu::lun_id{0}}, 0, memory), make_error_code(protocol_errc::remote_short_data)) << story;
}

TEST_F(session_over_tcp, cancelled_read_ends_with_local_cancelled_and_the_session_goes_on) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    logical_unit unit(session, pdu::lun_id{0});
    std::vector<std::byte> memory(block_size);
    ASSERT_FALSE(read(unit, 0, memory)) << story;
    target->set_script(target::parse_fault_script("on scsi_read(1): delay(60000)"));
    boost::asio::cancellation_signal cancel;
    bool done = false;
    error_code result;
    unit.async_read(scsi::lba{0},
                    block_size,
                    memory,
                    story,
                    boost::asio::bind_cancellation_slot(cancel.slot(), [&](error_code error) {
                        result = error;
                        done = true;
                    }));
    run_until([&] { return target->counters().faults == 1; });
    cancel.emit(boost::asio::cancellation_type::terminal);
    run_until([&] { return done; });
    EXPECT_EQ(result, make_error_code(protocol_errc::local_cancelled));
    ASSERT_FALSE(read(unit, 0, memory)) << story;
    EXPECT_EQ(session.logins(), 1U);
}

TEST_F(session_over_tcp, redirected_login_ends_at_the_other_portal) {
    auto elsewhere = server;
    target::scripted_target other(io, elsewhere);
    disk().redirect = target::redirect_options{.address = "127.0.0.1:" + std::to_string(other.port())};
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    EXPECT_EQ(session.endpoints()->remote, "127.0.0.1:" + std::to_string(other.port()));
    EXPECT_EQ(other.sessions().size(), 1U);
}

TEST_F(session_over_tcp, many_commands_at_once_all_complete) {
    disk().limits.command_window = 16;
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    constexpr std::size_t count = 500;
    std::vector<std::vector<std::byte>> memory(count, std::vector<std::byte>(4096));
    std::vector<diagnostics> stories(count);
    std::size_t done = 0;
    for (std::size_t i = 0; i < count; ++i) {
        logical_unit(session, pdu::lun_id{0})
            .async_read(scsi::lba{i * 8}, block_size, memory[i], stories[i], [&, i](error_code error) {
                EXPECT_FALSE(error) << stories[i];
                ++done;
            });
    }
    run_until([&] { return done == count; });
}

TEST_F(session_over_tcp, discovery_whose_executor_ends_first_keeps_nothing) {  // LeakSanitizer is the judge
    boost::asio::ip::tcp::acceptor silent(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
    server.port = silent.local_endpoint().port();
    bool completed = false;
    {
        boost::asio::io_context short_lived;
        async_discover(
            short_lived.get_executor(), options(), story, [&](error_code, const auto&) { completed = true; });
        for (int i = 0; i < 20; ++i) short_lived.run_one_for(std::chrono::milliseconds(10));
    }
    EXPECT_FALSE(completed);
}

TEST_F(session_over_tcp, destroying_a_session_completes_what_is_outstanding) {
    start_target();
    std::vector<std::byte> memory(block_size);
    bool done = false;
    {
        session session(io.get_executor(), options());
        ASSERT_FALSE(log_in(session)) << story;
        logical_unit(session, pdu::lun_id{0})
            .async_read(scsi::lba{0}, block_size, memory, story, [&](error_code error) {
                EXPECT_EQ(error, make_error_code(protocol_errc::local_cancelled));
                done = true;
            });
    }
    run_until([&] { return done; });
}

}  // namespace
}  // namespace persiscsi::test
