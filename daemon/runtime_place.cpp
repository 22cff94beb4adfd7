// SPDX-License-Identifier: Apache-2.0
#include "daemon/runtime_place.hpp"

#include "daemon/control/places.hpp"
#include "persistence/errors.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace persiscsi::daemon {
namespace {

using persistence::store_errc;
using persistence::store_error;
using persistence::system_failure;

constexpr std::string_view operation = "use the runtime directory";
constexpr int waiting_clients = 128;  // not yet accepted

void make_directory(const std::filesystem::path& directory, const peer_rules& rules) {
    const auto& group = rules.operators;
    const ::mode_t mode = rules.readers ? 0711 : group ? 0750 : 0700;
    if (directory.has_parent_path() && !std::filesystem::exists(directory.parent_path())) {
        std::error_code error;
        std::filesystem::create_directories(directory.parent_path(), error);
        if (error) throw system_failure(error.value(), operation, directory.native());
    }
    if (::mkdir(directory.c_str(), mode) != 0) {
        if (errno != EEXIST) throw system_failure(errno, operation, directory.native());
        return;  // somebody prepared it (systemd, an administrator): the mode is theirs to choose
    }
    const bool given = !group || ::chown(directory.c_str(), static_cast<::uid_t>(-1), *group) == 0;
    if (!given || ::chmod(directory.c_str(), mode) != 0) throw system_failure(errno, operation, directory.native());
}

std::string owner_in(int lock) {
    std::array<char, 32> text{};
    const auto length = ::pread(lock, text.data(), text.size(), 0);
    std::string owner(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    owner.erase(std::ranges::find_if(owner, [](char c) { return c < '0' || c > '9'; }), owner.end());
    return owner.empty() ? "" : " (pid " + owner + ")";
}

int take_lock(const std::filesystem::path& file) {
    const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) throw system_failure(errno, operation, file.parent_path().native());
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        const auto owner = owner_in(lock);
        ::close(lock);
        if (error != EWOULDBLOCK) throw system_failure(error, operation, file.parent_path().native());
        throw store_error(
            store_errc::locked, operation, file.parent_path().native(), "another daemon" + owner + " runs there");
    }
    const auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, pid.data(), pid.size(), 0) < 0) {
        const int error = errno;
        ::close(lock);
        throw system_failure(error, operation, file.parent_path().native());
    }
    return lock;
}

}  // namespace

runtime_place::runtime_place(std::filesystem::path directory, const peer_rules& rules)
    : directory_(std::move(directory)), socket_(control::socket_in(directory_)), rules_(rules) {
    if (socket_.native().size() >= sizeof(::sockaddr_un::sun_path))
        throw store_error(
            store_errc::misuse,
            operation,
            directory_.native(),
            "a socket's path has at most " + std::to_string(sizeof(::sockaddr_un::sun_path) - 1) + " bytes");
    make_directory(directory_, rules_);
    lock_ = take_lock(directory_ / "persiscsid.lock");
}

runtime_place::~runtime_place() {
    withdraw();
    ::close(lock_);
}

int runtime_place::listen() {
    if (::unlink(socket_.c_str()) != 0 && errno != ENOENT) throw system_failure(errno, "replace", socket_.native());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_.c_str(), socket_.native().size());
    const auto* where = static_cast<const void*>(&address);
    const auto umask_before = ::umask(rules_.readers ? 0111 : 0117);
    const bool bound = fd >= 0 && ::bind(fd, static_cast<const ::sockaddr*>(where), sizeof address) == 0;
    const int error = errno;
    ::umask(umask_before);
    bound_ = bound;
    const bool owned =
        bound && (!rules_.operators || ::chown(socket_.c_str(), static_cast<::uid_t>(-1), *rules_.operators) == 0);
    if (owned && ::listen(fd, waiting_clients) == 0) return fd;
    const int reason = bound ? errno : error;
    if (fd >= 0) ::close(fd);
    throw system_failure(reason, "listen on", socket_.native());
}

void runtime_place::withdraw() {
    if (bound_) ::unlink(socket_.c_str());
    bound_ = false;
}

}  // namespace persiscsi::daemon
