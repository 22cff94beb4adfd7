// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor.hpp"
#include "cli/printable.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <optional>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
constexpr std::uint64_t little_space = 64 * mebibyte;
constexpr std::uint64_t no_space = mebibyte;  // the table's journal wants some hundred KiB

std::string mode_text(mode_t mode) {
    char text[16];
    const auto length = std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777U));
    return {text, static_cast<std::size_t>(length)};
}

/// Nothing where the file cannot be looked at; errno says why.
std::optional<struct stat> facts_of(const fs::path& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) return std::nullopt;
    return facts;
}

constexpr const char* as_daemon = ": run doctor as the daemon's user or as root";

check judged_directory(const fs::path& directory, const struct stat& facts) {
    const auto place = directory.string();
    if (!S_ISDIR(facts.st_mode)) return {"state_dir", health::problem, place + " is not a directory"};
    if (facts.st_uid != ::geteuid() && ::geteuid() != 0)
        return {"state_dir", health::warning, place + " belongs to another user" + as_daemon};
    if (::access(directory.c_str(), W_OK | X_OK) != 0)
        return {"state_dir", health::problem, place + " cannot be written: " + std::strerror(errno)};
    if ((facts.st_mode & 077U) != 0)
        return {"state_dir",
                health::warning,
                place + " has mode " + mode_text(facts.st_mode) + ": chmod 700 keeps others out"};
    return {"state_dir", health::ok, place + " can be written"};
}

check check_space(const fs::path& directory) {
    struct statvfs facts {};
    if (::statvfs(directory.c_str(), &facts) != 0)
        return {"space", health::warning, directory.string() + ": " + std::strerror(errno)};
    const auto free = static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
    const auto text = std::to_string(free / mebibyte) + " MiB free for " + directory.string();
    if (free < no_space || (facts.f_files > 0 && facts.f_favail == 0))
        return {"space", health::problem, text + ": no change can be stored; free some, inodes too"};
    return {"space", free < little_space ? health::warning : health::ok, text};
}

bool starts_at_boot(const fs::path& etc_systemd) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(etc_systemd, ignored)) {
        const auto name = entry.path().filename().string();
        if (!name.ends_with(".wants") && !name.ends_with(".requires")) continue;
        if (fs::is_symlink(entry.path() / "persiscsid.service", ignored)) return true;
    }
    return false;
}

}  // namespace

checks check_state_dir(const fs::path& directory, bool in_use) {
    const auto facts = facts_of(directory);
    if (facts) {
        auto result = judged_directory(directory, *facts);
        if (!S_ISDIR(facts->st_mode)) return {std::move(result)};
        return {std::move(result), check_space(directory)};
    }
    if (errno == ENOENT && !in_use)
        return {{"state_dir", health::ok, directory.string() + " is not there yet: persiscsid makes it"}};
    const auto reason = directory.string() + ": " + std::strerror(errno);
    if (errno == EACCES) return {{"state_dir", health::warning, reason + as_daemon}};
    return {{"state_dir",
             health::problem,
             reason + (in_use ? "; the daemon has it open: do not stop it before the directory is back" : "")}};
}

checks check_key_file(const fs::path& directory, std::uint64_t secrets) {
    const auto path = directory / "secrets.key";
    const auto facts = facts_of(path);
    if (!facts && errno == ENOENT) {
        if (secrets == 0) return {{"key_file", health::ok, "none yet: the first secret makes it"}};
        return {{"key_file",
                 health::problem,
                 path.string() + " is missing, and " + std::to_string(secrets) +
                     " secret(s) cannot be opened without it: restore it, or set them again"}};
    }
    if (!facts)
        return {{"key_file",
                 errno == EACCES ? health::warning : health::problem,
                 path.string() + ": " + std::strerror(errno) + (errno == EACCES ? as_daemon : "")}};
    if (!S_ISREG(facts->st_mode)) return {{"key_file", health::problem, path.string() + " is not a regular file"}};
    if ((facts->st_mode & 077U) != 0)
        return {{"key_file",
                 health::problem,
                 path.string() + " has mode " + mode_text(facts->st_mode) +
                     ": persiscsid refuses a key that others may read; chmod 600, and think of new secrets"}};
    return {{"key_file", health::ok, path.string() + " has mode " + mode_text(facts->st_mode)}};
}

checks check_boot_id(const std::string& of_daemon) {
    const auto* named = std::getenv("PERSISCSI_BOOT_ID_FILE");
    const fs::path path = named != nullptr ? named : "/proc/sys/kernel/random/boot_id";
    std::ifstream file(path);
    std::string id;
    if (!(file >> id))
        return {{"boot_id",
                 health::problem,
                 path.string() + " holds no boot id: name another file by PERSISCSI_BOOT_ID_FILE"}};
    if (of_daemon.empty() || of_daemon == id) return {{"boot_id", health::ok, printable(id)}};
    return {{"boot_id",
             health::warning,
             path.string() + " says " + printable(id) + ", the daemon started in boot " + of_daemon +
                 ": PERSISCSI_BOOT_ID_FILE differs, or the daemon outlived the boot of its container"}};
}

checks check_boot(const fs::path& etc_systemd,
                  const fs::path& run_systemd,
                  std::uint64_t registrations,
                  std::uint64_t unregistered_sessions) {
    auto outlook = std::to_string(registrations) + " registration(s) come back after a reboot";
    if (unregistered_sessions > 0)
        outlook += ", " + std::to_string(unregistered_sessions) + " session(s) do not: persiscsi session register";
    std::error_code ignored;
    if (!fs::is_directory(run_systemd, ignored))
        return {{"boot", health::ok, outlook + "; no systemd here: whoever starts persiscsid has to do it then"}};
    if (starts_at_boot(etc_systemd)) return {{"boot", health::ok, outlook + "; systemd starts persiscsid"}};
    return {{"boot",
             registrations > 0 ? health::warning : health::ok,
             outlook + "; systemd does not start persiscsid at boot: systemctl enable persiscsid"}};
}

std::string time_now() {
    const auto seconds = std::time(nullptr);
    std::tm parts{};
    char text[32];
    if (::gmtime_r(&seconds, &parts) == nullptr) return {};
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace persiscsi::cli
