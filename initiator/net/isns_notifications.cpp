// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/isns_notifications.hpp"

#include "initiator/isns/objects.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace persiscsi {
namespace {

namespace asio = boost::asio;

constexpr std::size_t most_connections = 8;

}  // namespace

std::shared_ptr<isns_notifications> isns_notifications::open(asio::any_io_executor executor,
                                                             const std::string& address,
                                                             std::string initiator_name,
                                                             std::function<void()> changed,
                                                             failure& wrong) {
    auto made = std::make_shared<isns_notifications>(
        only_open{}, std::move(executor), std::move(initiator_name), std::move(changed));
    error_code error;
    const tcp::endpoint at(asio::ip::make_address(address, error), 0);
    if (!error) made->acceptor_.open(at.protocol(), error);
    if (!error) made->acceptor_.bind(at, error);
    if (!error) made->acceptor_.listen(static_cast<int>(most_connections), error);
    if (error) {
        wrong = {login_errc::connect_failed, "cannot listen for notifications at " + address + ": " + error.message()};
        return nullptr;
    }
    made->accept_next();
    return made;
}

isns_notifications::isns_notifications(only_open,
                                       asio::any_io_executor executor,
                                       std::string initiator_name,
                                       std::function<void()> changed)
    : acceptor_(std::move(executor)), initiator_name_(std::move(initiator_name)), changed_(std::move(changed)) {}

std::uint16_t isns_notifications::port() const {
    error_code ignored;
    return acceptor_.local_endpoint(ignored).port();
}

void isns_notifications::close() {
    error_code ignored;
    changed_ = nullptr;
    acceptor_.close(ignored);
    for (const auto& each : std::exchange(connections_, {})) each->socket.close(ignored);
}

void isns_notifications::accept_next() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
        if (!self->changed_) return;
        if (!error) {
            if (self->connections_.size() == most_connections) self->drop(std::shared_ptr(self->connections_.front()));
            const auto fresh = std::make_shared<connection>(std::move(socket));
            self->connections_.push_back(fresh);
            self->read(fresh);
        }
        self->accept_next();
    });
}

void isns_notifications::read(const std::shared_ptr<connection>& from) {
    const auto space = from->reader.space();
    from->socket.async_read_some(asio::buffer(space.data(), space.size()),
                                 [self = shared_from_this(), from](error_code error, std::size_t count) {
                                     if (error) return self->drop(from);
                                     from->reader.filled(count);
                                     switch (from->reader.next()) {
                                         case isns::message_reader::step::need_bytes:
                                             return self->read(from);
                                         case isns::message_reader::step::message:
                                             return self->answer(from);
                                         case isns::message_reader::step::failed:
                                             return self->drop(from);
                                     }
                                 });
}

void isns_notifications::answer(const std::shared_ptr<connection>& from) {
    const auto& heard = from->reader.result();
    if (heard.function != static_cast<std::uint16_t>(isns::function::scn)) return drop(from);
    const auto reply = isns::answer_to_notification(heard, initiator_name_);
    from->output = isns::encode(reply);
    asio::async_write(
        from->socket, asio::buffer(from->output), [self = shared_from_this(), from](error_code error, std::size_t) {
            if (error) return self->drop(from);
            self->read(from);
        });
    if (reply.status == isns::status::success && changed_) changed_();
}

void isns_notifications::drop(const std::shared_ptr<connection>& which) {
    error_code ignored;
    which->socket.close(ignored);
    connections_.remove(which);
}

}  // namespace persiscsi
