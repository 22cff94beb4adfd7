// SPDX-License-Identifier: Apache-2.0
// A session is with one portal group (RFC 7143 §4.4.2): what a further connection learns of the one it came to.
#include "tests/script/session_case.hpp"

#include <gmock/gmock.h>

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

session_options two_connections() {
    auto options = plain_options();
    options.login.wishes.max_connections = 2;
    return options;
}

struct portal_group : testing::Test {
    core_harness target{two_connections()};

    void SetUp() override {
        target.target_keys.push_back({"MaxConnections", "2"});
        target.log_in();
        ASSERT_EQ(target.core.connection_count(), 2U);
        target.open_transport(1);
    }
    /// The first answer to the second connection's login.
    void answer_from_group(const std::string& tag) {
        const auto request = target.expect_on<pdu::login_request>(1);
        target.answer_on(1,
                         pdu::login_response{.transit = request.transit,
                                             .current_stage = request.current_stage,
                                             .next_stage = request.next_stage,
                                             .isid = request.isid,
                                             .tsih = request.tsih,
                                             .initiator_task_tag = request.initiator_task_tag},
                         pdu::encode_text({{"AuthMethod", "None"}, {"TargetPortalGroupTag", tag}}));
    }
};

TEST_F(portal_group, of_the_session_takes_a_further_connection) {
    answer_from_group("0x1");
    target.answer_login(1);
    EXPECT_EQ(target.core.state_of(1), connection_state::logged_in);
}

TEST_F(portal_group, other_than_the_sessions_is_not_asked_again) {
    answer_from_group("2");
    EXPECT_EQ(target.core.last_failure().code, make_error_code(login_errc::other_portal_group));
    EXPECT_THAT(target.core.last_failure().detail, HasSubstr("TargetPortalGroupTag=2, the session has 1"));
    EXPECT_EQ(target.core.state(), session_state::logged_in) << "the first connection serves on";
    const auto opened = target.transports;
    target.pass(4s);
    EXPECT_EQ(target.transports, opened);
    EXPECT_FALSE(target.at(1).wanted);
}

}  // namespace
}  // namespace persiscsi::test
