// SPDX-License-Identifier: Apache-2.0
// One byte stream over loopback: what its observer is told, and that it is told nothing after close().
#include "initiator/net/transport.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
using tcp = boost::asio::ip::tcp;
using testing::HasSubstr;

struct listener final : transport_observer {
    int ups = 0;
    int readables = 0;
    int writables = 0;
    std::vector<failure> losses;

    void on_transport_up(transport&) override { ++ups; }
    void on_transport_lost(transport&, failure why) override { losses.push_back(std::move(why)); }
    void on_transport_readable(transport&) override { ++readables; }
    void on_transport_writable(transport&) override { ++writables; }
    [[nodiscard]] int calls() const { return ups + readables + writables + static_cast<int>(losses.size()); }
};

struct transport_over_tcp : testing::Test {
    boost::asio::io_context io;
    tcp::acceptor acceptor{io, {boost::asio::ip::address_v4::loopback(), 0}};
    tcp::socket peer{io};
    std::shared_ptr<listener> heard = std::make_shared<listener>();
    std::shared_ptr<transport> stream;

    void open(const std::string& host = "127.0.0.1", const std::string& from = {}) {
        stream = transport::open(io.get_executor(), {{host, acceptor.local_endpoint().port()}, from, {}}, heard);
    }
    void run_until(const std::function<bool()>& done) {
        const auto end = std::chrono::steady_clock::now() + 10s;
        io.restart();
        while (!done()) {
            ASSERT_LT(std::chrono::steady_clock::now(), end);
            io.run_one_for(50ms);
        }
    }
    void connect() {
        bool accepted = false;
        acceptor.async_accept(peer, [&](error_code error) { accepted = !error; });
        open();
        run_until([&] { return accepted && heard->ups == 1; });
    }
    std::string read() {
        std::array<std::byte, 3> first{};
        std::array<std::byte, 61> second{};
        const auto got = stream->read_some({first, second});
        if (got.lost) return "lost: " + got.lost.detail;
        std::string text(64, '\0');
        std::memcpy(text.data(), first.data(), first.size());
        std::memcpy(text.data() + 3, second.data(), second.size());
        return text.substr(0, got.bytes);
    }
};

TEST_F(transport_over_tcp, what_the_peer_sends_fills_both_buffers) {
    connect();
    EXPECT_EQ(read(), "");
    stream->wait_readable();
    boost::asio::write(peer, boost::asio::buffer("0123456789", 10));
    run_until([&] { return heard->readables == 1; });
    EXPECT_EQ(read(), "0123456789");
    peer.close();
    stream->wait_readable();
    run_until([&] { return heard->readables == 2; });
    EXPECT_EQ(read(), "lost: ");
}

TEST_F(transport_over_tcp, what_does_not_fit_waits_until_the_peer_has_read) {
    connect();
    const std::vector<std::byte> memory(1 << 20);
    std::size_t sent = 0;
    const std::array pieces{std::span<const std::byte>(memory), std::span<const std::byte>(memory)};
    while (true) {
        const auto moved = stream->write_some(pieces);
        ASSERT_FALSE(moved.lost);
        if (moved.would_block()) break;
        sent += moved.bytes;
    }
    stream->wait_writable();
    peer.non_blocking(true);
    std::vector<std::byte> into(1 << 20);
    std::size_t received = 0;
    run_until([&] {
        error_code error;
        received += peer.read_some(boost::asio::buffer(into), error);
        return heard->writables == 1 && received == sent;
    });
    EXPECT_FALSE(stream->write_some(pieces).would_block());
}

TEST_F(transport_over_tcp, both_ends_are_known_while_it_is_up) {
    open();
    EXPECT_FALSE(stream->endpoints());
    run_until([&] { return heard->ups == 1; });
    EXPECT_EQ(stream->endpoints()->remote, "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()));
    stream->close();
    EXPECT_FALSE(stream->endpoints());
}

TEST_F(transport_over_tcp, closed_at_any_moment_it_says_no_more) {
    open();
    stream->close();
    io.run_for(50ms);
    EXPECT_EQ(heard->calls(), 0);
    connect();
    stream->wait_readable();
    stream->wait_writable();
    stream->close();
    stream->close();
    peer.close();
    io.restart();
    io.run_for(50ms);
    EXPECT_EQ(heard->calls(), 1) << "only that it was up";
}

TEST_F(transport_over_tcp, failures_name_their_cause) {
    open("nowhere.invalid");
    run_until([&] { return heard->losses.size() == 1; });
    EXPECT_EQ(heard->losses[0].code, login_errc::host_not_found);
    EXPECT_THAT(heard->losses[0].detail, HasSubstr("nowhere.invalid"));
    open("127.0.0.1", "192.0.2.1");  // an address that is not ours
    run_until([&] { return heard->losses.size() == 2; });
    EXPECT_EQ(heard->losses[1].code, login_errc::connect_failed);
    EXPECT_THAT(heard->losses[1].detail, HasSubstr("assign"));
}

TEST_F(transport_over_tcp, observer_lives_as_long_as_something_is_outstanding) {
    connect();
    stream->wait_readable();
    std::weak_ptr<listener> watched = heard;
    heard.reset();
    EXPECT_FALSE(watched.expired());
    stream->close();
    io.restart();
    io.run_for(50ms);
    EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace persiscsi::test
