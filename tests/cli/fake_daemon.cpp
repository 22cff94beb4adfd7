// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/fake_daemon.hpp"

#include "cli/file_descriptor.hpp"

#include <array>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

std::string header_in(const std::string& head, const std::string& name) {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == head.npos) return {};
    const auto from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
}

/// Takes one whole request off the front of `received`, when it is there.
std::optional<fake_request> take_request(std::string& received) {
    const auto end = received.find("\r\n\r\n");
    if (end == received.npos) return std::nullopt;
    const auto head = received.substr(0, end + 2);
    const auto length = header_in(head, "Content-Length");
    const auto size = length.empty() ? 0 : std::stoul(length);
    if (received.size() < end + 4 + size) return std::nullopt;
    const auto first = head.find(' ');
    const auto second = head.find(' ', first + 1);
    fake_request request{head.substr(0, first),
                         head.substr(first + 1, second - first - 1),
                         header_in(head, "Persiscsi-Api"),
                         received.substr(end + 4, size)};
    received.erase(0, end + 4 + size);
    return request;
}

void send_all(int to, const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
        const auto n = ::send(to, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) return;
        sent += static_cast<std::size_t>(n);
    }
}

}  // namespace

fake_daemon::fake_daemon(const std::filesystem::path& runtime_dir) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = (runtime_dir / "persiscsid.sock").string();
    if (path.size() >= sizeof address.sun_path) throw std::runtime_error("the test's socket path is too long");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 8) != 0)
        throw std::runtime_error("cannot listen on " + path);
    if (::pipe2(stop_pipe_, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    thread_ = std::thread([this] { serve(); });
}

fake_daemon::~fake_daemon() {
    ::close(stop_pipe_[1]);
    thread_.join();
    ::close(stop_pipe_[0]);
    ::close(listener_);
}

void fake_daemon::on(const std::string& request, answer with) {
    const std::lock_guard lock(mutex_);
    answers_[request] = std::move(with);
}

std::vector<fake_request> fake_daemon::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

fake_request fake_daemon::last() const {
    const auto all = requests();
    if (all.empty()) throw std::runtime_error("the daemon was not asked");
    return all.back();
}

fake_daemon::answer fake_daemon::answer_to(const fake_request& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    const auto found = answers_.find(request.method + " " + request.target);
    if (found != answers_.end()) return found->second;
    return {404, R"({"error":{"code":"not_found","message":"nothing canned for )" + request.target + R"(","exit":4}})"};
}

void fake_daemon::serve() {
    while (true) {
        std::array<pollfd, 2> watched{{{listener_, POLLIN, 0}, {stop_pipe_[0], POLLIN, 0}}};
        ::poll(watched.data(), watched.size(), -1);
        if (watched[1].revents != 0) return;
        const file_descriptor client(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
        if (client) serve_client(client.number());
    }
}

void fake_daemon::serve_client(int client) {
    std::string received;
    std::array<char, 65536> buffer{};
    while (true) {
        std::array<pollfd, 2> watched{{{client, POLLIN, 0}, {stop_pipe_[0], POLLIN, 0}}};
        ::poll(watched.data(), watched.size(), -1);
        if (watched[1].revents != 0) return;
        const auto n = ::read(client, buffer.data(), buffer.size());
        if (n <= 0) return;
        received.append(buffer.data(), static_cast<std::size_t>(n));
        while (const auto request = take_request(received)) {
            const auto with = answer_to(*request);
            send_all(client,
                     "HTTP/1.1 " + std::to_string(with.status) +
                         " X\r\nPersiscsi-Api: 1\r\nContent-Type: " + with.content_type +
                         "\r\nContent-Length: " + std::to_string(with.body.size()) + "\r\n\r\n" + with.body);
        }
    }
}

}  // namespace persiscsi::cli
