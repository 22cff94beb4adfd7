// SPDX-License-Identifier: Apache-2.0
#include "tests/target/tls_relay.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstddef>
#include <set>
#include <utility>
#include <vector>

namespace persiscsi::target {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using fault = tls_relay_options::fault;

constexpr std::size_t buffer_size = 256 * 1024;
/// After a refused handshake the initiator may read why; it is not reset for bytes that nobody read.
constexpr std::chrono::milliseconds lingering{500};

}  // namespace

class tls_relay::listener : public std::enable_shared_from_this<listener> {
  public:
    class pair;

    listener(asio::io_context& io, const tls_relay_options& options);
    void accept_next();
    void stop();

    asio::io_context& io;
    const tls_relay_options options;
    ssl::context tls{ssl::context::tls_server};
    tcp::acceptor acceptor;
    tcp::endpoint target;
    std::uint64_t handshakes = 0;
    std::string asked_for;
    std::set<std::shared_ptr<pair>> pairs;
};

/// One initiator and its connection to the target.
class tls_relay::listener::pair : public std::enable_shared_from_this<pair> {
  public:
    pair(listener& owner, tcp::socket socket)
        : owner_(owner.weak_from_this()), outside_(std::move(socket), owner.tls), inside_(owner.io), timer_(owner.io) {}

    void begin(const listener& owner) {
        error_code ignored;
        outside_.lowest_layer().set_option(tcp::no_delay(true), ignored);
        if (owner.options.wrong == fault::hang_up || owner.options.wrong == fault::silent) return ignore_hello(owner);
        outside_.async_handshake(ssl::stream_base::server, [self = shared_from_this()](error_code error) {
            if (error)
                self->linger();
            else
                self->greet();
        });
    }

    void close() {
        error_code ignored;
        timer_.cancel();
        outside_.lowest_layer().close(ignored);
        inside_.close(ignored);
        if (const auto owner = owner_.lock()) owner->pairs.erase(shared_from_this());
    }

    [[nodiscard]] bool leads_from(std::uint16_t inside) const {
        error_code error;
        const auto local = inside_.local_endpoint(error);
        return !error && local.port() == inside;
    }
    [[nodiscard]] std::string portal() const {
        error_code error;
        const auto local = outside_.lowest_layer().local_endpoint(error);
        if (error) return {};
        const auto address = local.address().to_string();
        return (local.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(local.port());
    }

  private:
    void ignore_hello(const listener& owner) {
        const bool hang_up = owner.options.wrong == fault::hang_up;
        outside_.next_layer().async_read_some(asio::buffer(from_outside_),
                                              [self = shared_from_this(), hang_up](error_code error, std::size_t) {
                                                  if (error || hang_up) self->close();
                                              });
    }

    void greet() {
        const auto owner = owner_.lock();
        if (!owner) return close();
        ++owner->handshakes;
        const auto* name = SSL_get_servername(outside_.native_handle(), TLSEXT_NAMETYPE_host_name);
        owner->asked_for = name == nullptr ? "" : name;
        truncate_ = owner->options.wrong == fault::truncate;
        inside_.async_connect(owner->target, [self = shared_from_this()](error_code error) {
            if (error) return self->close();
            error_code ignored;
            self->inside_.set_option(tcp::no_delay(true), ignored);
            self->carry_in();
            self->carry_out();
        });
    }

    void carry_in() {
        outside_.async_read_some(
            asio::buffer(from_outside_), [self = shared_from_this()](error_code error, std::size_t count) {
                if (error) return self->close();
                asio::async_write(
                    self->inside_,
                    asio::buffer(self->from_outside_.data(), count),
                    [self](error_code failed, std::size_t) { failed ? self->close() : self->carry_in(); });
            });
    }

    void carry_out() {
        inside_.async_read_some(
            asio::buffer(from_inside_), [self = shared_from_this()](error_code error, std::size_t count) {
                if (error) return self->end();
                asio::async_write(
                    self->outside_,
                    asio::buffer(self->from_inside_.data(), count),
                    [self](error_code failed, std::size_t) { failed ? self->close() : self->carry_out(); });
            });
    }

    /// The target has closed.
    void end() {
        if (truncate_) return close();
        outside_.async_shutdown([self = shared_from_this()](error_code) { self->close(); });
    }

    void linger() {
        error_code ignored;
        outside_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
        timer_.expires_after(lingering);
        timer_.async_wait([self = shared_from_this()](error_code) { self->close(); });
        drain();
    }
    void drain() {
        outside_.next_layer().async_read_some(
            asio::buffer(from_outside_),
            [self = shared_from_this()](error_code error, std::size_t) { error ? self->close() : self->drain(); });
    }

    std::weak_ptr<listener> owner_;
    ssl::stream<tcp::socket> outside_;
    tcp::socket inside_;
    asio::steady_timer timer_;
    bool truncate_ = false;
    std::vector<std::byte> from_outside_ = std::vector<std::byte>(buffer_size);
    std::vector<std::byte> from_inside_ = std::vector<std::byte>(buffer_size);
};

tls_relay::listener::listener(asio::io_context& on, const tls_relay_options& with)
    : io(on), options(with), acceptor(on, {asio::ip::make_address(with.address), with.port}) {
    tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
    if (with.tls_1_2_only) tls.set_options(ssl::context::no_tlsv1_3);
    tls.use_certificate_chain_file(with.certificate);
    tls.use_private_key_file(with.key, ssl::context::pem);
    if (with.client_ca.empty()) return;
    tls.load_verify_file(with.client_ca);
    tls.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
}

void tls_relay::listener::accept_next() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
        if (!self->acceptor.is_open()) return;
        if (!error && self->target.port() != 0) {
            const auto fresh = std::make_shared<pair>(*self, std::move(socket));
            self->pairs.insert(fresh);
            fresh->begin(*self);
        }
        self->accept_next();
    });
}

void tls_relay::listener::stop() {
    error_code ignored;
    acceptor.close(ignored);
    for (const auto& each : std::exchange(pairs, {})) each->close();
}

tls_relay::tls_relay(asio::io_context& io, const tls_relay_options& options)
    : listener_(std::make_shared<listener>(io, options)) {
    listener_->accept_next();
}

tls_relay::~tls_relay() {
    stop();
}

std::uint16_t tls_relay::port() const {
    return listener_->acceptor.local_endpoint().port();
}

void tls_relay::lead_to(const std::string& address, std::uint16_t port) {
    listener_->target = {asio::ip::make_address(address), port};
}

std::string tls_relay::portal_before(std::uint16_t inside) const {
    for (const auto& each : listener_->pairs)
        if (each->leads_from(inside)) return each->portal();
    return {};
}

std::uint64_t tls_relay::handshakes() const {
    return listener_->handshakes;
}

std::string tls_relay::asked_for() const {
    return listener_->asked_for;
}

void tls_relay::stop() {
    listener_->stop();
}

}  // namespace persiscsi::target
