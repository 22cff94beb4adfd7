// SPDX-License-Identifier: Apache-2.0
// discover --isns against a scripted server in this process.
#include "tests/cli/program.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/target/isns_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <thread>

namespace persiscsi::cli {
namespace {

using testing::HasSubstr;

class isns_verbs : public testing::Test {
  protected:
    isns_verbs() : thread_([this] { io_.run(); }) {}
    ~isns_verbs() override { stop(); }

    void stop() {
        io_.stop();
        if (thread_.joinable()) thread_.join();
    }
    static target::isns_server_options two_targets() {
        isns::ip_address at{};
        at[10] = at[11] = std::byte{0xff};
        at[12] = std::byte{192};
        at[15] = std::byte{7};
        target::isns_server_options knows;
        knows.needs_registration = true;
        knows.targets = {{"iqn.2024-01.com.example:a", {{at, 3260, 3}}}, {"iqn.2024-01.com.example:b", {}}};
        return knows;
    }
    program_result run(std::vector<std::string> line) const {
        return run_program(line, {.environment = {{"PERSISCSI_STATE_DIR", directory_.path().string()}}});
    }

    temporary_directory directory_;
    boost::asio::io_context io_;
    target::isns_server server_{io_, two_targets()};
    std::string place_ = "127.0.0.1:" + std::to_string(server_.port());
    std::thread thread_;
};

TEST_F(isns_verbs, discover_prints_the_same_as_for_a_portal) {
    const auto result = run({"discover", "--isns", place_, "--initiator-name", "iqn.2026-11.org.persiscsi:me"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_THAT(result.out, HasSubstr("iqn.2024-01.com.example:a  192.0.0.7:3260  3\n"));
    EXPECT_THAT(result.out, HasSubstr("iqn.2024-01.com.example:b  -"));
    const auto document = boost::json::parse(run({"discover", "--isns", place_, "--json"}).out);
    EXPECT_EQ(document,
              boost::json::parse(R"({"targets":[{"target":"iqn.2024-01.com.example:a",)"
                                 R"("portals":[{"address":"192.0.0.7:3260","portal_group_tag":3}]},)"
                                 R"({"target":"iqn.2024-01.com.example:b","portals":[]}]})"));
    stop();
    EXPECT_EQ(server_.requests().front().attributes.front(),
              isns::text(isns::tag::iscsi_name, "iqn.2026-11.org.persiscsi:me"));
    EXPECT_TRUE(server_.entities().empty());
}

TEST_F(isns_verbs, discover_needs_one_place_and_no_login) {
    EXPECT_EQ(run({"discover"}).err, "persiscsi: discover: an address is missing, or --isns\n");
    EXPECT_EQ(run({"discover", place_, "--isns", place_}).exit, 2);
    const auto result = run({"discover", "--isns", place_, "--tls"});
    EXPECT_EQ(result.exit, 2);
    EXPECT_THAT(result.err, HasSubstr("--tls does not go with --isns"));
}

TEST_F(isns_verbs, watch_prints_what_there_is_and_leaves_when_its_time_is_up) {
    const auto result = run({"discover", "--isns", place_, "--watch", "--timeout", "1"});
    EXPECT_EQ(result.exit, 11) << result.err;
    EXPECT_THAT(result.out, HasSubstr("iqn.2024-01.com.example:a  192.0.0.7:3260  3\n"));
    EXPECT_THAT(result.err, HasSubstr("timed out after 1 s at: watch"));
    stop();
    EXPECT_EQ(server_.requests().back().function, static_cast<std::uint16_t>(isns::function::dev_dereg));
    EXPECT_TRUE(server_.entities().empty());
    EXPECT_EQ(run({"discover", place_, "--watch"}).err, "persiscsi: discover: --watch needs --isns\n");
}

TEST_F(isns_verbs, server_that_is_not_there_is_exit_code_8) {
    stop();
    {
        const target::isns_server gone(io_, {});
        place_ = "127.0.0.1:" + std::to_string(gone.port());
    }
    const auto result = run({"discover", "--isns", place_});
    EXPECT_EQ(result.exit, 8);
    EXPECT_THAT(result.err, HasSubstr("iSNS discovery at " + place_ + ": no TCP connection"));
}

}  // namespace
}  // namespace persiscsi::cli
