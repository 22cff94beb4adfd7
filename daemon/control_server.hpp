// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/peer.hpp"
#include "daemon/service.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace persiscsi::daemon {

/// What clients may take of us.
struct server_limits {
    std::size_t clients = 256;                  // at once; one more closes the one that has idled longest
    std::size_t header = 16 * 1024;             // bytes of a request line with its fields
    std::chrono::seconds idle{30};              // from one answer to the end of the next header
    std::chrono::seconds transfer{30};          // of one body or answer
    std::chrono::seconds default_deadline{60};  // of a request that brings none
    std::uint32_t requests_a_second = 2000;     // of one user, in the long run; more are refused
    std::uint32_t burst = 4000;                 // of one user, at once
};

/// The control API over HTTP/1.1 on a listening Unix socket. One thread: that of its executor.
class control_server {
  public:
    /// Takes `listening` (a file descriptor) over. `in` outlives the server and its clients.
    control_server(
        boost::asio::any_io_executor executor, int listening, service& in, peer_rules rules, server_limits limits = {});
    ~control_server();
    control_server(const control_server&) = delete;
    control_server& operator=(const control_server&) = delete;

    void start();
    /// Takes no new clients and closes the idle ones; requests under way get their answer.
    void stop();
    /// After stop(): whether all clients were gone before `until`.
    boost::asio::awaitable<bool> drained(deadline until);

    [[nodiscard]] std::size_t clients() const;

  private:
    struct listener;
    std::shared_ptr<listener> listener_;
};

}  // namespace persiscsi::daemon
