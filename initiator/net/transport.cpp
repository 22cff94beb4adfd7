// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/transport.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace persiscsi {
namespace {

namespace asio = boost::asio;

bool must_wait(const error_code& error) {
    return error == asio::error::would_block || error == asio::error::try_again;
}

bytes_moved outcome_of(std::size_t bytes, const error_code& error) {
    if (!error) return {bytes};
    if (must_wait(error)) return {};
    return {0, {protocol_errc::remote_closed, error == asio::error::eof ? std::string() : error.message()}};
}

}  // namespace

std::shared_ptr<transport> transport::open(asio::any_io_executor executor,
                                           transport_options options,
                                           std::weak_ptr<transport_observer> observer) {
    auto opened =
        std::make_shared<transport>(only_open{}, std::move(executor), std::move(options), std::move(observer));
    opened->resolve();
    return opened;
}

transport::transport(only_open,
                     asio::any_io_executor executor,
                     transport_options options,
                     std::weak_ptr<transport_observer> observer)
    : options_(std::move(options)), observer_(std::move(observer)), socket_(executor), resolver_(executor) {}

void transport::close() {
    if (std::exchange(closed_, true)) return;
    up_ = false;
    error_code ignored;
    resolver_.cancel();
    if (tls_) tls_->close_notify();
    socket_.close(ignored);
}

// Every handler below holds the observer beside the transport: an owner that nobody else knows lives as long as
// something of its own is outstanding, and ends with the executor.

void transport::resolve() {
    resolver_.async_resolve(options_.to.host,
                            std::to_string(options_.to.port),
                            tcp::resolver::numeric_service,
                            [self = shared_from_this(), owner = observer_.lock()](error_code error, addresses found) {
                                if (self->closed_) return;
                                if (error) {
                                    self->lost({login_errc::host_not_found,
                                                "cannot resolve " + self->options_.to.host + ": " + error.message()});
                                    return;
                                }
                                const auto kept = std::make_shared<addresses>(std::move(found));
                                self->connect(kept, kept->begin(), asio::error::host_not_found);
                            });
}

void transport::connect(const std::shared_ptr<addresses>& found, addresses::const_iterator next, error_code last) {
    for (; next != found->end(); ++next) {
        const tcp::endpoint endpoint = next->endpoint();
        last = open_socket(endpoint);
        if (last) continue;
        socket_.async_connect(
            endpoint, [self = shared_from_this(), owner = observer_.lock(), found, next](error_code failed) mutable {
                if (self->closed_) return;
                if (failed)
                    self->connect(found, ++next, failed);
                else
                    self->connected();
            });
        return;
    }
    lost({login_errc::connect_failed, "no TCP connection: " + last.message()});
}

error_code transport::open_socket(const tcp::endpoint& to) {
    error_code error;
    socket_.close(error);
    socket_.open(to.protocol(), error);
    if (error || options_.local_address.empty()) return error;
    const auto address = asio::ip::make_address(options_.local_address, error);
    if (!error) socket_.bind({address, 0}, error);
    return error;
}

void transport::connected() {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);  // frames are gathered by us, waiting for more only adds latency
    socket_.non_blocking(true, ignored);
    if (!options_.tls.enabled) return up();
    failure wrong;
    tls_ = tls_stream::open(options_.tls, options_.to.host, socket_.native_handle(), wrong);
    if (wrong)
        lost(std::move(wrong));
    else
        shake_hands();
}

void transport::shake_hands() {
    failure wrong;
    const auto needs = tls_->handshake(wrong);
    if (wrong)
        lost(std::move(wrong));
    else if (needs == tls_stream::needs::nothing)
        up();
    else
        wait_for(needs, [this](const auto&) { shake_hands(); });
}

void transport::up() {
    up_ = true;
    if (const auto owner = observer_.lock()) owner->on_transport_up(*this);
}

void transport::lost(failure why) {
    up_ = false;
    if (const auto owner = observer_.lock()) owner->on_transport_lost(*this, std::move(why));
}

/// Calls `then(owner)` when the socket is ready, or at once from the executor where nothing is needed. An error of the
/// socket shows at what `then` tries.
template <class Then>
void transport::wait_for(tls_stream::needs what, Then then) {
    auto handler = [self = shared_from_this(), owner = observer_.lock(), then](error_code) {
        if (!self->closed_ && owner) then(*owner);
    };
    if (what == tls_stream::needs::nothing)
        asio::post(socket_.get_executor(), asio::append(std::move(handler), error_code()));
    else
        socket_.async_wait(what == tls_stream::needs::readable ? tcp::socket::wait_read : tcp::socket::wait_write,
                           std::move(handler));
}

bytes_moved transport::read_some(const std::array<std::span<std::byte>, 2>& into) {
    if (tls_) return tls_->read_some(into);
    const std::array buffers{asio::buffer(into[0].data(), into[0].size()),
                             asio::buffer(into[1].data(), into[1].size())};
    error_code error;
    const auto count = socket_.read_some(buffers, error);
    return outcome_of(count, error);
}

bytes_moved transport::write_some(std::span<const std::span<const std::byte>> pieces) {
    const auto count = std::min(pieces.size(), most_pieces);
    if (tls_) {
        auto moved = tls_->write_some(pieces.first(count));
        if (!moved.lost && tls_->holds_output()) flush_later();
        return moved;
    }
    std::array<asio::const_buffer, most_pieces> buffers;
    for (std::size_t i = 0; i < count; ++i) buffers[i] = asio::buffer(pieces[i].data(), pieces[i].size());
    error_code error;
    const auto sent = socket_.write_some(std::span<const asio::const_buffer>(buffers).first(count), error);
    return outcome_of(sent, error);
}

void transport::flush_later() {
    if (std::exchange(flushing_, true)) return;
    wait_for(tls_->writing_needs(), [this](transport_observer& owner) {
        flushing_ = false;
        failure wrong;
        if (tls_->flush(wrong)) {
            if (std::exchange(writable_wanted_, false)) owner.on_transport_writable(*this);
        } else if (wrong) {
            lost(std::move(wrong));
        } else {
            flush_later();
        }
    });
}

void transport::wait_readable() {
    wait_for(tls_ ? tls_->reading_needs() : tls_stream::needs::readable,
             [this](transport_observer& owner) { owner.on_transport_readable(*this); });
}

void transport::wait_writable() {
    if (flushing_)
        writable_wanted_ = true;
    else
        wait_for(tls_stream::needs::writable,
                 [this](transport_observer& owner) { owner.on_transport_writable(*this); });
}

std::optional<connection_endpoints> transport::endpoints() const {
    if (!up_) return std::nullopt;
    error_code local_error;
    error_code remote_error;
    const auto local = socket_.local_endpoint(local_error);
    const auto remote = socket_.remote_endpoint(remote_error);
    if (local_error || remote_error) return std::nullopt;
    return connection_endpoints{to_string(portal{local.address().to_string(), local.port()}),
                                to_string(portal{remote.address().to_string(), remote.port()})};
}

}  // namespace persiscsi
