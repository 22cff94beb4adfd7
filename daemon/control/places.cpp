// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/places.hpp"

#include <cstdlib>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace persiscsi::control {
namespace {

std::filesystem::path from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? std::filesystem::path(value) : std::filesystem::path();
}

bool is_root() {
    return ::geteuid() == 0;
}

constexpr std::string_view system_runtime_dir = "/run/persiscsi";

}  // namespace

std::filesystem::path default_state_dir() {
    if (auto chosen = from_environment("PERSISCSI_STATE_DIR"); !chosen.empty()) return chosen;
    if (is_root()) return "/var/lib/persiscsi";
    if (auto base = from_environment("XDG_STATE_HOME"); base.is_absolute()) return base / "persiscsi";
    if (auto home = from_environment("HOME"); home.is_absolute()) return home / ".local/state/persiscsi";
    return "/var/lib/persiscsi";
}

std::filesystem::path default_runtime_dir() {
    if (auto chosen = from_environment("PERSISCSI_RUNTIME_DIR"); !chosen.empty()) return chosen;
    const auto base = from_environment("XDG_RUNTIME_DIR");
    if (is_root() || !base.is_absolute()) return system_runtime_dir;
    return base / "persiscsi";
}

std::filesystem::path client_runtime_dir() {
    auto first = default_runtime_dir();
    if (!from_environment("PERSISCSI_RUNTIME_DIR").empty()) return first;
    std::error_code ignored;
    if (std::filesystem::exists(socket_in(first), ignored)) return first;
    if (std::filesystem::exists(socket_in(system_runtime_dir), ignored)) return system_runtime_dir;
    return first;
}

std::filesystem::path socket_in(const std::filesystem::path& runtime_dir) {
    return runtime_dir / "persiscsid.sock";
}

}  // namespace persiscsi::control
