// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/isns/objects.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace persiscsi::target {

/// What a scripted iSNS server knows, and how it misbehaves.
struct isns_server_options {
    std::vector<isns::known_target> targets{};
    bool needs_registration = false;               ///< whoever is not registered is an unknown source
    bool silent = false;                           ///< hears, and says nothing
    std::size_t fragment = isns::longest_payload;  ///< bytes of payload in each PDU of an answer
    std::map<isns::function, isns::status> refusals{};
    /// Sent in place of the answer to a request of that function; then the connection is closed.
    std::map<isns::function, std::vector<std::byte>> raw_answers{};
};

/// An iSNS server for tests, on loopback. Single-threaded: everything runs on the io_context given, which must outlive
/// it.
class isns_server {
  public:
    isns_server(boost::asio::io_context& io, isns_server_options options);
    ~isns_server();
    isns_server(const isns_server&) = delete;
    isns_server& operator=(const isns_server&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// Every request so far, in its order.
    [[nodiscard]] const std::vector<isns::message>& requests() const;
    /// Other targets from now on; whoever has subscribed is notified, at the port it registered.
    void change(std::vector<isns::known_target> targets);
    /// What was answered to notifications.
    [[nodiscard]] const std::vector<isns::message>& notification_answers() const;
    /// Entities registered now.
    [[nodiscard]] const std::vector<std::string>& entities() const;

  private:
    class listener;
    std::shared_ptr<listener> listener_;
};

}  // namespace persiscsi::target
