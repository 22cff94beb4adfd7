// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/control/control_client.hpp"
#include "tests/integration/daemon/daemon_process.hpp"
#include "tests/target/scripted_target.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace persiscsi::testing {

inline constexpr std::string_view chap_secret = "lamp-Zebra-4471-quiet";
inline constexpr std::string_view mutual_secret = "cloud-Anvil-9026-river";

/// disk1 to disk3 without CHAP, "locked" with mutual CHAP, on a port of 127.0.0.1.
[[nodiscard]] target::server_options disks();

/// A RAM target in this process, on a thread of its own.
class running_target {
  public:
    explicit running_target(target::server_options options = disks());
    ~running_target();

    /// Plays a target that goes away and comes back on the same port.
    void stop() { target_.reset(); }
    void start();
    /// What it is after the next start.
    [[nodiscard]] target::server_options& options() { return options_; }

    [[nodiscard]] std::string portal() const;
    [[nodiscard]] std::uint16_t port() const { return options_.port; }
    [[nodiscard]] target::scripted_target& operator*() const { return *target_; }
    /// ISIDs of the sessions that are connected to it.
    [[nodiscard]] std::multiset<std::uint64_t> connected_isids() const;

  private:
    boost::asio::io_context io_;
    target::server_options options_;
    std::unique_ptr<target::scripted_target> target_;
    std::thread thread_;
};

/// Directories, boot id and the persiscsid process of one test.
class daemon_under_test {
  public:
    daemon_under_test();

    /// Starts and waits until it says READY=1, as systemd would. `uid` as in child_process.
    void start(const std::vector<std::string>& more = {}, ::uid_t uid = 0);
    /// Starts one that is not expected to get ready; gives its exit code and what it wrote.
    struct failed_start {
        int exit_code;
        std::string output;
    };
    failed_start start_in_vain(const std::vector<std::string>& more = {}, ::uid_t uid = 0);
    /// Ends it with this signal and waits. The exit code as in child_process.
    int end(int signal);
    void reboot() { write_content(boot_file(), "boot-" + std::to_string(++boots_)); }

    [[nodiscard]] control::control_client client() const { return control::control_client(socket()); }
    /// A call that must succeed.
    boost::json::value ask(std::string_view method, std::string_view path, const boost::json::value& body = nullptr);
    /// A call that must fail: its error.
    control::api_error refused(std::string_view method,
                               std::string_view path,
                               const boost::json::value& body = nullptr);

    /// Connects to the target "iqn.2026-11.test:<disk>"; the ids of the sessions.
    std::vector<std::string> connect(const running_target& to,
                                     const std::string& disk,
                                     bool registered,
                                     int sessions = 1);
    boost::json::array sessions();
    boost::json::array registrations();
    /// Blocks until these (or all registered) are logged in.
    boost::json::array wait_logged_in(const boost::json::array& ids = {});
    /// Calls `done` again and again until it is true or patience ends.
    template <class Condition>
    void wait_until(Condition done, const char* what) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (!done()) {
            ASSERT_LT(std::chrono::steady_clock::now(), until) << "never came true: " << what << "\n" << log();
            ASSERT_FALSE(process->ended_within(std::chrono::milliseconds(5))) << "the daemon ended\n" << log();
        }
    }

    [[nodiscard]] std::filesystem::path state() const { return directory_.path() / "state"; }
    [[nodiscard]] std::filesystem::path run() const { return directory_.path() / "run"; }
    [[nodiscard]] std::filesystem::path socket() const { return run() / "persiscsid.sock"; }
    [[nodiscard]] std::filesystem::path boot_file() const { return directory_.path() / "boot_id"; }
    [[nodiscard]] std::filesystem::path log_file() const { return directory_.path() / "log"; }
    [[nodiscard]] std::filesystem::path directory() const { return directory_.path(); }
    [[nodiscard]] std::string log() const { return content_of(log_file()); }

    std::unique_ptr<child_process> process;

  private:
    [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& more) const;

    temporary_directory directory_;
    int boots_ = 0;
};

/// The field "isid" of sessions or registrations, as numbers.
[[nodiscard]] std::multiset<std::uint64_t> isids_of(const boost::json::array& items);
[[nodiscard]] std::string text_of(const boost::json::value& object, std::string_view field);

}  // namespace persiscsi::testing
