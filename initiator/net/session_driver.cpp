// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/session_driver.hpp"

#include "initiator/net/operations.hpp"
#include "initiator/net/system_random.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <span>
#include <utility>

namespace persiscsi {
namespace {

namespace asio = boost::asio;

/// Receives before others on this thread get their turn.
constexpr int most_reads_in_a_row = 16;

time_point now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

session_driver::session_driver(asio::any_io_executor executor, session_options options)
    : executor_(executor), core_(std::move(options), system_random), timer_(executor) {}

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

void session_driver::manage(pdu::task_management_function function,
                            pdu::lun_id lun,
                            diagnostics* story,
                            management_handler handler) {
    auto operation = std::make_unique<management_operation>(management_operation{story, std::move(handler)});
    core_.manage(function, lun, operation.release(), now());
    drive_soon();
}

void session_driver::shut_down() {
    observer_ = nullptr;
    notice_observer_ = nullptr;
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
        for (std::size_t i = 0; i < links_.size(); ++i) write(static_cast<connection_number>(i));
    } while (core_.has_effects());
    driving_ = false;
    arm_timer();
}

void session_driver::perform(const session_core::open_transport& effect) {
    if (links_.size() <= effect.connection) links_.resize(std::size_t{effect.connection} + 1);
    links_[effect.connection] = {
        .stream = transport::open(
            executor_, {effect.to, core_.options().local_address, core_.options().tls}, weak_from_this())};
}

void session_driver::perform(const session_core::close_transport& effect) {
    const auto gone = std::exchange(links_[effect.connection], {});
    if (gone.stream) gone.stream->close();
}

/// Nothing for a transport that was closed from inside the call that has just ended.
std::optional<connection_number> session_driver::number_of(const transport& which) const {
    for (std::size_t i = 0; i < links_.size(); ++i)
        if (links_[i].stream.get() == &which) return static_cast<connection_number>(i);
    return std::nullopt;
}

void session_driver::on_transport_up(transport& which) {
    const auto number = number_of(which);
    if (!number) return;
    links_[*number].up = true;
    core_.on_transport_up(now(), *number);
    which.wait_readable();
    drive();
}

void session_driver::on_transport_lost(transport& which, failure why) {
    const auto number = number_of(which);
    if (!number) return;
    core_.on_transport_lost(std::move(why), now(), *number);
    drive();
}

void session_driver::on_transport_readable(transport& which) {
    const auto number = number_of(which);
    if (!number) return;
    read(*number);
    if (number_of(which)) which.wait_readable();
}

void session_driver::on_transport_writable(transport& which) {
    const auto number = number_of(which);
    if (!number) return;
    links_[*number].waiting_writable = false;
    drive();
}

void session_driver::read(connection_number number) {
    const auto from = links_[number].stream;
    for (int reads = 0; reads < most_reads_in_a_row && from == links_[number].stream; ++reads) {
        const auto space = core_.receive_space(number);
        auto read = from->read_some(space);
        if (read.would_block()) break;
        if (read.lost) {
            on_transport_lost(*from, std::move(read.lost));
            return;
        }
        core_.on_received(read.bytes, now(), number);
        if (core_.has_effects()) drive();
        if (read.bytes < space[0].size() + space[1].size()) break;  // drained: no call to be told so
    }
    drive();
}

void session_driver::write(connection_number number) {
    auto& over = links_[number];
    while (over.up && !over.waiting_writable) {
        std::array<std::span<const std::byte>, transport::most_pieces> pieces;
        const auto count = core_.gather(pieces, number);
        if (count == 0) return;
        auto sent = over.stream->write_some(std::span(pieces).first(count));
        if (sent.would_block()) {
            over.waiting_writable = true;
            over.stream->wait_writable();
            return;
        }
        if (sent.lost) {
            core_.on_transport_lost(std::move(sent.lost), now(), number);
            return;
        }
        core_.on_sent(sent.bytes, number);
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

void session_driver::perform(session_core::management_finished& effect) {
    const std::unique_ptr<management_operation> operation(static_cast<management_operation*>(effect.owner));
    complete(executor_, std::move(operation->handler), operation->story, effect.failed, effect.outcome);
}

void session_driver::perform(const session_core::state_changed& effect) {
    if (observer_) observer_(effect.state);
}

void session_driver::perform(const session_core::message_received& effect) {
    if (notice_observer_) notice_observer_(effect.notice);
}

std::optional<connection_endpoints> session_driver::endpoints() const {
    for (const auto& one : connections())
        if (one.ends) return one.ends;
    return std::nullopt;
}

std::vector<connection_view> session_driver::connections() const {
    std::vector<connection_view> all;
    for (std::size_t i = 0; i < core_.connection_count(); ++i) {
        const auto number = static_cast<connection_number>(i);
        const bool up = i < links_.size() && links_[i].up;
        all.push_back({.cid = number,
                       .logged_in = core_.agreed_on(number).has_value(),
                       .ends = up ? links_[i].stream->endpoints() : std::nullopt});
    }
    return all;
}

}  // namespace persiscsi
