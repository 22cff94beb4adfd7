// SPDX-License-Identifier: Apache-2.0
#include "daemon/list_filter.hpp"

#include "daemon/api_failure.hpp"

#include <gtest/gtest.h>

namespace persiscsi::daemon {
namespace {

constexpr char session[] = "4000013700a1b2c3-0000000000000001";

class list_filter_test : public ::testing::Test {
  protected:
    list_filter_test() {
        login.target = "iqn.2024-01.org:a";
        login.portal_host = "Host";
        login.portal_port = 3260;
        login.isid = 0x800000a1b2c3;
    }

    bool passes(const query_pairs& query) {
        return parse_filter(query).lets_pass({.id = session,
                                              .login = login,
                                              .tsih = 256,
                                              .connections = {std::string(session) + ":0", std::string(session) + ":1"},
                                              .connection_count = 2});
    }

    persistence::login_record login;
};

std::string refusal_of(const query_pairs& query, bool of_connections = false) {
    try {
        if (of_connections)
            (void)parse_connection_filter(query);
        else
            (void)parse_filter(query);
    } catch (const api_failure& failure) {
        EXPECT_EQ(failure.code(), api_errc::bad_request);
        return failure.what();
    }
    return "accepted";
}

TEST_F(list_filter_test, is_or_within_and_and_between) {
    EXPECT_TRUE(passes({}));
    EXPECT_TRUE(passes({{"target", "iqn.other:b"}, {"target", "IQN.2024-01.org:A"}}));
    EXPECT_FALSE(passes({{"target", "iqn.2024-01.org"}}));
    EXPECT_FALSE(passes({{"target", "iqn.2024-01.org:*"}}));
    EXPECT_TRUE(passes({{"portal", "host"}, {"id", session}}));
    EXPECT_FALSE(passes({{"portal", "host:3261"}}));
    EXPECT_FALSE(passes({{"target", "iqn.2024-01.org:a"}, {"id", "reg-2"}}));
}

TEST_F(list_filter_test, finds_by_what_a_session_shows) {
    const std::string id = session;
    EXPECT_TRUE(passes({{"connection", id + ":1"}, {"isid", "0x800000a1b2c3"}, {"tsih", "256"}, {"connections", "2"}}));
    EXPECT_TRUE(passes({{"isid", "800000A1B2C3"}}));
    EXPECT_TRUE(passes({{"tsih", "0x0100"}}));
    EXPECT_TRUE(passes({{"tsih", "1"}, {"tsih", "256"}}));
    EXPECT_TRUE(passes({{"connection", "4000013700A1B2C3-0000000000000001:0"}}));
    EXPECT_FALSE(passes({{"connection", id + ":2"}}));
    EXPECT_FALSE(passes({{"isid", "0x800000a1b2c4"}}));
    EXPECT_FALSE(passes({{"tsih", "257"}}));
    EXPECT_FALSE(passes({{"connections", "1"}}));
    EXPECT_FALSE(passes({{"connections", "2"}, {"tsih", "257"}}));
}

TEST_F(list_filter_test, without_a_login_there_is_no_tsih) {
    EXPECT_FALSE(parse_filter({{"tsih", "1"}}).lets_pass({.id = session, .login = login}));
    EXPECT_TRUE(parse_filter({{"connections", "0"}}).lets_pass({.id = session, .login = login}));
}

TEST_F(list_filter_test, refuses_what_could_match_nothing_naming_it) {
    const std::string id = session;
    const std::pair<std::string, std::string> rows[] = {
        {"portal", "h:x"},
        {"connection", id},
        {"connection", id + ":"},
        {"connection", id + ":65536"},
        {"connection", "s1:0"},
        {"isid", "800000a1b2c"},
        {"isid", "0x"},
        {"isid", "800000a1b2cg"},
        {"isid", "-00000a1b2c3"},
        {"tsih", "0"},
        {"tsih", "65536"},
        {"tsih", "0100"},
        {"tsih", "+1"},
        {"tsih", "0x0"},
        {"tsih", ""},
        {"connections", "-1"},
        {"connections", "two"},
        {"connections", "65536"},
    };
    for (const auto& [name, value] : rows)
        EXPECT_TRUE(refusal_of({{name, value}}).starts_with("list: " + name + " \"" + value + "\" is not "))
            << name << "=" << value << ": " << refusal_of({{name, value}});
}

TEST(connection_filter, finds_by_the_ends_it_shows) {
    const auto passes = [](const query_pairs& query, std::string_view remote) {
        return parse_connection_filter(query).lets_pass(session, "iqn.2024-01.org:a", remote);
    };
    EXPECT_TRUE(passes({}, "192.0.2.7:3260"));
    EXPECT_TRUE(passes({{"address", "192.0.2.7"}}, "192.0.2.7:3261"));
    EXPECT_TRUE(passes({{"address", "192.0.2.7:3260"}, {"session", session}}, "192.0.2.7:3260"));
    EXPECT_FALSE(passes({{"address", "192.0.2.7:3260"}}, "192.0.2.7:3261"));
    EXPECT_FALSE(passes({{"address", "192.0.2.70"}}, "192.0.2.7:3260"));
    EXPECT_TRUE(passes({{"address", "0:0::1"}}, "[::1]:3260"));
    EXPECT_TRUE(passes({{"address", "[::1]"}}, "[::1]:3260"));
    EXPECT_FALSE(passes({{"address", "[::1]:3261"}}, "[::1]:3260"));
    EXPECT_TRUE(passes({{"target", "iqn.2024-01.ORG:a"}}, "192.0.2.7:3260"));
    EXPECT_FALSE(passes({{"target", "iqn.2024-01.org:b"}}, "192.0.2.7:3260"));
    EXPECT_FALSE(passes({{"session", "another"}}, "192.0.2.7:3260"));
}

TEST_F(list_filter_test, that_is_not_known_is_refused_lest_the_list_hold_too_much) {
    for (const bool of_connections : {false, true})
        EXPECT_TRUE(
            refusal_of({{"unknown", "x"}}, of_connections).starts_with("list: this daemon has no filter \"unknown\""));
}

TEST(connection_filter, refuses_what_is_no_ip_address) {
    for (const auto* value : {"", "host", "192.0.2", "192.0.2.7:", "192.0.2.7:0", "[::1", "::1]", "*"})
        EXPECT_TRUE(refusal_of({{"address", value}}, true).starts_with("list: address ")) << value;
}

}  // namespace
}  // namespace persiscsi::daemon
