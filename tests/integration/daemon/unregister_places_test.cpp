// SPDX-License-Identifier: Apache-2.0
// Unregister, cases 10 and 12 to 15: where the target is, is not, and what it is called.
#include "tests/integration/daemon/unregister_case.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

bool has_ipv6() {
    const int probe = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    const auto* where = static_cast<const void*>(&address);
    const bool bound = ::bind(probe, static_cast<const ::sockaddr*>(where), sizeof address) == 0;
    ::close(probe);
    return bound;
}

// Connects and registers by the command line; the session's id.
std::string connect_to(const cli::program_result& done) {
    EXPECT_EQ(done.exit, 0) << done.err;
    return done.exit == 0 ? text_of(json::parse(done.out).at("sessions").at(0), "id") : std::string();
}

TEST_F(unregister, case_10_an_orphan_is_unregistered_by_its_own_id_or_by_scope) {
    const auto one = daemon.connect(target, "disk1", true).at(0);
    const auto two = daemon.connect(target, "disk2", true).at(0);
    const auto orphan = registration_of(one);
    const auto other = registration_of(two);
    ASSERT_EQ(change({"target", "disconnect", one, two}).exit, 0);
    EXPECT_TRUE(list("registration").at(0).at("session_id").is_null());
    target.stop();  // a dead portal, too
    const auto by_id = off({orphan});
    EXPECT_EQ(by_id.exit, 0) << by_id.err;
    expect_result(by_id.only(), "unregistered", "registered", "not_registered", false);
    EXPECT_TRUE(by_id.only().at("session_id").is_null());
    const auto by_scope = change({"registration", "remove", "--orphans"});
    EXPECT_EQ(by_scope.exit, 0) << by_scope.err;
    expect_result(by_scope.only(), "unregistered", "registered", "not_registered", false);
    EXPECT_EQ(text_of(by_scope.only(), "id"), other);
    EXPECT_TRUE(registered().empty());
}

TEST_F(unregister, case_10_a_registration_of_a_target_that_was_deleted_is_unregistered) {
    const auto kept = registration_of(daemon.connect(target, "disk2", true).at(0));
    const auto deleted = registration_of(daemon.connect(target, "disk1", true).at(0));
    target.stop();
    std::erase_if(target.options().targets, [](const auto& one) { return one.name == disk1; });
    target.start();
    reboot();
    daemon.wait_until(
        [&] {
            return std::ranges::any_of(daemon.sessions(),
                                       [](const auto& one) { return one.at("last_error").is_string(); });
        },
        "the login refused");
    const auto answer = off({"--target", std::string(disk1)});
    EXPECT_EQ(answer.exit, 0) << answer.err;
    expect_result(answer.only(), "unregistered", "registered", "not_registered", false);
    EXPECT_EQ(text_of(answer.only(), "registration_id"), deleted);
    EXPECT_EQ(registered(), std::set{kept});
    EXPECT_EQ(run({"session", "wait", "--timeout", "20"}).exit, 0) << "only the other one is waited for";
}

TEST_F(unregister, case_12_of_one_target_over_two_portals_only_the_one_that_is_named_changes) {
    const running_target second;
    const auto here = daemon.connect(target, "disk1", true).at(0);
    const auto there = daemon.connect(second, "disk1", true).at(0);
    const auto left = registration_of(there);
    const auto answer = off({here});
    EXPECT_EQ(answer.exit, 0) << answer.err;
    expect_result(answer.only(), "unregistered", "registered", "not_registered", true);
    EXPECT_THAT(text_of(answer.only(), "returns_because"), HasSubstr(left));
    EXPECT_EQ(registered(), std::set{left});
    EXPECT_EQ(session(here).at("is_persistent"), json::value(false));
    EXPECT_EQ(session(there).at("is_persistent"), json::value(true));

    EXPECT_EQ(off({"--target", std::string(disk1), "--portal", target.portal()}).exit, 4);
    EXPECT_EQ(registered(), std::set{left});
    const auto rest = off({"--target", std::string(disk1), "--portal", second.portal()});
    EXPECT_EQ(rest.exit, 0) << rest.err;
    EXPECT_TRUE(rest.only().at("returns_because").is_null());
    EXPECT_TRUE(registered().empty());
}

