// SPDX-License-Identifier: Apache-2.0
// Discovery portals, and the places that they told of.
#include "persistence/session_table.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gmock/gmock.h>

namespace persiscsi::persistence::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

login_record discovery_at(std::string host, std::uint16_t port = 3260) {
    auto login = plain_login();
    login.target.clear();
    login.isid = 0;
    login.portal_host = std::move(host);
    login.portal_port = port;
    return login;
}

struct portals : ::testing::Test {
    state_directory directory;
    session_table table = directory.open();

    bool put_portal(const login_record& discovery) {
        bool fresh = false;
        change(table, [&](transaction& tx) { fresh = tx.put_portal(discovery); });
        return fresh;
    }
    void answer(std::string_view host, std::uint16_t port, const std::vector<target_place>& told) {
        change(table, [&](transaction& tx) { tx.record_answer(host, port, told); });
    }
    std::vector<std::string> targets() const {
        std::vector<std::string> names;
        for (const auto& one : table.places()) names.push_back(one.place.target);
        return names;
    }
    void reopen() {
        { const auto closed = std::move(table); }
        table = directory.open();
    }
};

TEST_F(portals, come_back_whole_after_reopening_with_what_they_told) {
    put(table, "mine \"'", "me", "my secret value");
    put(table, std::string("th\0eirs", 7), "they", "their secret value");
    auto discovery = hostile_login();
    discovery.target.clear();
    discovery.chap_secret = "mine \"'";
    discovery.mutual_secret = std::string("th\0eirs", 7);
    EXPECT_TRUE(put_portal(discovery));
    const target_place place{"iqn.2024-01.example:\"'\xff", "2001:db8::7", 65535, 65535};
    answer(discovery.portal_host, discovery.portal_port, {place});
    const auto before = table.portals();
    const auto places = table.places();
    ASSERT_EQ(before.size(), 1U);
    EXPECT_EQ(before[0].login, discovery);
    EXPECT_EQ(before[0].last_error, "");
    ASSERT_EQ(places.size(), 1U);
    EXPECT_EQ(places[0].place, place);
    EXPECT_EQ(places[0].first_seen, places[0].last_seen);
    EXPECT_EQ(places[0].last_seen, before[0].answered_at);
    reopen();
    EXPECT_EQ(table.portals(), before);
    EXPECT_EQ(table.places(), places);
    EXPECT_TRUE(table.damaged_rows().empty());
}

TEST_F(portals, that_are_stored_again_get_the_new_settings_and_keep_what_they_told) {
    EXPECT_TRUE(put_portal(discovery_at("192.0.2.7")));
    answer("192.0.2.7", 3260, {{"iqn.a", "192.0.2.7", 3260, 1}});
    auto other = discovery_at("192.0.2.7");
    other.header_digest = digest_wish::crc32c;
    EXPECT_FALSE(put_portal(other));
    ASSERT_EQ(table.portals().size(), 1U);
    EXPECT_EQ(table.portals()[0].login, other);
    EXPECT_THAT(targets(), ElementsAre("iqn.a"));
}

TEST_F(portals, that_are_removed_take_along_what_they_alone_told) {
    put_portal(discovery_at("192.0.2.7"));
    put_portal(discovery_at("192.0.2.7", 3261));
    put_portal(discovery_at("192.0.2.8"));
    answer("192.0.2.7", 3260, {{"iqn.a", "192.0.2.7", 3260, 1}, {"iqn.b", "192.0.2.7", 3260, 1}});
    answer("192.0.2.7", 3261, {{"iqn.a", "192.0.2.7", 3260, 1}});
    answer("192.0.2.8", 3260, {{"iqn.c", "192.0.2.8", 3260, 1}});
    change(table, [](transaction& tx) { EXPECT_TRUE(tx.remove_portal("192.0.2.7", 3260)); });
    EXPECT_EQ(table.portals().size(), 2U);
    EXPECT_THAT(targets(), ElementsAre("iqn.a", "iqn.c"));
    change(table, [](transaction& tx) { EXPECT_FALSE(tx.remove_portal("192.0.2.7", 3260)); });
}

TEST_F(portals, keep_a_place_that_is_told_of_no_more_as_it_was_last_seen) {
    put_portal(discovery_at("192.0.2.7"));
    answer("192.0.2.7", 3260, {{"iqn.a", "192.0.2.7", 3260, 1}, {"iqn.b", "192.0.2.7", 3260, 1}});
    const auto first = table.places();
    answer("192.0.2.7", 3260, {{"iqn.b", "192.0.2.7", 3260, 2}});
    const auto second = table.places();
    ASSERT_EQ(second.size(), 2U);
    EXPECT_EQ(second[0], first[0]);
    EXPECT_EQ(second[1].first_seen, first[1].first_seen);
    EXPECT_GT(second[1].last_seen, first[1].last_seen);
    EXPECT_EQ(second[1].place.portal_group_tag, 2);
    EXPECT_EQ(second[1].last_seen, table.portals()[0].answered_at);
}

