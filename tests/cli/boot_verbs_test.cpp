// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/daemon_verbs_case.hpp"

namespace persiscsi::cli {
namespace {

constexpr char foretold[] =
    R"({"boot":[{"id":"reg-1","kind":"registration","target":"iqn.a:x","portal":"192.0.2.7:3260","session_id":null,)"
    R"("will_log_in":true,"reason":"registered","message":null},{"id":"reg-2","kind":"registration","target":null,)"
    R"("portal":null,"session_id":null,"will_log_in":false,"reason":"damaged_row","message":"checksum\u001b"}]})";

TEST_F(daemon_verbs, boot_preview_is_a_table_with_reasons) {
    daemon_.on("GET /v1/boot/preview", {200, foretold});
    const auto result = run({"boot", "preview"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.out,
              "ID     TARGET   PORTAL          LOGS IN  REASON\n"
              "reg-1  iqn.a:x  192.0.2.7:3260  yes      registered\n"
              "reg-2  -        -               no       damaged_row: checksum\\x1b\n");
}

TEST_F(daemon_verbs, boot_preview_as_json_is_the_daemons_one_document) {
    daemon_.on("GET /v1/boot/preview", {200, foretold});
    EXPECT_EQ(boost::json::parse(run({"boot", "preview", "--json"}).out), boost::json::parse(foretold));
}

}  // namespace
}  // namespace persiscsi::cli
