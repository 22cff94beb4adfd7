// SPDX-License-Identifier: Apache-2.0
// Sessions over TLS: target, daemon and command line as processes. The target speaks nothing else, and demands our
// certificate: whoever is logged in has brought both.
#include "tests/integration/daemon/daemon_under_test.hpp"
#include "tests/support/certificates.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <csignal>
#include <sys/stat.h>
#include <unistd.h>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

constexpr char iqn[] = "iqn.2026-11.test:disk1";

class tls_sessions : public ::testing::Test {
  protected:
    struct command_result {
        int exit;
        std::string output;
    };

    void SetUp() override {
        const auto files = authority.issue("target", "IP:127.0.0.1");
        target = std::make_unique<child_process>(std::vector<std::string>{PERSISCSI_TARGET_PROGRAM,
                                                                          "--port",
                                                                          "0",
                                                                          "--target",
                                                                          iqn,
                                                                          "--lun",
                                                                          "1M",
                                                                          "--tls-cert",
                                                                          files.certificate,
                                                                          "--tls-key",
                                                                          files.key,
                                                                          "--tls-client-ca",
                                                                          authority.file(),
                                                                          "--port-file",
                                                                          path("port")},
                                                 child_process::environment{},
                                                 path("target.log"));
        const auto until = std::chrono::steady_clock::now() + patience;
        while (!std::filesystem::exists(path("port"))) {
            ASSERT_FALSE(target->ended_within(std::chrono::milliseconds(5))) << content_of(path("target.log"));
            ASSERT_LT(std::chrono::steady_clock::now(), until);
        }
        auto number = content_of(path("port"));
        url = "iscsi://127.0.0.1:" + number.substr(0, number.find('\n')) + "/" + iqn;
        ASSERT_NO_FATAL_FAILURE(start_daemon());
    }
    virtual void start_daemon() { daemon.start(); }

    [[nodiscard]] std::string path(const std::string& name) const { return daemon.directory() / name; }
    [[nodiscard]] static std::string from_here(const std::string& file) {
        return std::filesystem::proximate(file).native();
    }
    [[nodiscard]] std::vector<std::string> wishes() const {
        return {
            "--tls-ca", from_here(authority.file()), "--tls-cert", from_here(own.certificate), "--tls-key", own.key};
    }
    command_result run(std::vector<std::string> line, const std::vector<std::string>& more = {}) const {
        line.insert(line.begin(), PERSISCSI_PROGRAM);
        line.insert(line.end(), more.begin(), more.end());
        std::filesystem::remove(path("output"));
        child_process program(line, {{"PERSISCSI_RUNTIME_DIR", daemon.run()}}, path("output"));
        const int exit = program.wait();
        return {exit, content_of(path("output"))};
    }
    command_result connect(const std::vector<std::string>& more) const {
        return run({"target", "connect", url, "--register", "--json", "--tls"}, more);
    }
    /// Connects; the session's id.
    std::string connected() {
        const auto result = connect(wishes());
        EXPECT_EQ(result.exit, 0) << result.output << daemon.log();
        return result.exit == 0 ? text_of(json::parse(result.output).at("sessions").at(0), "id") : std::string();
    }
    void write_blocks(const std::string& session, const std::string& data) const {
        write_content(path("data"), data);
        const auto result = run({"write", "session:" + session + "/0", "--lba", "7", "-i", path("data")});
        EXPECT_EQ(result.exit, 0) << result.output;
    }
    std::string blocks_read(const std::string& session) const {
        const auto result = run({"read", "session:" + session, "--lba", "7", "--blocks", "8", "-o", path("back")});
        EXPECT_EQ(result.exit, 0) << result.output;
        return content_of(path("back"));
    }
    void expect_nothing_left() {
        EXPECT_TRUE(daemon.sessions().empty());
        EXPECT_TRUE(daemon.registrations().empty());
    }

    daemon_under_test daemon;
    test::certificate_authority authority{daemon.directory(), "authority"};
    test::certificate_files own = authority.issue("initiator", "DNS:host.example");
    std::unique_ptr<child_process> target;
    std::string url;
};

const std::string some_data(4096, 'T');

