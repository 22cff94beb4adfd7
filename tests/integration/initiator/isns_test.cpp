// SPDX-License-Identifier: Apache-2.0
// Discovery by iSNS against a scripted server over loopback.
#include "initiator/isns/errors.hpp"
#include "initiator/isns_discovery.hpp"
#include "tests/target/isns_server.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <optional>

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
using isns::function;
using testing::HasSubstr;

isns::ip_address v4(std::initializer_list<int> last) {
    isns::ip_address made{};
    made[10] = made[11] = std::byte{0xff};
    std::size_t at = 12;
    for (const auto byte : last) made[at++] = static_cast<std::byte>(byte);
    return made;
}

struct isns_over_tcp : testing::Test {
    boost::asio::io_context io;
    target::isns_server_options knows;
    std::unique_ptr<target::isns_server> server;
    diagnostics story;
    std::vector<discovered_target> found;
    std::chrono::milliseconds timeout = 10s;

    isns_over_tcp() {
        isns::ip_address v6{};
        v6[0] = std::byte{0xfd};
        v6[15] = std::byte{1};
        knows.targets = {{"iqn.a", {{v4({192, 0, 2, 7}), 3260, 1}, {v6, 3261, 2}}}, {"iqn.b", {}}};
    }
    isns_options options() const {
        isns_options with;
        with.server = {"127.0.0.1", server->port()};
        with.initiator_name = "iqn.2026-11.org.persiscsi:host";
        with.timeout = timeout;
        return with;
    }
    error_code discover() {
        server = std::make_unique<target::isns_server>(io, knows);
        return ask(options());
    }
    error_code ask(const isns_options& with) {
        std::optional<error_code> result;
        async_discover_by_isns(
            io.get_executor(), with, story, [&](error_code error, std::vector<discovered_target> targets) {
                result = error;
                found = std::move(targets);
            });
        const auto end = std::chrono::steady_clock::now() + 20s;
        io.restart();
        while (!result && std::chrono::steady_clock::now() < end) io.run_one_for(50ms);
        EXPECT_TRUE(result) << "nothing happens";
        return result.value_or(boost::asio::error::timed_out);
    }
    std::vector<unsigned> requested() const {
        std::vector<unsigned> functions;
        for (const auto& each : server->requests()) functions.push_back(each.function);
        return functions;
    }
};

TEST_F(isns_over_tcp, targets_and_portals_are_those_of_the_server) {
    ASSERT_FALSE(discover()) << story;
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name, "iqn.a");
    ASSERT_EQ(found[0].portals.size(), 2U);
    EXPECT_EQ(found[0].portals[0].address, (portal{"192.0.2.7", 3260}));
    EXPECT_EQ(found[0].portals[1].address, (portal{"fd00::1", 3261}));
    EXPECT_EQ(found[0].portals[1].portal_group_tag, 2);
    EXPECT_TRUE(found[1].portals.empty());
    EXPECT_EQ(requested(), (std::vector<unsigned>{2}));
}

TEST_F(isns_over_tcp, registration_is_made_where_it_is_needed_and_taken_back) {
    knows.needs_registration = true;
    ASSERT_FALSE(discover()) << story;
    EXPECT_EQ(found.size(), 2U);
    EXPECT_EQ(requested(), (std::vector<unsigned>{2, 1, 2, 4}));
    EXPECT_TRUE(server->entities().empty());
    const auto& registered = server->requests()[1].attributes;
    EXPECT_THAT(registered, testing::Contains(isns::address(isns::tag::portal_ip_address, v4({127, 0, 0, 1}))));
}

TEST_F(isns_over_tcp, answer_of_many_fragments_is_one_answer) {
    knows.targets.clear();
    for (unsigned i = 0; i < 400; ++i)
        knows.targets.push_back({"iqn.many-" + std::to_string(i), {{v4({10, 0, 0, 1}), 3260, 1}}});
    for (const std::size_t size : {isns::longest_payload, std::size_t{1020}, std::size_t{4}}) {
        knows.fragment = size;
        ASSERT_FALSE(discover()) << story;
        EXPECT_EQ(found.size(), 400U);
    }
}

TEST_F(isns_over_tcp, refusals_are_named) {
    knows.refusals[function::dev_attr_qry] = isns::status{8};
    EXPECT_EQ(discover(), make_error_code(isns_errc::refused));
    EXPECT_THAT(story, HasSubstr("iSNS discovery at 127.0.0.1:"));
    EXPECT_THAT(story, HasSubstr("query: source unauthorized (status 8)"));
    knows.refusals = {{function::dev_attr_reg, isns::status{3}}};
    knows.needs_registration = true;
    EXPECT_EQ(discover(), make_error_code(isns_errc::refused));
    EXPECT_THAT(story, HasSubstr("registration: invalid registration (status 3)"));
    EXPECT_TRUE(found.empty());
}

TEST_F(isns_over_tcp, bytes_that_are_no_isns_are_named) {
    knows.raw_answers[function::dev_attr_qry] = std::vector<std::byte>(12, std::byte{'H'});
    EXPECT_EQ(discover(), make_error_code(isns_errc::remote_bad_header));
    EXPECT_THAT(story, HasSubstr("version 18504, allowed 1"));
    isns::message answer{.function = 0x8002, .transaction = 1, .attributes = {isns::empty(isns::tag::delimiter)}};
    auto bytes = isns::encode(answer);
    bytes[23] = std::byte{4};  // the delimiter's length
    knows.raw_answers[function::dev_attr_qry] = bytes;
    EXPECT_EQ(discover(), make_error_code(isns_errc::remote_malformed_attribute)) << story;
}

