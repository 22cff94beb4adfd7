// SPDX-License-Identifier: Apache-2.0
// The program's direct commands over TLS: the scripted target behind a relay, both in this process.
#include "tests/cli/program.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/target/scripted_target.hpp"
#include "tests/target/tls_relay.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include <thread>

namespace persiscsi::cli {
namespace {

using arguments = std::vector<std::string>;
using testing::HasSubstr;

constexpr char iqn[] = "iqn.2024-01.com.example:disk1";

class tls_verbs : public testing::Test {
  protected:
    tls_verbs() : thread_([this] { io_.run(); }) {}
    ~tls_verbs() override {
        io_.stop();
        thread_.join();
        EXPECT_EQ(target_.violations(), std::vector<std::string>{});
    }

    [[nodiscard]] target::tls_relay_options relay_options() {
        const auto files = authority_.issue("target", "IP:127.0.0.1");
        target::tls_relay_options with;
        with.certificate = files.certificate;
        with.key = files.key;
        return with;
    }
    [[nodiscard]] target::server_options server_options() const {
        target::server_options with;
        with.targets.resize(1);
        with.targets[0].name = iqn;
        with.targets[0].luns = {{.lun = 0, .blocks = 4096, .serial = {}}};
        with.advertised = [this](std::uint16_t) { return portal_; };
        return with;
    }
    [[nodiscard]] arguments over_tls(const std::string& verb) const {
        return {verb, "iscsi://" + portal_ + "/" + iqn + "/0", "--tls"};
    }
    [[nodiscard]] std::string path(const std::string& name) const { return (directory_.path() / name).string(); }
    program_result run(arguments line, const arguments& more = {}) const {
        line.insert(line.end(), more.begin(), more.end());
        return run_program(line, {.environment = {{"PERSISCSI_STATE_DIR", directory_.path().string()}}});
    }

    temporary_directory directory_;
    test::certificate_authority authority_{directory_.path(), "authority"};
    boost::asio::io_context io_;
    target::tls_relay relay_{io_, relay_options()};
    std::string portal_ = "127.0.0.1:" + std::to_string(relay_.port());
    target::scripted_target target_{io_, server_options()};
    bool leads_ = (relay_.lead_to("127.0.0.1", target_.port()), true);
    std::thread thread_;
};

TEST_F(tls_verbs, data_goes_there_and_back) {
    std::string data(1 << 20, '\0');
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 2654435761U >> 24U);
    const auto written =
        run(over_tls("write"), {"--tls-ca", authority_.file(), "--lba", "8", "--input", directory_.file("data", data)});
    EXPECT_EQ(written.exit, 0) << written.err;
    const auto back = run(over_tls("read"),
                          {"--tls-ca", authority_.file(), "--lba", "8", "--blocks", "2048", "--output", path("out")});
    EXPECT_EQ(back.exit, 0) << back.err;
    EXPECT_EQ(back.err, "");
    EXPECT_TRUE(directory_.content("out") == data);
    EXPECT_EQ(relay_.handshakes(), 2U);
}

TEST_F(tls_verbs, discovery_over_tls_names_the_portal_that_speaks_it) {
    const auto result = run({"discover", portal_, "--tls", "--tls-ca", authority_.file()});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr(std::string(iqn) + "  " + portal_ + "  1\n"));
}

TEST_F(tls_verbs, certificate_that_is_not_trusted_is_a_failed_login) {
    const auto result = run(over_tls("capacity"));
    EXPECT_EQ(result.exit, 9);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("the target's certificate is not trusted (unable to get local issuer"));
    const auto other = run(over_tls("capacity"), {"--tls-ca", authority_.file(), "--tls-server-name", "disk.example"});
    EXPECT_EQ(other.exit, 9);
    EXPECT_THAT(other.err, HasSubstr("the target's certificate is for another name"));
}

TEST_F(tls_verbs, giving_up_verification_is_said_even_when_quiet) {
    const auto result = run(over_tls("capacity"), {"--tls-insecure", "--quiet"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.err,
              "persiscsi: warning: --tls-insecure: the target's certificate is not verified, anybody may answer for "
              "it\n");
}

TEST_F(tls_verbs, file_that_is_missing_is_a_wrong_usage) {
    const auto result = run(over_tls("capacity"), {"--tls-ca", path("nowhere.pem")});
    EXPECT_EQ(result.exit, 2);
    EXPECT_THAT(result.err, HasSubstr("nowhere.pem': No such file"));
}

}  // namespace
}  // namespace persiscsi::cli
