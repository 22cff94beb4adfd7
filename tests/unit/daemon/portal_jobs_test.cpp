// SPDX-License-Identifier: Apache-2.0
#include "daemon/portal_jobs.hpp"

#include "daemon/connect_jobs.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gmock/gmock.h>

namespace persiscsi::daemon {
namespace {

using namespace persistence::testing;
using ::testing::ElementsAre;

struct portal_jobs : ::testing::Test {
    state_directory directory;
    persistence::session_table table = directory.open();

    static add_portal_request at(std::string host) {
        add_portal_request made;
        made.login = plain_login();
        made.login.target.clear();
        made.login.isid = 0;
        made.login.portal_host = std::move(host);
        return made;
    }
    static std::vector<discovered_target> told(const std::vector<std::string>& names) {
        std::vector<discovered_target> all;
        for (const auto& name : names) all.push_back({name, {{{"192.0.2.9", 3260}, 1}}});
        return all;
    }
    std::string_view add(const std::string& host, const std::vector<std::string>& names = {}) {
        auto request = at(host);
        return store_portal(table, request, told(names));
    }
};

TEST_F(portal_jobs, storing_says_what_became_of_it) {
    auto request = at("h");
    EXPECT_EQ(store_portal(table, request, std::nullopt), "created");
    EXPECT_EQ(store_portal(table, request, std::nullopt), "unchanged");
    request.login.data_digest = persistence::digest_wish::crc32c;
    EXPECT_EQ(store_portal(table, request, std::nullopt), "replaced");
    request.dry_run = true;
    request.login.owner = "me";
    EXPECT_EQ(store_portal(table, request, std::nullopt), "replaced");
    EXPECT_EQ(table.portals().at(0).login.owner, "");
}

TEST_F(portal_jobs, a_replaced_secret_goes_with_its_portal) {
    auto request = at("h");
    request.chap = inline_secret{"me", secret(std::string_view("first"))};
    (void)store_portal(table, request, std::nullopt);
    auto again = at("h");
    again.chap = inline_secret{"me", secret(std::string_view("first"))};
    (void)resolve_secrets(table, again);
    EXPECT_EQ(store_portal(table, again, std::nullopt), "unchanged");
    auto other = at("h");
    other.chap = inline_secret{"me", secret(std::string_view("second"))};
    (void)resolve_secrets(table, other);
    EXPECT_EQ(store_portal(table, other, std::nullopt), "replaced");
    ASSERT_EQ(table.secrets().size(), 1U);
    EXPECT_EQ(table.load_secret(table.portals().at(0).login.chap_secret).value.reveal(), "second");
}

TEST_F(portal_jobs, a_refresh_counts_what_came_and_what_went) {
    (void)add("h", {"iqn.a", "iqn.b"});
    const auto change = record_told(table, {"h", 3260}, told({"iqn.b", "iqn.c", "iqn.d"}));
    EXPECT_EQ(change.places, 3U);
    EXPECT_EQ(change.appeared, 2U);
    EXPECT_EQ(change.gone, 1U);
    const auto view = view_discovery(table);
    EXPECT_EQ(view.places_of(view.portals.at(0)), 3U);
    EXPECT_TRUE(view.is_stale(view.places.at(0))) << "iqn.a";
    EXPECT_FALSE(view.is_stale(view.places.at(1)));
    const auto back = record_told(table, {"h", 3260}, told({"iqn.a", "iqn.b", "iqn.c", "iqn.d"}));
    EXPECT_EQ(back.appeared, 1U);
    EXPECT_EQ(back.gone, 0U);
}

TEST_F(portal_jobs, names_are_kept_in_the_case_they_are_compared_in) {
    (void)add("h", {"IQN.2024-01.Example:Disk"});
    EXPECT_EQ(table.places().at(0).place.target, "iqn.2024-01.example:disk");
    EXPECT_TRUE(place_to_connect(view_discovery(table), "iqn.2024-01.EXAMPLE:disk"));
}

TEST_F(portal_jobs, the_place_to_connect_is_one_that_is_told_of_still) {
    auto old_portal = at("old");
    (void)store_portal(table, old_portal, std::vector<discovered_target>{{"iqn.a", {{{"192.0.2.1", 3260}, 1}}}});
    (void)record_told(table, {"old", 3260}, {});
    EXPECT_EQ(place_to_connect(view_discovery(table), "iqn.a"), (portal_address{"192.0.2.1", 3260}))
        << "stale is better than none";
    auto new_portal = at("new");
    (void)store_portal(table, new_portal, std::vector<discovered_target>{{"iqn.a", {{{"192.0.2.2", 3261}, 2}}}});
    EXPECT_EQ(place_to_connect(view_discovery(table), "iqn.a"), (portal_address{"192.0.2.2", 3261}));
    EXPECT_EQ(place_to_connect(view_discovery(table), "iqn.b"), std::nullopt);
}

TEST_F(portal_jobs, removing_names_sessions_and_registrations_over_the_portal) {
    (void)table.begin_boot(boot_a);
    (void)add("h");
    (void)add("other");
    auto login = plain_login();
    login.portal_host = "H";
    const auto id = persistence::testing::add(table, login);
    change(table, [&](auto& in) { in.add_live_session({1, 2}, login, id); });
    login.portal_port = 3261;
    (void)persistence::testing::add(table, login);
    const auto items = remove_portals(table, {{"h:3260", "h:3260", "nonsense here", "*"}, false, false});
    ASSERT_EQ(items.size(), 4U);
    EXPECT_EQ(items[0].result, "removed");
    EXPECT_THAT(items[0].sessions, ElementsAre("0000000000000001-0000000000000002"));
    EXPECT_THAT(items[0].registrations, ElementsAre(to_string(id)));
    for (std::size_t n = 1; n < 4; ++n) EXPECT_EQ(items[n].result, "not_found") << n;
    ASSERT_EQ(table.portals().size(), 1U);
    EXPECT_EQ(table.portals()[0].login.portal_host, "other");
    EXPECT_EQ(remove_portals(table, {{}, true, true}).size(), 1U);
    EXPECT_EQ(table.portals().size(), 1U) << "a rehearsal";
    EXPECT_EQ(remove_portals(table, {{}, true, false}).size(), 1U);
    EXPECT_TRUE(table.portals().empty());
}

}  // namespace
}  // namespace persiscsi::daemon
