// SPDX-License-Identifier: Apache-2.0
// What a fault script does to the PDUs of a connection.
#include "pdu/digest.hpp"
#include "pdu/endian.hpp"
#include "tests/target/connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace persiscsi::target {
namespace {

constexpr std::uint16_t answer_within = 10;       // seconds, Parameter3 of what asks for an answer (RFC 7143 §11.9.1)
constexpr std::size_t flood_batch = 1024 * 1024;  // bytes of a flood that wait to be sent

pdu::async_message vendor_message() {
    pdu::async_message message;
    message.event = pdu::async_event::vendor_specific;
    return message;
}

std::vector<std::byte> flattened(const pdu::frame& frame) {
    std::vector<std::byte> bytes;
    bytes.reserve(frame.size());
    for (const auto part : {frame.head(), frame.data(), frame.tail()})
        bytes.insert(bytes.end(), part.begin(), part.end());
    return bytes;
}

/// Offset of the bit's byte in the PDU; nothing where the PDU has no such place.
std::optional<std::size_t> place_of(fault::flip_bit::place where, const pdu::frame& frame, pdu::digests digests) {
    using enum fault::flip_bit::place;
    const auto head = frame.head().size();
    const auto size = frame.data().size();
    if (where == header) return 19;  // the low byte of the Initiator Task Tag
    if (where == header_digest && digests.header) return head - 1;
    if (where == data && size > 0) return head + size / 2;
    if (where == data_digest && digests.data && size > 0) return frame.size() - 1;
    return std::nullopt;
}

/// Adds 1 to a header field; the fields' places are the same in all PDUs a target sends them in.
void spoil(pdu::bhs_bytes& bhs, fault::wrong_field::which field) {
    using enum fault::wrong_field::which;
    const auto add_one = [&](std::size_t offset) {
        pdu::store_be<4>(bhs.data() + offset, pdu::load_be<4>(bhs.data() + offset) + 1);
    };
    switch (field) {
        case itt:
            return add_one(16);
        case ttt:
            return add_one(20);
        case stat_sn:
            return add_one(24);
        case max_cmd_sn:
            return add_one(32);
        case data_sn:
            return add_one(36);
        case offset:
            return add_one(40);
        case length:
            return add_one(44);
        case opcode:
            bhs[0] = std::byte{0x3e};
            return;  // names no PDU
        case dsl:
            return;
    }
}

/// The same PDU with a DataSegmentLength 4 above the truth, its header digest right.
std::vector<std::byte> with_wrong_length(const pdu::frame& frame, pdu::digests digests) {
    auto bytes = flattened(frame);
    pdu::store_be<3>(bytes.data() + 5, pdu::load_be<3>(bytes.data() + 5) + 4);
    if (digests.header)
        pdu::store_digest(bytes.data() + pdu::bhs_size, pdu::crc32c(std::span(bytes).first(pdu::bhs_size)));
    return bytes;
}

/// Unit attention "reported LUNs data has changed" as the data of an Asynchronous Message (RFC 7143 §11.9.4).
std::vector<std::byte> sense_of_event() {
    const auto sense = fixed_sense({0x02, 0x06, 0x3f, 0x0e});
    std::vector<std::byte> data(2 + sense.size());
    pdu::store_be<2>(data.data(), sense.size());
    std::copy(sense.begin(), sense.end(), data.begin() + 2);
    return data;
}

/// The initiator may miss a sign that its commands have come, and send them again (RFC 7143 §7.2.1).
bool delays_acknowledgement(const fault_action& action) {
    return std::holds_alternative<fault::ignore>(action) || std::holds_alternative<fault::delay>(action) ||
           std::holds_alternative<fault::trickle>(action) || std::holds_alternative<fault::later>(action) ||
           std::holds_alternative<fault::flood>(action);
}

/// The PDU does not go out as it is, once and at once.
bool changes_bytes(const fault_action& action) {
    return std::holds_alternative<fault::cut>(action) || std::holds_alternative<fault::duplicate>(action) ||
           std::holds_alternative<fault::later>(action) || std::holds_alternative<fault::trickle>(action) ||
           std::holds_alternative<fault::flip_bit>(action) || std::holds_alternative<fault::short_data>(action) ||
           std::holds_alternative<fault::wrong_field>(action);
}

bool ends_connection(const fault_action& action) {
    return std::holds_alternative<fault::drop_connection>(action) || std::holds_alternative<fault::reset>(action);
}

}  // namespace

