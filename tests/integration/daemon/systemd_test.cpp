// SPDX-License-Identifier: Apache-2.0
// What systemd gives to the daemon and hears from it.
#include "tests/integration/daemon/daemon_under_test.hpp"
#include "tests/integration/daemon/notify_socket.hpp"

#include <csignal>
#include <cstdlib>
#include <sys/stat.h>

namespace persiscsi::testing {
namespace {

class environment_variable {
  public:
    environment_variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
    environment_variable(const environment_variable&) = delete;
    environment_variable& operator=(const environment_variable&) = delete;
    ~environment_variable() { ::unsetenv(name_); }

  private:
    const char* name_;
};

std::unique_ptr<child_process> started(const daemon_under_test& daemon, const std::filesystem::path& notified) {
    return std::make_unique<child_process>(
        std::vector<std::string>{
            PERSISCSID_PROGRAM, "--state-dir", daemon.state().native(), "--runtime-dir", daemon.run().native()},
        child_process::environment{{"PERSISCSI_ALLOW_CORE", "1"},
                                   {"PERSISCSI_BOOT_ID_FILE", daemon.boot_file()},
                                   {"NOTIFY_SOCKET", notified.native()}},
        daemon.log_file());
}

TEST(systemd, hears_readiness_watchdog_and_stop) {
    const environment_variable period("WATCHDOG_USEC", "20000");
    daemon_under_test daemon;
    const auto place = daemon.directory() / "systemd";
    const notify_socket heard(place);
    const auto process = started(daemon, place);
    EXPECT_TRUE(heard.hears("READY=1")) << daemon.log();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(heard.hears("WATCHDOG=1")) << daemon.log();
    process->signal(SIGTERM);
    auto said = heard.next();
    while (said == "WATCHDOG=1") said = heard.next();
    EXPECT_EQ(said, "STOPPING=1");
    EXPECT_EQ(process->wait(), 0) << daemon.log();
}

TEST(systemd, the_watchdog_of_another_process_is_not_fed) {
    const environment_variable period("WATCHDOG_USEC", "20000");
    const environment_variable whose("WATCHDOG_PID", "1");
    daemon_under_test daemon;
    const auto place = daemon.directory() / "systemd";
    const notify_socket heard(place);
    const auto process = started(daemon, place);
    EXPECT_TRUE(heard.hears("READY=1")) << daemon.log();
    process->signal(SIGTERM);
    EXPECT_TRUE(heard.hears("STOPPING=1"));
    EXPECT_EQ(process->wait(), 0) << daemon.log();
}

TEST(systemd, a_credential_is_the_key_that_seals_secrets) {
    daemon_under_test daemon;
    const auto credentials = daemon.directory() / "credentials";
    std::filesystem::create_directory(credentials);
    const auto key = credentials / "persiscsi-secrets.key";
    write_content(key, std::string(64, '7'));
    ASSERT_EQ(::chmod(key.c_str(), 0400), 0);
    const environment_variable given("CREDENTIALS_DIRECTORY", credentials.native());
    daemon.start();
    daemon.ask("PUT", "/v1/secrets/array", {{"chap_name", "someone"}, {"secret", std::string(chap_secret)}});
    EXPECT_FALSE(std::filesystem::exists(daemon.state() / "secrets.key"));
    ASSERT_EQ(daemon.end(SIGTERM), 0);
    daemon.start();
    EXPECT_EQ(daemon.ask("GET", "/v1/secrets").at("secrets").as_array().size(), 1U);
    EXPECT_TRUE(daemon.ask("GET", "/v1/status").at("damaged_rows").as_array().empty());
}

}  // namespace
}  // namespace persiscsi::testing
