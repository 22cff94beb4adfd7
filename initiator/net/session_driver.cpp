// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/session_driver.hpp"

#include "initiator/net/operations.hpp"
#include "initiator/net/system_random.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <span>
#include <utility>

namespace persiscsi {
namespace {

namespace asio = boost::asio;

/// Pieces of one system call (IOV_MAX is 1024; Asio passes on 64).
constexpr std::size_t most_pieces = 64;
/// Receives before others on this thread get their turn.
constexpr int most_reads_in_a_row = 16;

time_point now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

session_driver::session_driver(asio::any_io_executor executor, session_options options)
    : executor_(executor),
      core_(std::move(options), system_random),
      socket_(executor),
      resolver_(executor),
      timer_(executor) {}

void session_driver::login(diagnostics* story, login_handler handler) {
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
        slot.assign([self = weak_from_this()](asio::cancellation_type) {
            const auto driver = self.lock();
            if (!driver) return;
            driver->core_.stop({protocol_errc::local_cancelled, "login cancelled"}, now());
            driver->drive_soon();
        });
    }
    logins_.push_back({story, std::move(handler)});
    core_.login(false, now());
    drive_soon();
}

void session_driver::keep_logged_in() {
    core_.login(true, now());
    drive_soon();
}

void session_driver::logout(diagnostics* story, login_handler handler) {
    logouts_.push_back({story, std::move(handler)});
    core_.logout(now());
    drive_soon();
}

void session_driver::execute(const scsi_task& task, diagnostics* story, execute_handler handler) {
    auto operation = std::make_unique<execute_operation>(execute_operation{story, std::move(handler)});
    auto slot = asio::get_associated_cancellation_slot(operation->handler);
    const auto tag = core_.submit(task, operation.release(), now());
    if (slot.is_connected() && tag != pdu::task_tag::reserved) {
        slot.assign([self = weak_from_this(), tag](asio::cancellation_type) {
            const auto driver = self.lock();
            if (!driver) return;
            driver->core_.cancel(tag, now());
            driver->drive_soon();
        });
    }
    drive_soon();
}

void session_driver::text(const pdu::text_keys& keys, diagnostics* story, text_handler handler) {
    auto operation = std::make_unique<text_operation>(text_operation{story, std::move(handler)});
    core_.submit_text(keys, operation.release(), now());
    drive_soon();
}

void session_driver::shut_down() {
    observer_ = nullptr;
    core_.stop({protocol_errc::local_cancelled, "the session was closed"}, now());
    drive();
}

void session_driver::drive_soon() {
    if (driving_ || std::exchange(drive_posted_, true)) return;
    asio::post(executor_, [self = shared_from_this()] {
        self->drive_posted_ = false;
        self->drive();
    });
}

void session_driver::drive() {
    if (std::exchange(driving_, true)) return;
    do {
        while (auto effect = core_.next_effect()) std::visit([&](auto& what) { perform(what); }, *effect);
        write();
    } while (core_.has_effects());
    driving_ = false;
    arm_timer();
}

void session_driver::perform(const session_core::open_transport& effect) {
    const auto transport = ++transport_;
    resolver_.async_resolve(
        effect.to.host,
        std::to_string(effect.to.port),
        tcp::resolver::numeric_service,
        [self = shared_from_this(), transport, host = effect.to.host](error_code error, addresses found) {
            if (transport != self->transport_) return;
            if (error) {
                self->transport_lost({login_errc::host_not_found, "cannot resolve " + host + ": " + error.message()});
                return;
            }
            auto kept = std::make_shared<addresses>(std::move(found));
            self->connect(kept, kept->begin(), asio::error::host_not_found);
        });
}

void session_driver::connect(std::shared_ptr<addresses> found, addresses::const_iterator next, error_code last) {
    if (next == found->end()) {
        transport_lost({login_errc::connect_failed, "no TCP connection: " + last.message()});
        return;
    }
    const tcp::endpoint endpoint = next->endpoint();
    error_code error;
    socket_.close(error);
    socket_.open(endpoint.protocol(), error);
    if (const auto& local = core_.options().local_address; !error && !local.empty()) {
        const auto address = asio::ip::make_address(local, error);
        if (!error) socket_.bind({address, 0}, error);
    }
    if (error) {
        connect(found, ++next, error);
        return;
    }
    socket_.async_connect(endpoint,
                          [self = shared_from_this(), transport = transport_, found, next](error_code failed) mutable {
                              if (transport != self->transport_) return;
                              if (failed) {
                                  self->connect(found, ++next, failed);
                              } else {
                                  self->connected();
                              }
                          });
}

void session_driver::connected() {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);  // frames are gathered by us, waiting for more only adds latency
    socket_.non_blocking(true, ignored);
    up_ = true;
    waiting_writable_ = false;
    core_.on_transport_up(now());
    wait_readable();
    drive();
}