TEST_F(isns_over_tcp, connection_that_ends_early_is_no_empty_answer) {
    const auto whole =
        isns::encode({.function = 0x8002, .transaction = 1, .attributes = {isns::empty(isns::tag::delimiter)}});
    for (const std::ptrdiff_t size : {0, 5, 14}) {
        knows.raw_answers[function::dev_attr_qry] = {whole.begin(), whole.begin() + size};
        EXPECT_EQ(discover(), make_error_code(isns_errc::remote_closed)) << size;
        EXPECT_THAT(story, HasSubstr("the iSNS server closed the connection"));
    }
}

TEST_F(isns_over_tcp, silent_server_ends_with_its_time) {
    knows.silent = true;
    timeout = 200ms;
    EXPECT_EQ(discover(), make_error_code(login_errc::timed_out));
    EXPECT_THAT(story, HasSubstr("no complete answer after 200 ms"));
}

TEST_F(isns_over_tcp, closed_port_is_named) {
    server = std::make_unique<target::isns_server>(io, knows);
    const auto with = options();
    server.reset();
    EXPECT_EQ(ask(with), make_error_code(login_errc::connect_failed));
}

TEST_F(isns_over_tcp, cancellation_ends_it_at_once) {
    knows.silent = true;
    server = std::make_unique<target::isns_server>(io, knows);
    boost::asio::cancellation_signal cancel;
    std::optional<error_code> result;
    async_discover_by_isns(
        io.get_executor(),
        options(),
        story,
        boost::asio::bind_cancellation_slot(cancel.slot(), [&](error_code error, const auto&) { result = error; }));
    while (server->requests().empty()) io.run_one();
    cancel.emit(boost::asio::cancellation_type::terminal);
    io.run_for(100ms);
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, make_error_code(protocol_errc::local_cancelled));
}

/// A watch, and what it has told.
struct isns_watch : isns_over_tcp {
    boost::asio::cancellation_signal stop;
    std::vector<std::vector<discovered_target>> told;
    std::optional<error_code> ended;

    void watch() {
        server = std::make_unique<target::isns_server>(io, knows);
        async_watch_isns(
            io.get_executor(),
            options(),
            story,
            [&](const std::vector<discovered_target>& targets) { told.push_back(targets); },
            boost::asio::bind_cancellation_slot(stop.slot(), [&](error_code error) { ended = error; }));
    }
    void run_until(const std::function<bool()>& done) {
        const auto end = std::chrono::steady_clock::now() + 10s;
        io.restart();
        while (!done()) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << story;
            io.run_one_for(50ms);
        }
    }
};

TEST_F(isns_watch, every_change_is_told_and_answered_until_it_ends) {
    watch();
    run_until([&] { return told.size() == 1; });
    EXPECT_EQ(told[0].size(), 2U);
    EXPECT_EQ(requested(), (std::vector<unsigned>{1, 5, 2}));
    EXPECT_EQ(server->entities().size(), 1U);
    server->change({{"iqn.c", {}}});
    run_until([&] { return told.size() == 2 && server->notification_answers().size() == 1; });
    ASSERT_EQ(told[1].size(), 1U);
    EXPECT_EQ(told[1][0].name, "iqn.c");
    const auto& answer = server->notification_answers()[0];
    EXPECT_EQ(answer.function, 0x8008);
    EXPECT_EQ(answer.transaction, 99);
    EXPECT_EQ(answer.status, isns::status::success);
    EXPECT_EQ(answer.attributes, (std::vector{isns::text(isns::tag::iscsi_name, "iqn.2026-11.org.persiscsi:host")}));
    stop.emit(boost::asio::cancellation_type::terminal);
    run_until([&] { return ended.has_value(); });
    EXPECT_FALSE(*ended) << story;
    EXPECT_EQ(requested().back(), 4U);
    EXPECT_TRUE(server->entities().empty());
}

TEST_F(isns_watch, outlives_its_time_out_while_nothing_changes) {
    timeout = 200ms;
    watch();
    run_until([&] { return told.size() == 1; });
    io.run_for(400ms);
    EXPECT_FALSE(ended);
    server->change({});
    run_until([&] { return told.size() == 2; });
    EXPECT_TRUE(told[1].empty());
}

TEST_F(isns_watch, server_that_takes_no_subscription_is_named_and_left) {
    knows.refusals[function::scn_reg] = isns::status{17};
    watch();
    run_until([&] { return ended.has_value(); });
    EXPECT_EQ(*ended, make_error_code(isns_errc::refused));
    EXPECT_THAT(story, HasSubstr("registration for notifications: SCN registration rejected (status 17)"));
    EXPECT_TRUE(server->entities().empty());
}

TEST_F(isns_watch, server_that_goes_away_ends_it) {
    watch();
    run_until([&] { return told.size() == 1; });
    server.reset();
    run_until([&] { return ended.has_value(); });
    EXPECT_EQ(*ended, make_error_code(isns_errc::remote_closed));
}

}  // namespace
}  // namespace persiscsi::test
