// SPDX-License-Identifier: Apache-2.0
#include "tests/target/connection.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <sstream>
#include <utility>

namespace persiscsi::target {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t data_in_high_water = 4 * 1024 * 1024;  // Data-In waits above it
constexpr std::size_t receive_high_water = 2 * data_in_high_water;
constexpr std::size_t most_buffers = 64;  // of one gathered write, Asio's own limit

/// Buffers that live elsewhere: copied into an operation for nothing.
struct buffer_view {
    const asio::const_buffer* first;
    const asio::const_buffer* last;
    [[nodiscard]] const asio::const_buffer* begin() const { return first; }
    [[nodiscard]] const asio::const_buffer* end() const { return last; }
};

std::string shown(const asio::ip::tcp::socket& socket) {
    error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    std::ostringstream text;
    if (error) return "(gone)";
    text << endpoint;
    return text.str();
}

}  // namespace

connection::connection(std::shared_ptr<target_server> server, asio::ip::tcp::socket socket)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      login_timer_(server_->io),
      pause_timer_(server_->io),
      stall_timer_(server_->io),
      peer_(shown(socket_)),
      reader_(agreed_values{}.target_max_recv),
      login_(std::in_place, server_->options) {}

void connection::begin() {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    login_timer_.expires_after(server_->options.login_timeout);
    login_timer_.async_wait([self = shared_from_this()](error_code error) {
        const std::lock_guard lock(self->server_->mutex);
        if (!error && !self->phase_) self->close("login took too long");
    });
    receive();
}

void connection::close(const std::string& reason) {
    if (!std::exchange(open_, false)) return;
    server_->log(peer_ + ": closed, " + reason);
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    login_timer_.cancel();
    pause_timer_.cancel();
    stall_timer_.cancel();
    resumptions_.clear();
    server_->connection_closed(shared_from_this(), logout_);
    abandon_session({});
}

void connection::abandon_session(std::optional<std::uint64_t> loss) {
    session_ = nullptr;
    if (phase_) phase_->leave(loss);
}

pdu::status_sn connection::next_stat_sn() const {
    return phase_ ? phase_->next_stat_sn() : login_stat_sn_;
}

void connection::receive() {
    if (!open_ || receiving_) return;
    receiving_ = true;
    const auto space = reader_.space();
    const std::array<asio::mutable_buffer, 2> buffers{asio::buffer(space[0].data(), space[0].size()),
                                                      asio::buffer(space[1].data(), space[1].size())};
    socket_.async_read_some(buffers, [self = shared_from_this()](error_code error, std::size_t count) {
        const std::lock_guard lock(self->server_->mutex);
        self->receiving_ = false;
        if (!self->open_) return;
        if (error) return self->close(error == asio::error::eof ? "by the initiator" : error.message());
        self->reader_.filled(count);
        self->process();
    });
}

void connection::process() {
    processing_ = true;
    take_pdus();
    processing_ = false;
    write();
}

void connection::take_pdus() {
    using step = pdu::pdu_reader::step;
    while (open_ && !closing_ && !stalled_ && !receiving_ && queue_.bytes() < receive_high_water) {
        const auto next = reader_.next();
        if (next == step::need_bytes) {
            receive();
        } else if (next == step::corrupt) {
            server_->violation(peer_, reader_.error().message() + ": " + reader_.error_detail());
            on_corrupt_pdu("a wrong data digest");
        } else if (next == step::failed) {
            violation(reader_.error().message() + ": " + reader_.error_detail(), true);
        } else if (next == step::header) {
            place_ = phase_ ? phase_->place_for(reader_.header(), reader_.data_size()) : std::span<std::byte>{};
            if (!place_.empty()) reader_.place_data(place_);
        } else {
            on_pdu();
        }
    }
}

void connection::on_pdu() {
    const auto steps = steps_for_received();
    if (steps.drop) return close_after_flush();
    bhs_ = reader_.header();
    spoilt_data_.clear();
    if (spoil_received(steps.flips)) return;
    const bool holds_stream = pdu::opcode_of(reader_.header()) != pdu::opcode::scsi_command || !phase_;
    if (steps.fault.delay.count() > 0 && holds_stream) return stall(steps.fault.delay, steps.fault);
    act_on_pdu(steps.fault);
}

void connection::act_on_pdu(const received_fault& fault) {
    const auto data = spoilt_data_.empty() ? reader_.data() : spoilt_data_;
    if (phase_) return phase_->on_pdu({bhs_, reader_.ahs(), data, !place_.empty()}, fault);
    if (pdu::opcode_of(reader_.header()) != pdu::opcode::login_request)
        return violation("opcode " + std::to_string(static_cast<unsigned>(pdu::opcode_of(reader_.header()))) +
                             " before the login was complete",
                         true);
    if (!fault.ignore) on_login_request(data, fault);
}

void connection::stall(std::chrono::milliseconds time, const received_fault& fault) {
    stalled_ = true;
    stall_timer_.expires_after(time);
    stall_timer_.async_wait([self = shared_from_this(), fault](error_code error) {
        const std::lock_guard lock(self->server_->mutex);
        if (error || !self->open_) return;
        self->stalled_ = false;
        self->processing_ = true;
        self->act_on_pdu(fault);
        self->process();
    });
}

/// Below ErrorRecoveryLevel 1 we end the connection, where the initiator may rebuild the session (RFC 7143 §7.8).
void connection::on_corrupt_pdu(const std::string& why) {
    const bool recovers = phase_ && session_ && session_->state->agreed.error_recovery_level > 0;
    if (!recovers) return close(why);
    phase_->on_corrupt_pdu(reader_.header());
}

