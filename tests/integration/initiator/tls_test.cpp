// SPDX-License-Identifier: Apache-2.0
// iSCSI over TLS: the scripted target behind a relay that terminates TLS.
#include "tests/integration/initiator/session_fixture.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/target/tls_relay.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
using fault = target::tls_relay_options::fault;
using testing::HasSubstr;

struct session_over_tls : session_fixture {
    temporary_directory directory;
    certificate_authority authority{directory.path(), "authority"};
    target::tls_relay_options relay_options;
    std::unique_ptr<target::tls_relay> relay;

    session_over_tls() { show(authority.issue("target", "DNS:localhost,DNS:disk.example,IP:127.0.0.1")); }
    void show(const certificate_files& files) {
        relay_options.certificate = files.certificate;
        relay_options.key = files.key;
    }
    void start() {
        if (!target) start_target();
        relay = std::make_unique<target::tls_relay>(io, relay_options);
        relay->lead_to("127.0.0.1", server.port);
    }
    session_options options() const {
        auto with = session_fixture::options();
        if (relay) with.portal.port = relay->port();
        with.tls.enabled = true;
        with.tls.ca = authority.file();
        return with;
    }
    /// One login; the error, its story in `story`.
    error_code login(const session_options& with) {
        session session(io.get_executor(), with);
        return log_in(session);
    }
};

TEST_F(session_over_tls, sixty_four_mebibytes_come_back_as_they_were_written) {
    disk().luns[0].blocks = 131072 + 8;
    start();
    auto with = options();
    with.login.data_digest = digest_wish::crc32c;
    session session(io.get_executor(), with);
    ASSERT_FALSE(log_in(session)) << story;
    logical_unit unit(session, pdu::lun_id{0});
    const auto written = pattern(64 << 20);
    std::vector<std::byte> back(written.size());
    ASSERT_FALSE(write(unit, 8, written)) << story;
    ASSERT_FALSE(read(unit, 8, back)) << story;
    EXPECT_TRUE(written == back);
    EXPECT_EQ(relay->handshakes(), 1U);
    EXPECT_FALSE(log_out(session)) << story;
}

TEST_F(session_over_tls, many_commands_at_once_keep_their_data_apart) {
    start();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    logical_unit unit(session, pdu::lun_id{0});
    constexpr std::size_t count = 64;
    std::vector<std::vector<std::byte>> written;
    std::vector<std::vector<std::byte>> back(count, std::vector<std::byte>(65536));
    std::vector<diagnostics> stories(count);
    std::size_t done = 0;
    const auto ended = [&](error_code error) {
        EXPECT_FALSE(error);
        ++done;
    };
    for (unsigned i = 0; i < count; ++i) written.push_back(pattern(65536, i));
    for (std::size_t i = 0; i < count; ++i)
        unit.async_write(scsi::lba{i * 128}, block_size, written[i], false, stories[i], ended);
    run_until([&] { return done == count; });
    for (std::size_t i = 0; i < count; ++i) unit.async_read(scsi::lba{i * 128}, block_size, back[i], stories[i], ended);
    run_until([&] { return done == 2 * count; });
    EXPECT_TRUE(written == back);
}

TEST_F(session_over_tls, discovery_names_the_address_that_the_initiator_came_to) {
    relay_options.address = "0.0.0.0";
    server.advertised = [this](std::uint16_t inside) { return relay->portal_before(inside); };
    start();
    for (const auto* host : {"127.0.0.1", "127.0.0.2"}) {
        auto with = options();
        with.portal.host = host;
        with.tls.server_name = "127.0.0.1";
        std::vector<discovered_target> found;
        const auto error = wait([&](auto then) {
            async_discover(io.get_executor(),
                           with,
                           story,
                           [&, then](error_code failed, std::vector<discovered_target> targets) mutable {
                               found = std::move(targets);
                               then(failed);
                           });
        });
        ASSERT_FALSE(error) << story;
        ASSERT_EQ(found.size(), 1U);
        ASSERT_EQ(found[0].portals.size(), 1U);
        EXPECT_EQ(found[0].portals[0].address, (portal{host, relay->port()}));
    }
}

TEST_F(session_over_tls, tls_1_2_is_spoken_too) {
    relay_options.tls_1_2_only = true;
    start();
    EXPECT_FALSE(login(options())) << story;
}