TEST_F(tls_sessions, connect_registers_the_paths_and_moves_data) {
    const auto id = connected();
    write_blocks(id, some_data);
    EXPECT_EQ(blocks_read(id), some_data);
    const auto registered = daemon.registrations();
    ASSERT_EQ(registered.size(), 1U);
    EXPECT_TRUE(registered[0].at("tls").as_bool());
    EXPECT_EQ(std::filesystem::path(text_of(registered[0].at("tls_options"), "ca")).lexically_normal(),
              authority.file());
    EXPECT_EQ(text_of(registered[0].at("tls_options"), "key"), own.key);
    EXPECT_TRUE(registered[0].at("tls_options").at("server_name").is_null());
    EXPECT_EQ(daemon.sessions()[0].at("tls_options"), registered[0].at("tls_options"));
}

TEST_F(tls_sessions, after_kill_in_the_same_boot_the_session_comes_back_over_tls) {
    const auto id = connected();
    write_blocks(id, some_data);
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    daemon.start();
    ASSERT_EQ(daemon.wait_logged_in({json::value(id)}).size(), 1U);
    EXPECT_EQ(blocks_read(id), some_data);
    EXPECT_TRUE(daemon.sessions()[0].at("tls").as_bool());
}

TEST_F(tls_sessions, after_a_reboot_the_registration_comes_back_over_tls) {
    write_blocks(connected(), some_data);
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    daemon.reboot();
    daemon.start();
    const auto up = daemon.wait_logged_in();
    ASSERT_EQ(up.size(), 1U);
    EXPECT_TRUE(up[0].at("tls").as_bool());
    EXPECT_EQ(blocks_read(text_of(up[0], "id")), some_data);
}

TEST_F(tls_sessions, registration_whose_ca_is_away_at_boot_says_so_and_comes_back_with_it) {
    connected();
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    std::filesystem::rename(authority.file(), path("aside"));
    daemon.reboot();
    daemon.start();
    daemon.wait_until(
        [&] {
            const auto sessions = daemon.sessions();
            return sessions.size() == 1 && sessions[0].at("last_error").is_string() &&
                   text_of(sessions[0], "last_error").find("authority.pem': No such file") != std::string::npos;
        },
        "an error that names the file");
    std::filesystem::rename(path("aside"), authority.file());
    EXPECT_EQ(daemon.wait_logged_in().size(), 1U);
}

TEST_F(tls_sessions, certificate_of_another_authority_is_a_failed_login) {
    const test::certificate_authority other(daemon.directory(), "other");
    auto line = wishes();
    line[1] = other.file();
    const auto result = connect(line);
    EXPECT_EQ(result.exit, 9);
    EXPECT_THAT(result.output, HasSubstr("the target's certificate is not trusted"));
    expect_nothing_left();
}

TEST_F(tls_sessions, missing_file_is_a_usage_error_that_names_it) {
    auto line = wishes();
    line[1] = path("nowhere.pem");
    const auto result = connect(line);
    EXPECT_EQ(result.exit, 2);
    EXPECT_THAT(result.output, HasSubstr("cannot use the TLS CA \"" + path("nowhere.pem") + "\": No such file"));
    const auto tried = connect({"--tls-ca", path("nowhere.pem"), "--dry-run"});
    EXPECT_EQ(tried.exit, 2) << tried.output;
    expect_nothing_left();
}

/// The daemon as a user who is not root, where the test is.
class tls_sessions_of_a_plain_user : public tls_sessions {
  protected:
    static constexpr ::uid_t nobody = 65534;

    void start_daemon() override {
        ASSERT_EQ(::chmod(daemon.directory().c_str(), 0777), 0);
        daemon.start({}, ::geteuid() == 0 ? nobody : 0);
    }
};

TEST_F(tls_sessions_of_a_plain_user, unreadable_key_is_a_matter_of_permission) {
    ASSERT_EQ(::chmod(own.key.c_str(), ::geteuid() == 0 ? 0600 : 0), 0);
    const auto result = connect(wishes());
    EXPECT_EQ(result.exit, 6);
    EXPECT_THAT(result.output, HasSubstr("cannot use the TLS key \"" + own.key + "\": user "));
    EXPECT_THAT(result.output, HasSubstr("may not read it"));
    expect_nothing_left();
    ASSERT_EQ(::chmod(own.key.c_str(), 0640), 0);
    ASSERT_TRUE(::geteuid() != 0 || ::chown(own.key.c_str(), nobody, nobody) == 0);
    connected();
}

}  // namespace
}  // namespace persiscsi::testing
