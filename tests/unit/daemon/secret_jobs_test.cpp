// SPDX-License-Identifier: Apache-2.0
#include "daemon/secret_jobs.hpp"

#include "tests/unit/persistence/state_directory.hpp"

#include <gtest/gtest.h>

namespace persiscsi::daemon {
namespace {

using namespace persistence::testing;

inline_secret given(std::string_view value) {
    return {"user", secret(value)};
}

TEST(secret_jobs, put_says_whether_it_replaced) {
    const state_directory directory;
    auto table = directory.open();
    EXPECT_FALSE(put_secret(table, "one", given("first")));
    EXPECT_TRUE(put_secret(table, "one", given("second")));
    EXPECT_EQ(table.load_secret("one").value.reveal(), "second");
}

TEST(secret_jobs, a_list_names_every_user_of_a_secret) {
    const state_directory directory;
    auto table = directory.open();
    (void)table.begin_boot(boot_a);
    (void)put_secret(table, "one", given("first"));
    (void)put_secret(table, "two", given("second"));
    auto login = plain_login();
    login.chap_secret = "one";
    const auto id = add(table, login);
    change(table, [&](auto& in) { in.add_live_session({1, 2}, login, id); });
    const auto listed = list_secrets(table);
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0].used_by, (std::vector<std::string>{to_string(id), "0000000000000001-0000000000000002"}));
    EXPECT_TRUE(listed[1].used_by.empty());
}

TEST(secret_jobs, removal_refuses_those_in_use_and_does_the_others) {
    const state_directory directory;
    auto table = directory.open();
    (void)put_secret(table, "used", given("a"));
    (void)put_secret(table, "free", given("b"));
    auto login = plain_login();
    login.chap_secret = "used";
    const auto id = add(table, login);
    const auto rehearsed = remove_secrets(table, {{"used", "free", "none", "*"}, true});
    EXPECT_EQ(table.secrets().size(), 2U);
    const auto results = remove_secrets(table, {{"used", "free", "none", "*"}, false});
    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(results[0].result, "refused");
    EXPECT_NE(results[0].message.find(to_string(id)), std::string::npos) << results[0].message;
    EXPECT_EQ(results[1].result, "removed");
    EXPECT_EQ(results[2].result, "not_found");
    EXPECT_EQ(results[3].result, "not_found");
    for (std::size_t n = 0; n < results.size(); ++n) EXPECT_EQ(rehearsed[n].result, results[n].result);
    EXPECT_EQ(table.secrets().size(), 1U);
}

}  // namespace
}  // namespace persiscsi::daemon