TEST_F(session_over_tls, host_name_is_verified_and_asked_for) {
    start();
    auto with = options();
    with.portal.host = "localhost";
    EXPECT_FALSE(login(with)) << story;
    EXPECT_EQ(relay->asked_for(), "localhost");
    with.tls.server_name = "disk.example";
    EXPECT_FALSE(login(with)) << story;
    EXPECT_EQ(relay->asked_for(), "disk.example");
    with.tls.server_name = "127.0.0.1";
    EXPECT_FALSE(login(with)) << story;
    EXPECT_EQ(relay->asked_for(), "") << "SNI carries no addresses";
}

TEST_F(session_over_tls, wrong_name_is_refused_unless_nothing_is_verified) {
    start();
    auto with = options();
    with.tls.server_name = "other.example";
    EXPECT_EQ(login(with), make_error_code(login_errc::tls_name_mismatch)) << story;
    EXPECT_THAT(story, HasSubstr("login to iqn.2026-11.org.persiscsi:disk at 127.0.0.1:"));
    EXPECT_THAT(story, HasSubstr("hostname mismatch"));
    with.tls.server_name = "127.0.0.2";
    EXPECT_EQ(login(with), make_error_code(login_errc::tls_name_mismatch)) << story;
    EXPECT_EQ(target->counters().connections, 0U) << "nothing of iSCSI was said";
    with.tls.verify = false;
    EXPECT_FALSE(login(with)) << story;
}

TEST_F(session_over_tls, common_name_alone_is_no_name) {
    show(authority.issue("localhost", ""));
    start();
    auto with = options();
    with.portal.host = "localhost";
    EXPECT_EQ(login(with), make_error_code(login_errc::tls_name_mismatch)) << story;
}

TEST_F(session_over_tls, unknown_authority_is_refused) {
    const certificate_authority stranger(directory.path(), "stranger");
    start();
    auto with = options();
    with.tls.ca = stranger.file();
    EXPECT_EQ(login(with), make_error_code(login_errc::tls_certificate_untrusted)) << story;
    EXPECT_THAT(story, HasSubstr("unable to get local issuer certificate"));
    with.tls.ca.clear();
    EXPECT_EQ(login(with), make_error_code(login_errc::tls_certificate_untrusted)) << "the system does not know it";
}

TEST_F(session_over_tls, expired_certificate_is_refused) {
    show(authority.issue("target", "IP:127.0.0.1", -48h, -1h));
    start();
    EXPECT_EQ(login(options()), make_error_code(login_errc::tls_certificate_expired)) << story;
    EXPECT_THAT(story, HasSubstr("certificate has expired"));
    show(authority.issue("target", "IP:127.0.0.1", 1h, 48h));
    start();
    EXPECT_EQ(login(options()), make_error_code(login_errc::tls_certificate_expired)) << story;
    EXPECT_THAT(story, HasSubstr("not yet valid"));
}

TEST_F(session_over_tls, client_certificate_is_shown_where_it_is_demanded) {
    relay_options.client_ca = authority.file();
    const auto ours = authority.issue("initiator", "");
    for (const bool old : {false, true}) {
        relay_options.tls_1_2_only = old;
        start();
        auto with = options();
        const auto refused = login(with);
        EXPECT_EQ(refused, make_error_code(old ? login_errc::tls_refused : login_errc::tls_client_certificate_refused))
            << story;
        with.tls.certificate = ours.certificate;
        with.tls.key = ours.key;
        EXPECT_FALSE(login(with)) << story;
    }
}

TEST_F(session_over_tls, client_certificate_of_a_stranger_is_refused) {
    certificate_authority stranger(directory.path(), "stranger");
    const auto theirs = stranger.issue("initiator", "");
    relay_options.client_ca = authority.file();
    start();
    auto with = options();
    with.tls.certificate = theirs.certificate;
    with.tls.key = theirs.key;
    EXPECT_EQ(login(with), make_error_code(login_errc::tls_client_certificate_refused)) << story;
}

TEST_F(session_over_tls, target_that_hangs_up_in_the_handshake_is_named) {
    relay_options.wrong = fault::hang_up;
    start();
    EXPECT_EQ(login(options()), make_error_code(login_errc::tls_handshake_failed));
    EXPECT_THAT(story, HasSubstr("TLS"));
}

