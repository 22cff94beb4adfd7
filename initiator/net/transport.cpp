// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/transport.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <utility>

namespace persiscsi {
namespace {

namespace asio = boost::asio;

bool must_wait(const error_code& error) {
    return error == asio::error::would_block || error == asio::error::try_again;
}

transport::moved outcome_of(std::size_t bytes, const error_code& error) {
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
    closed_ = true;
    up_ = false;
    error_code ignored;
    resolver_.cancel();
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
    up_ = true;
    if (const auto owner = observer_.lock()) owner->on_transport_up(*this);
}

void transport::lost(failure why) {
    up_ = false;
    if (const auto owner = observer_.lock()) owner->on_transport_lost(*this, std::move(why));
}

transport::moved transport::read_some(const std::array<std::span<std::byte>, 2>& into) {
    const std::array buffers{asio::buffer(into[0].data(), into[0].size()),
                             asio::buffer(into[1].data(), into[1].size())};
    error_code error;
    const auto count = socket_.read_some(buffers, error);
    return outcome_of(count, error);
}

transport::moved transport::write_some(std::span<const std::span<const std::byte>> pieces) {
    std::array<asio::const_buffer, most_pieces> buffers;
    const auto count = std::min(pieces.size(), most_pieces);
    for (std::size_t i = 0; i < count; ++i) buffers[i] = asio::buffer(pieces[i].data(), pieces[i].size());
    error_code error;
    const auto sent = socket_.write_some(std::span<const asio::const_buffer>(buffers).first(count), error);
    return outcome_of(sent, error);
}

void transport::wait_readable() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this(), owner = observer_.lock()](error_code error) {
        if (self->closed_ || !owner) return;
        if (error)
            self->lost({protocol_errc::remote_closed, error.message()});
        else
            owner->on_transport_readable(*self);
    });
}

void transport::wait_writable() {
    // An error shows at the write that follows.
    socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this(), owner = observer_.lock()](error_code) {
        if (!self->closed_ && owner) owner->on_transport_writable(*self);
    });
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