TEST_F(portals, forget_the_oldest_of_many_places_that_are_told_of_no_more) {
    put_portal(discovery_at("192.0.2.7"));
    answer("192.0.2.7", 3260, {{"iqn.oldest", "192.0.2.7", 3260, 1}});
    std::vector<target_place> many;
    for (std::size_t n = 0; n < max_places_gone; ++n)
        many.push_back({"iqn." + std::to_string(n), "192.0.2.7", 3260, 1});
    answer("192.0.2.7", 3260, many);
    EXPECT_EQ(table.places().size(), max_places_gone + 1);
    answer("192.0.2.7", 3260, {});
    EXPECT_EQ(table.places().size(), max_places_gone);
    EXPECT_EQ(table.places()[0].place.target, "iqn.0");
}

TEST_F(portals, that_tell_the_same_place_twice_are_taken_at_their_first_word) {
    put_portal(discovery_at("192.0.2.7"));
    for (int round = 0; round < 2; ++round) {
        answer("192.0.2.7", 3260, {{"iqn.a", "192.0.2.7", 3260, 1}, {"iqn.a", "192.0.2.7", 3260, 2}});
        ASSERT_EQ(table.places().size(), 1U);
        EXPECT_EQ(table.places()[0].place.portal_group_tag, 1);
    }
}

TEST_F(portals, that_did_not_answer_say_why_until_they_do) {
    put_portal(discovery_at("192.0.2.7"));
    answer("192.0.2.7", 3260, {{"iqn.a", "192.0.2.7", 3260, 1}});
    const auto answered = table.portals()[0].answered_at;
    change(table, [](transaction& tx) { EXPECT_TRUE(tx.record_silence("192.0.2.7", 3260, "refused")); });
    EXPECT_EQ(table.portals()[0].last_error, "refused");
    EXPECT_EQ(table.portals()[0].answered_at, answered);
    EXPECT_THAT(targets(), ElementsAre("iqn.a"));
    answer("192.0.2.7", 3260, {});
    EXPECT_EQ(table.portals()[0].last_error, "");
    change(table, [](transaction& tx) { EXPECT_FALSE(tx.record_silence("192.0.2.9", 3260, "refused")); });
}

TEST_F(portals, are_refused_where_they_could_not_be_read_back) {
    const auto code_of = [&](const std::function<void(transaction&)>& work) {
        return error_of([&] { change(table, work); }).errc();
    };
    EXPECT_EQ(code_of([](auto& tx) { tx.put_portal(plain_login()); }), store_errc::misuse) << "it has a target";
    EXPECT_EQ(code_of([](auto& tx) { tx.put_portal(discovery_at("")); }), store_errc::misuse);
    auto with_secret = discovery_at("192.0.2.7");
    with_secret.chap_secret = "nobody's";
    EXPECT_EQ(code_of([&](auto& tx) { tx.put_portal(with_secret); }), store_errc::not_found);
    EXPECT_EQ(code_of([](auto& tx) { tx.record_answer("192.0.2.7", 3260, {}); }), store_errc::not_found);
    put_portal(discovery_at("192.0.2.7"));
    EXPECT_EQ(code_of([](auto& tx) {
                  tx.record_answer("192.0.2.7", 3260, {{"", "192.0.2.7", 3260, 1}});
              }),
              store_errc::misuse);
    EXPECT_EQ(code_of([](auto& tx) {
                  tx.record_answer("192.0.2.7", 3260, {{"iqn.a", "192.0.2.7", 0, 1}});
              }),
              store_errc::misuse);
    const std::vector<target_place> too_many(max_places + 1, {"iqn.a", "192.0.2.7", 3260, 1});
    EXPECT_EQ(code_of([&](auto& tx) { tx.record_answer("192.0.2.7", 3260, too_many); }), store_errc::misuse);
    EXPECT_TRUE(table.places().empty());
}

TEST_F(portals, hold_on_to_the_secret_that_they_use) {
    put(table, "array", "me", "my secret value");
    auto discovery = discovery_at("192.0.2.7");
    discovery.chap_secret = "array";
    put_portal(discovery);
    const auto error = error_of([&] { change(table, [](transaction& tx) { tx.remove_secret("array"); }); });
    EXPECT_EQ(error.errc(), store_errc::in_use);
    EXPECT_THAT(error.what(), HasSubstr("portal 192.0.2.7"));
}

TEST_F(portals, of_damaged_rows_are_named_and_can_be_removed_or_stored_anew) {
    put_portal(discovery_at("192.0.2.7"));
    put_portal(discovery_at("192.0.2.8"));
    answer("192.0.2.8", 3260, {{"iqn.a", "192.0.2.8", 3260, 1}, {"iqn.b", "192.0.2.8", 3260, 1}});
    { const auto closed = std::move(table); }
    directory.sql(
        "UPDATE portals SET header_digest='crc32c' WHERE portal_host='192.0.2.7';"
        "UPDATE places SET port=1 WHERE target='iqn.a'");
    table = directory.open();
    EXPECT_EQ(table.portals().size(), 1U);
    EXPECT_THAT(targets(), ElementsAre("iqn.b"));
    ASSERT_EQ(table.damaged_rows().size(), 2U);
    EXPECT_EQ(table.damaged_rows()[0].table, "portals");
    EXPECT_EQ(table.damaged_rows()[1].table, "places");
    change(table, [](transaction& tx) {
        EXPECT_TRUE(tx.remove_portal("192.0.2.7", 3260));
        EXPECT_TRUE(tx.remove_portal("192.0.2.8", 3260));
    });
    EXPECT_TRUE(table.damaged_rows().empty());
}

}  // namespace
}  // namespace persiscsi::persistence::testing
