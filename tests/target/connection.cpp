// SPDX-License-Identifier: Apache-2.0
#include "tests/target/connection.hpp"

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
    session_ = nullptr;
    server_->connection_closed(shared_from_this(), logged_out_);
}

void connection::abandon_session() {
    session_ = nullptr;
    phase_.reset();
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
    using step = pdu::pdu_reader::step;
    while (open_ && !closing_ && !stalled_ && !receiving_ && queue_.bytes() < receive_high_water) {
        const auto next = reader_.next();
        if (next == step::need_bytes) {
            receive();
        } else if (next == step::failed || next == step::corrupt) {
            violation(reader_.error().message() + ": " + reader_.error_detail(), true);
        } else if (next == step::header) {
            const auto place =
                phase_ ? phase_->place_for(reader_.header(), reader_.data_size()) : std::span<std::byte>{};
            placed_ = !place.empty();
            if (placed_) reader_.place_data(place);
        } else {
            on_pdu();
        }
    }
    write();
}

void connection::on_pdu() {
    const auto steps = steps_for_received();
    if (steps.drop) return close_after_flush();
    const bool holds_stream = pdu::opcode_of(reader_.header()) != pdu::opcode::scsi_command || !phase_;
    if (steps.fault.delay.count() > 0 && holds_stream) return stall(steps.fault.delay, steps.fault);
    act_on_pdu(steps.fault);
}

void connection::act_on_pdu(const received_fault& fault) {
    if (phase_) return phase_->on_pdu(reader_.header(), reader_.data(), placed_, fault);
    if (pdu::opcode_of(reader_.header()) != pdu::opcode::login_request)
        return violation("opcode " + std::to_string(static_cast<unsigned>(pdu::opcode_of(reader_.header()))) +
                             " before the login was complete",
                         true);
    if (!fault.ignore) on_login_request();
}

void connection::stall(std::chrono::milliseconds time, const received_fault& fault) {
    stalled_ = true;
    stall_timer_.expires_after(time);
    stall_timer_.async_wait([self = shared_from_this(), fault](error_code error) {
        const std::lock_guard lock(self->server_->mutex);
        if (error || !self->open_) return;
        self->stalled_ = false;
        self->act_on_pdu(fault);
        self->process();
    });
}

void connection::on_login_request() {
    const auto request = pdu::decode<pdu::login_request>(reader_.header());
    auto answer = login_->on_request(request, reader_.data());
    if (login_->finished()) {
        session_ = server_->establish(shared_from_this(), *login_, request, answer.response.status);
        if (session_)
            answer.response.tsih = static_cast<pdu::tsih>(session_->info.tsih);
        else
            answer.reason = "TSIH " + std::to_string(static_cast<unsigned>(request.tsih)) + " cannot be used";
    }
    answer_login(request, answer);
    if (answer.refused()) return close_after_flush();
    if (session_) enter_full_feature(request);
}

void connection::answer_login(const pdu::login_request& request, login_phase::answer& answer) {
    using enum pdu::login_status;
    auto& response = answer.response;
    const auto status = response.status;
    if (answer.refused()) {
        response.transit = false;
        response.next_stage = pdu::login_stage::security_negotiation;
        const bool moved = status == target_moved_temporarily || status == target_moved_permanently;
        if (!moved) ++server_->counters.failed_logins;
        if (!moved) answer.keys.clear();
        server_->log(peer_ + ": login refused, " + answer.reason);
        if (status == initiator_error || status == missing_parameter || status == invalid_during_login)
            violation("Login Request: " + answer.reason, false);
    }
    const auto window = session_ && login_->target() ? login_->target()->limits.command_window : 1;
    response.stat_sn = login_stat_sn_;
    response.exp_cmd_sn = request.cmd_sn;
    response.max_cmd_sn = request.cmd_sn.plus(window - 1);
    login_stat_sn_ = login_stat_sn_.next();
    transmit_owned(encode(response), pdu::encode_text(answer.keys));
}

void connection::enter_full_feature(const pdu::login_request& request) {
    full_feature::start start;
    start.agreed = login_->agreed();
    start.agreed.first_burst_length = std::min(start.agreed.first_burst_length, start.agreed.max_burst_length);
    start.cmd_sn = request.cmd_sn;
    start.stat_sn = login_stat_sn_;
    start.command_window = login_->target() ? login_->target()->limits.command_window : 1;
    start.cid = request.cid;
    digests_ = start.agreed.digests;
    reader_.expect(start.agreed.target_max_recv, digests_);
    session_->info.initiator_address = peer_;
    phase_.emplace(*this, session_->devices, session_->attentions, start);
    login_timer_.cancel();
    server_->log(peer_ + ": " + pdu::escaped(login_->initiator_name()) + " logged in to " +
                 (login_->target() ? login_->target()->name : "discovery"));
}

void connection::write() {
    send_deferred_asyncs();
    if (!open_ || writing_ || paused_) return;
    if (queue_.close_is_due()) return close(logged_out_ ? "logged out" : "as the target wants it");
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

void connection::on_written(std::size_t count) {
    queue_.consume(count);
    if (phase_) phase_->pump();
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
    if (!server_->play.empty() && sent_by_script(bhs, borrowed)) return;
    queue_.push(pdu::frame(bhs, {}, borrowed, digests_));
}

void connection::transmit_owned(const pdu::bhs_bytes& bhs, std::vector<std::byte> data) {
    if (!server_->play.empty() && sent_by_script(bhs, data)) return;
    queue_.push(pdu::frame(bhs, std::move(data), digests_));
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
    if (session_ && session_->devices) server_->reset_units(*session_->devices, lun, all_units);
}

void connection::logged_out() {
    logged_out_ = true;
    ++server_->counters.logouts;
}

void connection::count_data(std::uint64_t read, std::uint64_t written) {
    server_->counters.bytes_read += read;
    server_->counters.bytes_written += written;
}

std::vector<std::byte> connection::send_targets(const std::string& name) const {
    error_code error;
    const auto local = socket_.local_endpoint(error);
    return error ? std::vector<std::byte>{} : server_->send_targets(name, local);
}

void connection::ping() {
    if (!phase_) return;
    phase_->ping();
    write();
}

void connection::send_async(const pdu::async_message& message) {
    if (!phase_) return;
    phase_->send_async(message);
    write();
}

void connection::tell_window() {
    if (!phase_) return;
    phase_->tell_window();
    write();
}

void connection::abort_tasks(std::optional<pdu::lun_id> lun) {
    if (phase_) phase_->abort_tasks(lun);
}

}  // namespace persiscsi::target
