// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace persiscsi::target {

struct tls_relay_options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;     ///< 0: an ephemeral one, see tls_relay::port()
    std::string certificate{};  ///< PEM file: our certificate and its chain
    std::string key{};          ///< PEM file
    std::string client_ca{};    ///< PEM file; not empty: initiators must show a certificate of it
    bool tls_1_2_only = false;

    /// What goes wrong, for tests.
    enum class fault {
        none,
        silent,    ///< accepts, and never answers the ClientHello
        hang_up,   ///< closes the connection when the ClientHello comes
        truncate,  ///< ends TLS by a TCP FIN, without close_notify, when the target closes
    };
    fault wrong = fault::none;
};

/// Terminates TLS in front of a plain target, as stunnel does, in the same process. Single-threaded: everything runs on
/// the io_context given, which must outlive it.
class tls_relay {
  public:
    /// Listens when it returns. Throws boost::system::system_error (files, address).
    tls_relay(boost::asio::io_context& io, const tls_relay_options& options);
    ~tls_relay();
    tls_relay(const tls_relay&) = delete;
    tls_relay& operator=(const tls_relay&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// Where the plain target is. Connections that come before this is known are closed.
    void lead_to(const std::string& address, std::uint16_t port);
    /// host:port that the initiator connected to whose bytes reach the target from that TCP port; empty: there is none.
    [[nodiscard]] std::string portal_before(std::uint16_t inside) const;
    [[nodiscard]] std::uint64_t handshakes() const;  ///< completed ones
    /// SNI of the last handshake; empty: none.
    [[nodiscard]] std::string asked_for() const;
    void stop();

  private:
    class listener;
    std::shared_ptr<listener> listener_;
};

}  // namespace persiscsi::target
