// SPDX-License-Identifier: Apache-2.0
#include "daemon/names.hpp"

#include "daemon/peer.hpp"
#include "persistence/errors.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sys/stat.h>

namespace persiscsi::daemon {
namespace {

TEST(portal_address, is_read_and_written_in_all_its_forms) {
    const struct {
        std::string_view text;
        portal_address portal;
        std::string_view written;
    } rows[] = {
        {"192.0.2.7", {"192.0.2.7", 3260}, "192.0.2.7:3260"},
        {"192.0.2.7:1", {"192.0.2.7", 1}, "192.0.2.7:1"},
        {"san-1.example.org:65535", {"san-1.example.org", 65535}, "san-1.example.org:65535"},
        {"[2001:db8::7]:3261", {"2001:db8::7", 3261}, "[2001:db8::7]:3261"},
        {"[fe80::1%eth0]", {"fe80::1%eth0", 3260}, "[fe80::1%eth0]:3260"},
        {"::1", {"::1", 3260}, "[::1]:3260"},
    };
    for (const auto& row : rows) {
        const auto parsed = parse_portal_address(row.text);
        ASSERT_TRUE(parsed) << row.text;
        EXPECT_EQ(*parsed, row.portal) << row.text;
        EXPECT_EQ(to_string(*parsed), row.written);
    }
}

TEST(portal_address, anything_else_is_refused) {
    for (const auto* text : {"",
                             ":3260",
                             "host:",
                             "host:0",
                             "host:65536",
                             "host:+1",
                             "host: 1",
                             "host:1x",
                             "[::1",
                             "[::1]x",
                             "[::1]:",
                             "[]:1",
                             "[host]:1",
                             "a b:1",
                             "a/b",
                             "host:99999999999999999999",
                             "h\nost:1"})
        EXPECT_FALSE(parse_portal_address(text)) << text;
    EXPECT_FALSE(parse_portal_address(std::string(256, 'a')));
    EXPECT_TRUE(parse_portal_address(std::string(255, 'a')));
}

TEST(names, iscsi_names_are_told_from_others) {
    EXPECT_TRUE(is_iscsi_name("iqn.2024-01.org.example:disk1"));
    EXPECT_TRUE(is_iscsi_name("EUI.02004567A425678D"));
    EXPECT_TRUE(is_iscsi_name("iqn." + std::string(219, 'a')));
    EXPECT_FALSE(is_iscsi_name("iqn." + std::string(220, 'a')));
    for (const auto* text : {"", "iqn.", "iqn", "disk1", "iqn.a b", "iqn.a\nb", "iqn.\x7f"})
        EXPECT_FALSE(is_iscsi_name(text));
}

TEST(names, compare_without_regard_to_ascii_case) {
    EXPECT_TRUE(same_name("iqn.2024-01.org:Disk", "IQN.2024-01.ORG:disk"));
    EXPECT_FALSE(same_name("iqn.2024-01.org:disk1", "iqn.2024-01.org:disk"));
    EXPECT_FALSE(same_name("iqn.2024-01.org:*", "iqn.2024-01.org:d"));
}

TEST(names, automatic_secrets_are_auto_and_a_number) {
    EXPECT_TRUE(is_automatic_secret("auto-1"));
    for (const auto* text : {"auto-", "auto", "auto-1x", "Auto-1", "xauto-1"})
        EXPECT_FALSE(is_automatic_secret(text)) << text;
}

TEST(isid, has_the_random_format_and_hardly_repeats) {
    std::set<std::uint64_t> seen;
    for (int n = 0; n < 100; ++n) {
        const auto isid = random_isid();
        EXPECT_EQ(isid >> 40U, 0x80U);
        EXPECT_EQ(isid_text(isid).size(), 14U);
        seen.insert(isid);
    }
    EXPECT_EQ(seen.size(), 100U);
    EXPECT_EQ(isid_text(0x80000000000aU), "0x80000000000a");
    EXPECT_EQ(isid_text(1), "0x000000000001");
}

TEST(initiator_name, is_made_up_once_and_kept) {
    const persistence::testing::state_directory directory;
    const auto first = stored_initiator_name(directory.parent());
    EXPECT_TRUE(is_iscsi_name(first));
    EXPECT_TRUE(first.starts_with("iqn.2026-11.org.persiscsi:"));
    EXPECT_EQ(stored_initiator_name(directory.parent()), first);
}

TEST(initiator_name, a_damaged_file_is_named_and_left_alone) {
    const persistence::testing::state_directory directory;
    const auto file = directory.parent() / "initiator.name";
    for (const auto* content : {"", "\n", "not a name\n"}) {
        persistence::testing::write_content(file, content);
        const auto error = persistence::testing::error_of([&] { (void)stored_initiator_name(directory.parent()); });
        EXPECT_EQ(error.errc(), persistence::store_errc::damaged);
        EXPECT_NE(std::string(error.what()).find(file.native()), std::string::npos) << error.what();
        EXPECT_EQ(persistence::testing::content_of(file), content);
    }
}

TEST(peer_rules, root_and_the_owner_may_do_everything) {
    const peer_rules rules{1000};
    EXPECT_EQ(rules.access_of({1, 0, 0, {}}), access::operate);
    EXPECT_EQ(rules.access_of({1, 1000, 5, {}}), access::operate);
    EXPECT_EQ(rules.access_of({1, 1001, 1000, {0, 1000}}), access::none);
}

TEST(peer_rules, operators_may_do_everything_and_readers_see) {
    const peer_rules rules{1000, 77, 88};
    EXPECT_EQ(rules.access_of({1, 1001, 77, {}}), access::operate);
    EXPECT_EQ(rules.access_of({1, 1001, 5, {6, 77}}), access::operate);
    EXPECT_EQ(rules.access_of({1, 1001, 88, {}}), access::see);
    EXPECT_EQ(rules.access_of({1, 1001, 5, {6, 88}}), access::see);
    EXPECT_EQ(rules.access_of({1, 1001, 88, {77}}), access::operate);
    EXPECT_EQ(rules.access_of({1, 1001, 5, {6, 7}}), access::none);
}

}  // namespace
}  // namespace persiscsi::daemon
