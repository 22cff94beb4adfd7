// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/discovery.hpp"
#include "initiator/logical_unit.hpp"
#include "initiator/session.hpp"
#include "tests/target/scripted_target.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace persiscsi::test {

inline constexpr auto target_name = "iqn.2026-11.org.persiscsi:disk";
inline constexpr std::uint32_t block_size = 512;

/// A scripted target and sessions with it over loopback TCP, all on one thread: the test's.
struct session_fixture : testing::Test {
    boost::asio::io_context io;
    target::server_options server;
    std::unique_ptr<target::scripted_target> target;
    diagnostics story;

    session_fixture() {
        target::target_options disk;
        disk.name = target_name;
        disk.luns = {{.lun = 0, .blocks = 8192, .serial = {}},
                     {.lun = 1, .blocks = 64, .read_only = true, .serial = {}}};
        server.targets = {disk};
    }
    target::target_options& disk() { return server.targets.front(); }

    void start_target() {
        target = std::make_unique<target::scripted_target>(io, server);
        server.port = target->port();
        server.store = target->store();
    }
    session_options options() const {
        session_options with;
        with.login.initiator_name = "iqn.2026-11.org.persiscsi:host";
        with.login.target_name = target_name;
        with.login.isid = pdu::isid{0x800000001234};
        with.portal = {"127.0.0.1", server.port};
        with.backoff_first = std::chrono::milliseconds(10);
        return with;
    }

    /// Runs the loop until `done`; fails the test where that takes longer than ten seconds.
    void run_until(const std::function<bool()>& done) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        io.restart();
        while (!done()) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << "nothing happens; last story: " << story;
            io.run_one_for(std::chrono::milliseconds(50));
        }
    }
    /// Starts an operation that completes as void(error_code, Results...) and runs the loop until it has.
    template <class Start>
    error_code wait(Start start) {
        bool done = false;
        error_code result = boost::asio::error::timed_out;  // kept where run_until gives up
        start([&](error_code error, const auto&...) {
            result = error;
            done = true;
        });
        run_until([&] { return done; });
        return result;
    }
    error_code log_in(session& session) {
        return wait([&](auto then) { session.async_login(story, then); });
    }
    error_code log_out(session& session) {
        return wait([&](auto then) { session.async_logout(story, then); });
    }
    error_code write(logical_unit unit, std::uint64_t first, std::span<const std::byte> from) {
        return wait([&](auto then) { unit.async_write(scsi::lba{first}, block_size, from, false, story, then); });
    }
    error_code read(logical_unit unit, std::uint64_t first, std::span<std::byte> into) {
        return wait([&](auto then) { unit.async_read(scsi::lba{first}, block_size, into, story, then); });
    }

    static std::vector<std::byte> pattern(std::size_t size, unsigned seed = 1) {
        std::vector<std::byte> bytes(size);
        for (auto& byte : bytes) byte = static_cast<std::byte>((seed = seed * 1103515245U + 12345U) >> 16U);
        return bytes;
    }
    void TearDown() override {
        if (target) {
            EXPECT_EQ(target->violations(), std::vector<std::string>{});
        }
    }
};

}  // namespace persiscsi::test
