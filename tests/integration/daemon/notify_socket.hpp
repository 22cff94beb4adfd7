// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/integration/daemon/daemon_process.hpp"

#include <filesystem>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace persiscsi::testing {

/// systemd's end of sd_notify(3).
class notify_socket {
  public:
    explicit notify_socket(std::filesystem::path path) : path_(std::move(path)) {
        ::sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.native().copy(address.sun_path, sizeof address.sun_path - 1);
        ::unlink(path_.c_str());
        fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const auto* where = static_cast<const void*>(&address);
        if (::bind(fd_, static_cast<const ::sockaddr*>(where), sizeof address) != 0)
            throw std::runtime_error("bind " + path_.native());
    }
    notify_socket(const notify_socket&) = delete;
    notify_socket& operator=(const notify_socket&) = delete;
    ~notify_socket() { ::close(fd_); }

    /// The next message; empty where none comes.
    [[nodiscard]] std::string next() const {
        ::pollfd waited{fd_, POLLIN, 0};
        if (::poll(&waited, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) != 1) return {};
        char text[64] = {};
        return ::recv(fd_, text, sizeof text - 1, 0) > 0 ? text : std::string();
    }
    [[nodiscard]] bool hears(std::string_view state) const { return next() == state; }

  private:
    std::filesystem::path path_;
    int fd_ = -1;
};

}  // namespace persiscsi::testing
