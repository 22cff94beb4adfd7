// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "initiator/net/tls_stream.hpp"
#include "initiator/session.hpp"
#include "initiator/tls_options.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace persiscsi {

/// Where a transport leads, and how.
struct transport_options {
    portal to;
    std::string local_address;  ///< IP address to connect from; empty: the system chooses
    tls_options tls;
};

class transport;

/// Whom a transport tells what happens. Called on the executor's thread, never from inside a call of the transport, and
/// never after close().
class transport_observer {
  public:
    /// Bytes may be moved; with TLS the peer is who it should be.
    virtual void on_transport_up(transport& which) = 0;
    /// No connection came about, or it is gone. Nothing follows but close().
    virtual void on_transport_lost(transport& which, failure why) = 0;
    virtual void on_transport_readable(transport& which) = 0;
    virtual void on_transport_writable(transport& which) = 0;

  protected:
    ~transport_observer() = default;
};

/// One byte stream to a portal: one attempt and, where it succeeds, one connection. It is never opened again: the next
/// attempt is another object, so that a late completion cannot reach it. It holds no protocol decision.
///
/// Threads: one, the executor's. Lifetime: what is outstanding at the executor keeps the transport and its observer.
class transport : public std::enable_shared_from_this<transport> {
    struct only_open {};

  public:
    /// Resolves, then connects to each address in turn, then TLS. The observer is told of the end, whichever.
    [[nodiscard]] static std::shared_ptr<transport> open(boost::asio::any_io_executor executor,
                                                         transport_options options,
                                                         std::weak_ptr<transport_observer> observer);
    transport(only_open,
              boost::asio::any_io_executor executor,
              transport_options options,
              std::weak_ptr<transport_observer> observer);

    /// At once; the observer hears no more. Does nothing the second time.
    void close();

    /// Neither allocates or waits. Only between up and lost; one of the spans may be empty.
    [[nodiscard]] bytes_moved read_some(const std::array<std::span<std::byte>, 2>& into);
    /// At most `most_pieces` pieces are looked at.
    [[nodiscard]] bytes_moved write_some(std::span<const std::span<const std::byte>> pieces);
    static constexpr std::size_t most_pieces = 64;  ///< of one system call (IOV_MAX is 1024; Asio passes on 64)

    /// on_transport_readable (_writable) follows, once, as soon as a read (a write) is worth trying; what it finds may
    /// be that the connection is lost.
    void wait_readable();
    void wait_writable();

    /// Nothing while there is no connection.
    [[nodiscard]] std::optional<connection_endpoints> endpoints() const;

  private:
    using tcp = boost::asio::ip::tcp;
    using addresses = tcp::resolver::results_type;

    void resolve();
    void connect(const std::shared_ptr<addresses>& found, addresses::const_iterator next, error_code last);
    [[nodiscard]] error_code open_socket(const tcp::endpoint& to);
    void connected();
    void shake_hands();
    void up();
    void lost(failure why);
    void flush_later();
    template <class Then>
    void wait_for(tls_stream::needs what, Then then);

    transport_options options_;
    std::weak_ptr<transport_observer> observer_;
    tcp::socket socket_;
    tcp::resolver resolver_;
    std::unique_ptr<tls_stream> tls_;  ///< none: plain TCP
    bool up_ = false;
    bool flushing_ = false;         ///< a wait for the socket is out that sends what `tls_` holds
    bool writable_wanted_ = false;  ///< the observer is told when that has been sent
    bool closed_ = false;
};

}  // namespace persiscsi