void connection::carry_out_common(const fault_action& action) {
    ++server_->counters.faults;
    server_->log(peer_ + ": script, " + to_string(fault_step{{}, action}));
    if (const auto* shut = std::get_if<fault::close_listener>(&action)) server_->close_listener(shut->time);
    if (std::holds_alternative<fault::freeze>(action)) server_->frozen = true;
    if (const auto* async = std::get_if<fault::async>(&action)) deferred_asyncs_.push_back(*async);
    if (const auto* flood = std::get_if<fault::flood>(&action)) flood_ = *flood;
    if (session_ && delays_acknowledgement(action)) session_->state->may_have_holes = true;
    if (std::holds_alternative<fault::reset>(action)) {
        boost::system::error_code ignored;
        socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);  // the close becomes a reset
    }
}

connection::received_steps connection::steps_for_received() {
    received_steps steps;
    const auto kind = watched_of(pdu::opcode_of(reader_.header()));
    if (server_->play.empty() || !kind) return steps;
    auto detail = watched::received;  // counted once: equal kinds are one
    if (*kind == watched::scsi_command) {
        const auto command = pdu::decode<pdu::scsi_command>(reader_.header());
        detail = command.read ? watched::scsi_read : command.write ? watched::scsi_write : watched::received;
    }
    const auto carry_out = [&](const fault_action& action) {
        carry_out_common(action);
        if (ends_connection(action)) steps.drop = true;
        if (std::holds_alternative<fault::ignore>(action)) steps.fault.ignore = true;
        if (std::holds_alternative<fault::endless_text>(action)) steps.fault.endless_text = true;
        if (const auto* flip = std::get_if<fault::flip_bit>(&action)) steps.flips.push_back(flip->where);
        if (const auto* delay = std::get_if<fault::delay>(&action)) steps.fault.delay = delay->time;
        if (const auto* answer = std::get_if<fault::tmf_response>(&action)) steps.fault.tmf_response = answer->code;
        if (const auto* reject = std::get_if<fault::reject>(&action))
            steps.fault.reject = static_cast<pdu::reject_reason>(reject->reason);
        if (const auto* status = std::get_if<fault::status>(&action))
            steps.fault.status = scsi_outcome{status->code, status->sense_key, status->asc, status->ascq};
    };
    server_->play.due(std::array{*kind, watched::received, detail}, cid_, carry_out);
    if (*kind != watched::login_request) server_->play.due_by_clock(fault_play::clock::now(), cid_, carry_out);
    return steps;
}

/// The PDU comes as if the wire had spoilt it. True: its digest tells, and it was dealt with.
bool connection::spoil_received(const std::vector<fault::flip_bit::place>& flips) {
    using enum fault::flip_bit::place;
    for (const auto where : flips) {
        const bool of_header = where == header || where == header_digest;
        const bool has_data = reader_.data_size() > 0;
        if (of_header && digests_.header) {
            close("a flipped bit, header digest mismatch");
            return true;
        }
        if (!of_header && digests_.data && has_data) {
            on_corrupt_pdu("a flipped bit, data digest mismatch");
            return true;
        }
        if (where == header) bhs_[19] ^= std::byte{1};
        if (where == data && has_data) flip_received_data();
    }
    return false;
}

void connection::flip_received_data() {
    const auto middle = reader_.data_size() / 2;
    if (!place_.empty()) {
        place_[middle] ^= std::byte{1};
        return;
    }
    if (spoilt_data_.empty()) spoilt_data_.assign(reader_.data().begin(), reader_.data().end());
    spoilt_data_[middle] ^= std::byte{1};
}

bool connection::sent_by_script(pdu::bhs_bytes bhs, std::span<const std::byte> data) {
    const auto steps = steps_for_sent(bhs, data);
    if (steps.drop) close_after_flush();
    if (steps.drop || steps.ignore) return true;
    if (!steps.changes) return false;
    const pdu::frame frame(bhs, {}, data, digests_);
    auto bytes = steps.wrong_length ? with_wrong_length(frame, digests_) : flattened(frame);
    for (const auto where : steps.flips)
        if (const auto at = place_of(where, frame, digests_)) bytes[*at] ^= std::byte{1};
    if (steps.cut) bytes.resize(bytes.size() / 2);
    if (steps.later) {
        late_ = std::move(bytes);
        return true;
    }
    if (steps.twice) queue_.push_raw(bytes);
    if (steps.trickle)
        push_slowly(bytes, *steps.trickle);
    else
        queue_.push_raw(std::move(bytes));
    if (steps.cut) close_after_flush();
    return true;
}

