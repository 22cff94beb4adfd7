// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervision.hpp"

#include "daemon/peer.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace persiscsi::daemon {
namespace {

constexpr int unreachable_exit = 8;
constexpr int permission_exit = 6;
constexpr int internal_exit = 1;
constexpr int late_exit = 11;
constexpr int stop_timeout = 20000;  // milliseconds: more than a logout takes

// A Unix socket of this kind connected to `path`; -1 with errno.
int connected(int type, std::string_view path) {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return errno = ENAMETOOLONG, -1;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path.front() == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<::socklen_t>(offsetof(::sockaddr_un, sun_path) + path.size());
    const int fd = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    const auto* where = static_cast<const void*>(&address);
    if (fd >= 0 && ::connect(fd, static_cast<const ::sockaddr*>(where), length) == 0) return fd;
    const int error = errno;
    if (fd >= 0) ::close(fd);
    errno = error;
    return -1;
}

int complain(int exit_code, const std::filesystem::path& socket, const std::string& reason) {
    std::cerr << "persiscsid: hand over from the daemon at " << socket.native() << ": " << reason << "\n";
    return exit_code;
}

int stop_process(::pid_t pid, const std::filesystem::path& socket) {
    const auto process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (process < 0) return complain(unreachable_exit, socket, std::strerror(errno));
    if (::syscall(SYS_pidfd_send_signal, process, SIGUSR1, nullptr, 0) != 0) {
        const int error = errno;
        ::close(process);
        return complain(error == EPERM ? permission_exit : internal_exit, socket, std::strerror(error));
    }
    ::pollfd waited{process, POLLIN, 0};
    const int gone = ::poll(&waited, 1, stop_timeout);
    ::close(process);
    if (gone == 1) return 0;
    return complain(late_exit, socket, "pid " + std::to_string(pid) + " has not stopped yet");
}

}  // namespace

void notify_supervisor(std::string_view state) {
    const char* place = std::getenv("NOTIFY_SOCKET");
    if (place == nullptr) return;
    const int fd = connected(SOCK_DGRAM, place);
    if (fd < 0) return;
    [[maybe_unused]] const auto sent = ::send(fd, state.data(), state.size(), MSG_NOSIGNAL);
    ::close(fd);
}

std::optional<std::chrono::microseconds> watchdog_interval() {
    const char* period = std::getenv("WATCHDOG_USEC");
    const char* whose = std::getenv("WATCHDOG_PID");
    if (period == nullptr || (whose != nullptr && whose != std::to_string(::getpid()))) return std::nullopt;
    const std::string_view digits(period);
    std::int64_t microseconds = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), microseconds);
    if (error != std::errc() || end != digits.data() + digits.size() || microseconds < 2) return std::nullopt;
    return std::chrono::microseconds(microseconds / 2);
}

std::filesystem::path credential(std::string_view name) {
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr) return {};
    auto file = std::filesystem::path(directory) / name;
    std::error_code error;
    return std::filesystem::exists(file, error) ? file : std::filesystem::path();
}

int hand_over(const std::filesystem::path& socket) {
    const int fd = connected(SOCK_STREAM, socket.native());
    if (fd < 0) {
        const int error = errno;
        return complain(error == EACCES ? permission_exit : unreachable_exit, socket, std::strerror(error));
    }
    ::pid_t pid = 0;
    try {
        pid = peer_of(fd).pid;
    } catch (const std::system_error& error) {
        ::close(fd);
        return complain(internal_exit, socket, error.what());
    }
    ::close(fd);
    if (pid <= 0) return complain(internal_exit, socket, "its process is not visible from here");
    return stop_process(pid, socket);
}

void forbid_core_dumps() {
    const char* allowed = std::getenv("PERSISCSI_ALLOW_CORE");
    if (allowed != nullptr && std::string_view(allowed) == "1") return;
    const ::rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace persiscsi::daemon