void connection::write() {
    send_deferred();
    if (!open_ || writing_ || paused_) return;
    if (queue_.close_is_due()) return close(logout_ ? "logged out" : "as the target wants it");
    if (const auto pause = queue_.take_pause()) return pause_sending(*pause);
    gathered_.clear();
    queue_.gather(gathered_, most_buffers);
    if (gathered_.empty()) return;
    writing_buffers_.clear();
    for (const auto part : gathered_) writing_buffers_.emplace_back(part.data(), part.size());
    writing_ = true;
    socket_.async_write_some(buffer_view{writing_buffers_.data(), writing_buffers_.data() + writing_buffers_.size()},
                             [self = shared_from_this()](error_code error, std::size_t count) {
                                 const std::lock_guard lock(self->server_->mutex);
                                 self->writing_ = false;
                                 if (!self->open_) return;
                                 if (error) return self->close("sending: " + error.message());
                                 self->on_written(count);
                             });
}

/// Something was queued from outside of this connection's own handlers, by another connection of the session say.
void connection::write_soon() {
    if (processing_ || std::exchange(write_posted_, true)) return;
    asio::post(server_->io, [self = shared_from_this()] {
        const std::lock_guard lock(self->server_->mutex);
        self->write_posted_ = false;
        self->write();
    });
}

void connection::on_written(std::size_t count) {
    queue_.consume(count);
    processing_ = true;
    if (phase_) phase_->pump();
    processing_ = false;
    if (!receiving_ && !stalled_ && !closing_) return process();
    write();
}

void connection::pause_sending(std::chrono::milliseconds time) {
    paused_ = true;
    pause_timer_.expires_after(time);
    pause_timer_.async_wait([self = shared_from_this()](error_code error) {
        const std::lock_guard lock(self->server_->mutex);
        if (error || !self->open_) return;
        self->paused_ = false;
        self->write();
    });
}

void connection::transmit(const pdu::bhs_bytes& bhs, std::span<const std::byte> borrowed) {
    write_soon();
    auto late = std::exchange(late_, {});
    if (server_->play.empty() || !sent_by_script(bhs, borrowed)) queue_.push(pdu::frame(bhs, {}, borrowed, digests_));
    if (!late.empty()) queue_.push_raw(std::move(late));
}

void connection::transmit_owned(const pdu::bhs_bytes& bhs, std::vector<std::byte> data) {
    write_soon();
    auto late = std::exchange(late_, {});
    if (server_->play.empty() || !sent_by_script(bhs, data)) queue_.push(pdu::frame(bhs, std::move(data), digests_));
    if (!late.empty()) queue_.push_raw(std::move(late));
}

bool connection::congested() const {
    return queue_.bytes() >= data_in_high_water;
}

void connection::violation(const std::string& what, bool fatal) {
    server_->violation(peer_, what);
    if (fatal) close("after a violation");
}

void connection::close_after_flush() {
    closing_ = true;
    queue_.push_close();
    write_soon();
}

void connection::resume_later(pdu::task_tag tag, std::uint64_t serial, std::chrono::milliseconds time) {
    auto& timer = resumptions_.try_emplace(serial, server_->io, time).first->second;
    timer.async_wait([self = shared_from_this(), tag, serial](error_code error) {
        const std::lock_guard lock(self->server_->mutex);
        if (error || !self->open_) return;
        self->resumptions_.erase(serial);
        if (self->phase_) self->phase_->resume(tag, serial);
        self->write();
    });
}

void connection::reset_units(pdu::lun_id lun, bool all_units) {
    if (session_ && session_->state->devices) server_->reset_units(session_, lun, all_units);
}

void connection::cold_reset() {
    if (!session_) return;
    server_->end_sessions_of(*session_, *this);
    logout_ = pdu::logout_reason::close_session;
}

pdu::logout_outcome connection::log_out(const pdu::logout_request& request) {
    if (!session_) return pdu::logout_outcome::cleanup_failed;
    const auto outcome = server_->log_out(*session_, *this, request);
    if (outcome != pdu::logout_outcome::closed) return outcome;
    ++server_->counters.logouts;
    const bool own =
        request.reason == pdu::logout_reason::close_session || static_cast<std::uint16_t>(request.cid) == cid_;
    if (own) logout_ = request.reason;
    return outcome;
}

connection_info connection::info() const {
    return {cid_, peer_, digests_.header, digests_.data, phase_ ? phase_->task_count() : 0};
}

void connection::count_snack(pdu::snack_type type) {
    auto& counters = server_->counters;
    if (type == pdu::snack_type::data_or_r2t) ++counters.data_snacks;
    if (type == pdu::snack_type::status) ++counters.status_snacks;
    if (type == pdu::snack_type::data_ack) ++counters.data_acks;
    if (type == pdu::snack_type::r_data) ++counters.r_data_snacks;
}

void connection::count_data(std::uint64_t read, std::uint64_t written) {
    server_->counters.bytes_read += read;
    server_->counters.bytes_written += written;
}

std::vector<std::byte> connection::send_targets(const std::string& name) const {
    error_code error;
    const auto local = socket_.local_endpoint(error);
    if (error) return {};
    const auto initiator = socket_.remote_endpoint(error);
    return error ? std::vector<std::byte>{} : server_->send_targets(name, local, initiator);
}

void connection::ping() {
    if (!phase_) return;
    phase_->ping();
    write();
}

void connection::send_async(const fault::async& event) {
    deferred_asyncs_.push_back(event);
    write();
}

void connection::tell_window() {
    if (!phase_) return;
    phase_->tell_window();
    write();
}

}  // namespace persiscsi::target