TEST_F(unregister, case_13_of_a_target_registered_several_times_the_siblings_are_named) {
    const auto ids = daemon.connect(target, "disk1", true, 3);
    (void)daemon.connect(target, "disk2", true);
    const auto second = registration_of(ids.at(1));
    const auto third = registration_of(ids.at(2));
    const auto answer = off({ids.at(0)});
    EXPECT_EQ(answer.exit, 0) << answer.err;
    const auto reason = text_of(answer.only(), "returns_because");
    EXPECT_THAT(reason, HasSubstr(second));
    EXPECT_THAT(reason, HasSubstr(third));
    EXPECT_EQ(registered().size(), 3U);
    const auto rest = off({second, third});
    for (const auto& item : rest.results) EXPECT_TRUE(item.at("returns_because").is_null());
    EXPECT_EQ(registered().size(), 1U);
}

TEST_F(unregister, case_14_of_a_redirected_session_the_portal_that_was_asked_for_counts) {
    auto options = disks();
    options.targets[0].redirect = target::redirect_options{.address = target.portal()};
    const running_target asked(std::move(options));
    const auto id = daemon.connect(asked, "disk1", true).at(0);
    EXPECT_EQ(text_of(session(id), "remote_address"), target.portal());
    EXPECT_EQ(text_of(list("registration").at(0), "portal"), asked.portal());
    EXPECT_EQ(off({"--portal", target.portal()}).exit, 4);
    EXPECT_EQ(registered().size(), 1U);
    const auto answer = off({"--portal", asked.portal()});
    EXPECT_EQ(answer.exit, 0) << answer.err;
    expect_result(answer.only(), "unregistered", "registered", "not_registered", true);
    EXPECT_EQ(text_of(answer.only(), "session_id"), id);
    EXPECT_TRUE(registered().empty());
}

TEST_F(unregister, case_15_host_names_ports_and_the_case_of_names_are_compared_as_they_should_be) {
    const auto port = std::to_string(target.port());
    const auto id = connect_to(
        run({"target", "connect", "iscsi://localhost:" + port + "/" + std::string(disk1), "--register", "--json"}));
    EXPECT_EQ(text_of(session(id), "portal"), "localhost:" + port);
    EXPECT_EQ(off({"--portal", "127.0.0.1:" + port}).exit, 4) << "a host name is no address";
    EXPECT_EQ(off({"--portal", "localhost"}).exit, 4) << "port 3260";
    EXPECT_EQ(off({"--portal", "localhost:0"}).exit, 2);
    EXPECT_EQ(off({"--target", "iqn.2026-11.test:disk"}).exit, 4) << "exactly, not what it begins with";
    EXPECT_EQ(off({"--target", "iqn.2026-11.test:disk1 "}).exit, 4);
    EXPECT_EQ(registered().size(), 1U);
    const auto named = off({"--target", "IQN.2026-11.TEST:Disk1", "--portal", "LocalHost:" + port});
    EXPECT_EQ(named.exit, 0) << named.err;
    expect_result(named.only(), "unregistered", "registered", "not_registered", true);
    EXPECT_EQ(text_of(named.only(), "session_id"), id);
}

TEST_F(unregister, case_15_a_portal_of_ipv6_is_named_in_brackets) {
    if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
    auto options = disks();
    options.address = "::1";
    const running_target six(std::move(options));
    const auto id = connect_to(
        run({"target", "connect", "iscsi://" + six.portal() + "/" + std::string(disk1), "--register", "--json"}));
    EXPECT_EQ(off({"--portal", "[::2]:" + std::to_string(six.port())}).exit, 4);
    const auto answer = off({"--portal", six.portal()});
    EXPECT_EQ(answer.exit, 0) << answer.err;
    expect_result(answer.only(), "unregistered", "registered", "not_registered", true);
    EXPECT_EQ(text_of(answer.only(), "session_id"), id);
    EXPECT_TRUE(registered().empty());
}

}  // namespace
}  // namespace persiscsi::testing