connection::sent_steps connection::steps_for_sent(pdu::bhs_bytes& bhs, std::span<const std::byte>& data) {
    sent_steps steps;
    const auto opcode = pdu::opcode_of(bhs);
    const auto kind = watched_of(opcode).value_or(watched::sent);
    server_->play.due(std::array{kind, watched::sent}, cid_, [&](const fault_action& action) {
        if (std::holds_alternative<fault::async>(action) && opcode == pdu::opcode::async_message) return;
        carry_out_common(action);
        steps.drop = steps.drop || ends_connection(action);
        steps.ignore = steps.ignore || std::holds_alternative<fault::ignore>(action);
        steps.cut = steps.cut || std::holds_alternative<fault::cut>(action);
        steps.twice = steps.twice || std::holds_alternative<fault::duplicate>(action);
        steps.later = steps.later || std::holds_alternative<fault::later>(action);
        steps.changes = steps.changes || changes_bytes(action);
        if (const auto* delay = std::get_if<fault::delay>(&action)) queue_.push_pause(delay->time);
        if (const auto* slow = std::get_if<fault::trickle>(&action)) steps.trickle = slow->time;
        if (const auto* flip = std::get_if<fault::flip_bit>(&action)) steps.flips.push_back(flip->where);
        if (const auto* less = std::get_if<fault::short_data>(&action))
            data = data.first(data.size() - std::min<std::size_t>(less->bytes, data.size()));
        if (const auto* wrong = std::get_if<fault::wrong_field>(&action)) {
            spoil(bhs, wrong->field);
            steps.wrong_length = steps.wrong_length || wrong->field == fault::wrong_field::which::dsl;
        }
    });
    return steps;
}

void connection::push_slowly(const std::vector<std::byte>& bytes, std::chrono::milliseconds before_each) {
    for (const auto byte : bytes) {
        queue_.push_pause(before_each);
        queue_.push_raw({byte});
    }
}

void connection::send_deferred() {
    for (const auto& event : std::exchange(deferred_asyncs_, {})) {
        if (!phase_ || !session_ || !open_) return;
        send_event(event);
    }
    while (phase_ && open_ && flood_.count > 0 && queue_.bytes() < flood_batch) {
        --flood_.count;
        if (flood_.what == fault::flood::kind::nop_in)
            phase_->ping();
        else
            phase_->send_async(vendor_message(), {});
    }
}

/// What the event leaves open is filled in, and what it announces is done (RFC 7143 §11.9.1).
void connection::send_event(const fault::async& event) {
    using enum pdu::async_event;
    pdu::async_message message;
    message.event = static_cast<pdu::async_event>(event.event);
    message.vendor_code = event.vendor_code;
    message.parameter1 = event.parameter1;
    message.parameter2 = event.parameter2;
    message.parameter3 = event.parameter3;
    const bool drops = message.event == connection_drop || message.event == session_drop;
    if ((message.event == logout_request || message.event == negotiation_request) && message.parameter3 == 0)
        message.parameter3 = answer_within;
    if (message.event == connection_drop && message.parameter1 == 0) message.parameter1 = cid_;
    if (drops && message.parameter2 == 0 && message.parameter3 == 0) {
        message.parameter2 = static_cast<std::uint16_t>(session_->state->agreed.default_time2wait);
        message.parameter3 = static_cast<std::uint16_t>(session_->state->agreed.default_time2retain);
    }
    phase_->send_async(message, message.event == scsi_event ? sense_of_event() : std::vector<std::byte>{});
    if (!drops) return;
    const bool own = message.event == session_drop || message.parameter1 == cid_;
    const auto cid = message.event == session_drop ? std::uint16_t{0} : message.parameter1;
    server_->drop_others(*session_, *this, cid, "as an asynchronous message said");
    if (own) close_after_flush();
}

}  // namespace persiscsi::target