TEST_F(session_over_tls, handshake_that_never_answers_ends_with_its_time) {
    relay_options.wrong = fault::silent;
    start();
    auto with = options();
    with.connect_timeout = 200ms;
    EXPECT_EQ(login(with), make_error_code(login_errc::timed_out));
    EXPECT_THAT(story, HasSubstr("TLS"));
    with.connect_timeout = 10s;
    with.login_timeout = 200ms;
    EXPECT_EQ(login(with), make_error_code(login_errc::timed_out));
}

/// A peer that answers a ClientHello with bytes that are no TLS.
TEST_F(session_over_tls, peer_without_tls_is_named) {
    using tcp = boost::asio::ip::tcp;
    tcp::acceptor plain(io, {boost::asio::ip::address_v4::loopback(), 0});
    tcp::socket peer(io);
    plain.async_accept(peer, [&](error_code) { peer.send(boost::asio::buffer("SSH-2.0-who_is_there\r\n", 22)); });
    auto with = options();
    with.portal.port = plain.local_endpoint().port();
    EXPECT_EQ(login(with), make_error_code(login_errc::tls_not_spoken)) << story;
}

TEST_F(session_over_tls, plain_target_never_gets_to_a_login) {
    start_target();
    EXPECT_TRUE(login(options()));
    EXPECT_EQ(target->counters().logins, 0U);
    EXPECT_EQ(target->violations().size(), 1U) << "a ClientHello is no Login Request";
    target.reset();
}

TEST_F(session_over_tls, stream_cut_off_without_close_notify_is_a_lost_connection) {
    relay_options.wrong = fault::truncate;
    start();
    auto with = options();
    with.recovery = fail_at_once{};
    session session(io.get_executor(), with);
    ASSERT_FALSE(log_in(session)) << story;
    std::vector<std::byte> memory(block_size);
    target->set_script(target::parse_fault_script("on scsi_command(1): drop_connection"));
    EXPECT_TRUE(read({session, pdu::lun_id{0}}, 0, memory));
    EXPECT_THAT(session.last_failure().detail, HasSubstr("without close_notify"));
}

TEST_F(session_over_tls, lost_session_is_rebuilt_over_tls) {
    start();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    target->drop_all_connections();
    std::vector<std::byte> memory(block_size);
    EXPECT_FALSE(read({session, pdu::lun_id{0}}, 0, memory)) << story;
    EXPECT_EQ(relay->handshakes(), 2U);
}

TEST_F(session_over_tls, redirection_leads_to_tls_again) {
    start();
    auto elsewhere = server;
    elsewhere.port = 0;
    elsewhere.targets[0].redirect = target::redirect_options{"127.0.0.1:" + std::to_string(relay->port()), false};
    const target::scripted_target first(io, elsewhere);
    target::tls_relay before(io, relay_options);
    before.lead_to("127.0.0.1", first.port());
    auto with = options();
    with.portal.port = before.port();
    EXPECT_FALSE(login(with)) << story;
    EXPECT_EQ(before.handshakes(), 1U);
    EXPECT_EQ(relay->handshakes(), 1U);
}

TEST_F(session_over_tls, files_that_are_no_good_are_named) {
    start();
    auto with = options();
    with.tls.ca = directory.path() / "nowhere.pem";
    EXPECT_EQ(login(with), make_error_code(login_errc::bad_option));
    EXPECT_THAT(story, HasSubstr("nowhere.pem': No such file"));
    with = options();
    with.tls.ca = directory.file("text.pem", "no certificate\n");
    EXPECT_EQ(login(with), make_error_code(login_errc::bad_option));
    EXPECT_THAT(story, HasSubstr("text.pem'"));
    with = options();
    const auto ours = authority.issue("initiator", "");
    with.tls.certificate = ours.certificate;
    EXPECT_EQ(login(with), make_error_code(login_errc::bad_option));
    EXPECT_THAT(story, HasSubstr("without its key"));
    with.tls.key = authority.issue("another", "").key;
    EXPECT_EQ(login(with), make_error_code(login_errc::bad_option));
    EXPECT_THAT(story, HasSubstr("key values mismatch"));
    with.tls.key = ours.key;
    ASSERT_EQ(::chmod(ours.key.c_str(), 0644), 0);
    EXPECT_EQ(login(with), make_error_code(login_errc::bad_option));
    EXPECT_THAT(story, HasSubstr("readable by everybody"));
}

}  // namespace
}  // namespace persiscsi::test
