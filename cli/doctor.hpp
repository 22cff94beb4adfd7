// SPDX-License-Identifier: Apache-2.0
// What `persiscsi doctor` looks at, and what it makes of it.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::cli {

enum class health { ok, warning, problem };
[[nodiscard]] std::string_view to_string(health result);

/// One thing looked at. What is not ok says what to do.
struct check {
    std::string name;
    health result = health::ok;
    std::string message;
};
using checks = std::vector<check>;

// By what the daemon says; each gives at least one.

[[nodiscard]] checks check_versions(const boost::json::object& status);
/// Each damaged row with what to do about it.
[[nodiscard]] checks check_table(const boost::json::object& status);
/// Each registration that nobody is logged in for, and why.
[[nodiscard]] checks check_registrations(const boost::json::array& registrations, const boost::json::array& sessions);
/// Each secret that nobody uses, or that is used and not there.
[[nodiscard]] checks check_secrets(const boost::json::array& secrets, const boost::json::array& registrations);
/// `now`: RFC 3339, UTC, whole seconds.
[[nodiscard]] checks check_clock(const std::string& now, const std::string& started_at);

// By what this process sees.

[[nodiscard]] checks check_state_dir(const std::filesystem::path& directory, bool in_use);
/// The key that seals the secrets. `secrets`: how many there are to open.
[[nodiscard]] checks check_key_file(const std::filesystem::path& directory, std::uint64_t secrets);
/// `of_daemon` is empty where no daemon answers.
[[nodiscard]] checks check_boot_id(const std::string& of_daemon);
/// Who starts the daemon after a reboot, and what comes back then. `etc_systemd` and `run_systemd` are systemd's
/// directories of units that are on, and of a systemd that runs.
[[nodiscard]] checks check_boot(const std::filesystem::path& etc_systemd,
                                const std::filesystem::path& run_systemd,
                                std::uint64_t registrations,
                                std::uint64_t unregistered_sessions);

/// RFC 3339, UTC, whole seconds.
[[nodiscard]] std::string time_now();

}  // namespace persiscsi::cli