void session_driver::perform(const session_core::close_transport&) {
    ++transport_;
    up_ = false;
    error_code ignored;
    resolver_.cancel();
    socket_.close(ignored);
}

void session_driver::transport_lost(failure why) {
    core_.on_transport_lost(std::move(why), now());
    drive();
}

void session_driver::wait_readable() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this(), transport = transport_](error_code error) {
        if (transport != self->transport_) return;
        if (error) {
            self->transport_lost({protocol_errc::remote_closed, error.message()});
            return;
        }
        self->read();
        if (transport == self->transport_) self->wait_readable();
    });
}

void session_driver::read() {
    const auto transport = transport_;
    for (int reads = 0; reads < most_reads_in_a_row && transport == transport_; ++reads) {
        const auto space = core_.receive_space();
        const std::array buffers{asio::buffer(space[0].data(), space[0].size()),
                                 asio::buffer(space[1].data(), space[1].size())};
        error_code error;
        const auto count = socket_.read_some(buffers, error);
        if (error == asio::error::would_block || error == asio::error::try_again) break;
        if (error) {
            const bool closed = error == asio::error::eof;
            transport_lost({protocol_errc::remote_closed, closed ? std::string() : error.message()});
            return;
        }
        core_.on_received(count, now());
        if (core_.has_effects()) drive();
        if (count < space[0].size() + space[1].size()) break;  // the socket is drained: no call to be told so
    }
    drive();
}

void session_driver::write() {
    while (up_ && !waiting_writable_) {
        std::array<std::span<const std::byte>, most_pieces> pieces;
        const auto count = core_.gather(pieces);
        if (count == 0) return;
        std::array<asio::const_buffer, most_pieces> buffers;
        for (std::size_t i = 0; i < count; ++i) buffers[i] = asio::buffer(pieces[i].data(), pieces[i].size());
        error_code error;
        const auto sent = socket_.write_some(std::span<const asio::const_buffer>(buffers).first(count), error);
        if (error == asio::error::would_block || error == asio::error::try_again) {
            waiting_writable_ = true;
            socket_.async_wait(tcp::socket::wait_write,
                               [self = shared_from_this(), transport = transport_](error_code) {
                                   if (transport != self->transport_) return;
                                   self->waiting_writable_ = false;
                                   self->drive();
                               });
            return;
        }
        if (error) {
            core_.on_transport_lost({protocol_errc::remote_closed, error.message()}, now());
            return;
        }
        core_.on_sent(sent);
    }
}

void session_driver::arm_timer() {
    const auto deadline = core_.deadline();
    if (!deadline) {  // a wait would keep this object, and the executor, for nothing
        timer_.cancel();
        timer_armed_.reset();
        return;
    }
    if (timer_armed_ && *timer_armed_ <= *deadline) return;  // it fires early, and is armed again then
    timer_armed_ = deadline;
    timer_.expires_at(*deadline);
    timer_.async_wait([self = shared_from_this()](error_code error) {
        if (error) return;  // armed anew
        self->timer_armed_.reset();
        self->core_.on_deadline(now());
        self->drive();
    });
}

void session_driver::perform(session_core::login_finished& effect) {
    for (auto& waiting : std::exchange(logins_, {})) {
        complete(executor_, std::move(waiting.handler), waiting.story, effect.failed);
    }
}

void session_driver::perform(session_core::logout_finished& effect) {
    for (auto& waiting : std::exchange(logouts_, {})) {
        complete(executor_, std::move(waiting.handler), waiting.story, effect.failed);
    }
}

void session_driver::perform(session_core::scsi_finished& effect) {
    const std::unique_ptr<execute_operation> operation(static_cast<execute_operation*>(effect.owner));
    const auto failed = std::move(effect.outcome.failed);
    complete(executor_, std::move(operation->handler), operation->story, failed, std::move(effect.outcome));
}

void session_driver::perform(session_core::text_finished& effect) {
    const std::unique_ptr<text_operation> operation(static_cast<text_operation*>(effect.owner));
    complete(executor_, std::move(operation->handler), operation->story, effect.failed, std::move(effect.keys));
}

void session_driver::perform(const session_core::state_changed& effect) {
    if (observer_) observer_(effect.state);
}

std::optional<connection_endpoints> session_driver::endpoints() const {
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
