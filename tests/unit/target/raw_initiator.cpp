// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/raw_initiator.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace persiscsi::target::test {

unsigned command_result::sense_code() const {
    if (sense.size() < 14) return 0;
    const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(sense[i]); };
    return (at(2) & 15U) << 16U | at(12) << 8U | at(13);
}

raw_initiator::raw_initiator(std::uint16_t port, options wanted) : options_(std::move(wanted)) {
    if (options_.numbering) cmd_sn_ = options_.numbering;
    next_tag_ += std::uint32_t{options_.cid} << 16U;
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto ms = options_.bound.count();
    const timeval bound{ms / 1000, (ms % 1000) * 1000};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        const auto error = errno;
        ::close(socket_);
        throw std::system_error(error, std::generic_category(), "connect");
    }
}

raw_initiator::~raw_initiator() {
    ::close(socket_);
}

pdu::login_request raw_initiator::login_request(pdu::login_stage current, std::optional<pdu::login_stage> next) const {
    pdu::login_request request;
    request.transit = next.has_value();
    request.current_stage = current;
    request.next_stage = next.value_or(pdu::login_stage::security_negotiation);
    request.isid = static_cast<pdu::isid>(options_.isid);
    request.initiator_task_tag = static_cast<pdu::task_tag>(0x4c4f4749);
    request.tsih = static_cast<pdu::tsih>(options_.tsih);
    request.cid = static_cast<pdu::connection_id>(options_.cid);
    request.cmd_sn = *cmd_sn_;
    request.exp_stat_sn = exp_stat_sn_;
    return request;
}

received_pdu raw_initiator::login_step(pdu::login_request request, const pdu::text_keys& keys) {
    request.exp_stat_sn = exp_stat_sn_;
    send(request, pdu::encode_text(keys));
    auto answer = receive();
    for (auto& key : pdu::parse_text(answer.data).keys) answers_.push_back(std::move(key));
    return answer;
}

pdu::login_response raw_initiator::login() {
    using enum pdu::login_stage;
    auto keys = options_.keys;
    keys.insert(keys.begin(), {{"InitiatorName", options_.name}, {"TargetName", options_.target}});
    const auto response =
        login_step(login_request(operational_negotiation, full_feature_phase), keys).as<pdu::login_response>();
    if (response.status == pdu::login_status::success) {
        pdu::digests digests;
        digests.header = pdu::find_key(answers_, "HeaderDigest") == "CRC32C";
        digests.data = pdu::find_key(answers_, "DataDigest") == "CRC32C";
        begin_full_feature(digests);
        tsih_ = static_cast<std::uint16_t>(response.tsih);
    }
    return response;
}

void raw_initiator::begin_full_feature(pdu::digests digests) {
    digests_ = digests;
    reader_.expect(0xffffff, digests);
}

void raw_initiator::send(const pdu::bhs_bytes& bhs, std::span<const std::byte> data) {
    const pdu::frame frame(bhs, {}, data, digests_);
    for (const auto part : {frame.head(), frame.data(), frame.tail()}) send_bytes(part);
}

void raw_initiator::send_spoilt(const pdu::bhs_bytes& bhs, std::span<const std::byte> data) {
    const pdu::frame frame(bhs, {}, data, digests_);
    std::vector<std::byte> bytes;
    for (const auto part : {frame.head(), frame.data(), frame.tail()})
        bytes.insert(bytes.end(), part.begin(), part.end());
    bytes[frame.head().size()] ^= std::byte{1};
    send_bytes(bytes);
}

void raw_initiator::send_bytes(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) throw connection_closed();
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
}

received_pdu raw_initiator::receive() {
    for (;;) {
        const auto step = reader_.next();
        if (step == pdu::pdu_reader::step::header) continue;
        if (step == pdu::pdu_reader::step::failed || step == pdu::pdu_reader::step::corrupt)
            throw std::runtime_error(reader_.error().message());
        if (step == pdu::pdu_reader::step::pdu) break;
        const auto space = reader_.space();
        const auto place = space[0].empty() ? space[1] : space[0];
        const auto got = ::recv(socket_, place.data(), place.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw nothing_came();
        if (got <= 0) throw connection_closed();
        reader_.filled(static_cast<std::size_t>(got));
    }
    received_pdu result{reader_.header(), {reader_.data().begin(), reader_.data().end()}};
    const auto opcode = pdu::opcode_of(result.bhs);
    const auto header = pdu::decode<pdu::scsi_response>(result.bhs);  // the numbers lie at the same place in all
    max_cmd_sn_ = header.max_cmd_sn;
    const bool tells_status = opcode != pdu::opcode::r2t &&
                              (opcode != pdu::opcode::data_in || pdu::decode<pdu::data_in>(result.bhs).has_status);
    const bool numbered = tells_status && header.initiator_task_tag != pdu::task_tag::reserved;
    if (numbered && !header.stat_sn.precedes(exp_stat_sn_)) exp_stat_sn_ = header.stat_sn.next();
    return result;
}

bool raw_initiator::is_closed() {
    try {
        (void)receive();
        return false;
    } catch (const connection_closed&) {
        return true;
    }
}

pdu::command_sn raw_initiator::take_cmd_sn() {
    const auto taken = *cmd_sn_;
    *cmd_sn_ = taken.next();
    return taken;
}

pdu::scsi_command raw_initiator::command(std::span<const std::uint8_t> cdb,
                                         std::uint32_t expected_length,
                                         bool read,
                                         bool write) {
    pdu::scsi_command command;
    command.final = true;
    command.read = read;
    command.write = write;
    command.initiator_task_tag = fresh_tag();
    command.expected_data_transfer_length = expected_length;
    command.cmd_sn = take_cmd_sn();
    command.exp_stat_sn = exp_stat_sn_;
    std::transform(cdb.begin(), cdb.end(), command.cdb.begin(), [](auto byte) { return static_cast<std::byte>(byte); });
    return command;
}

command_result raw_initiator::run(std::initializer_list<std::uint8_t> cdb, std::uint32_t read_length) {
    const auto header = command({cdb.begin(), cdb.size()}, read_length, read_length > 0, false);
    send(header);
    return finish(header.initiator_task_tag);
}

command_result raw_initiator::run_write(std::initializer_list<std::uint8_t> cdb,
                                        std::span<const std::byte> data,
                                        std::size_t immediate,
                                        std::size_t unsolicited) {
    auto header = command({cdb.begin(), cdb.size()}, static_cast<std::uint32_t>(data.size()), false, true);
    header.final = unsolicited == 0;
    send(header, data.first(immediate));
    const auto tag = header.initiator_task_tag;
    if (unsolicited > 0) send_data_out(tag, pdu::transfer_tag::reserved, data, immediate, immediate + unsolicited);
    return finish(tag, data);
}

void raw_initiator::send_acknowledgement(std::optional<pdu::status_sn> exp_stat_sn) {
    pdu::nop_out acknowledgement;
    acknowledgement.immediate = true;
    acknowledgement.cmd_sn = next_cmd_sn();
    acknowledgement.exp_stat_sn = exp_stat_sn.value_or(exp_stat_sn_);
    send(acknowledgement);
}

pdu::nop_in raw_initiator::run_nop() {
    pdu::nop_out ping;
    ping.immediate = true;
    ping.initiator_task_tag = fresh_tag();
    ping.cmd_sn = next_cmd_sn();
    ping.exp_stat_sn = exp_stat_sn_;
    send(ping);
    return receive().as<pdu::nop_in>();
}

void raw_initiator::send_data_out(
    pdu::task_tag tag, pdu::transfer_tag ttt, std::span<const std::byte> data, std::size_t from, std::size_t to) {
    pdu::data_out out;
    out.initiator_task_tag = tag;
    out.target_transfer_tag = ttt;
    out.exp_stat_sn = exp_stat_sn_;
    while (from < to) {
        const auto size = std::min(piece, to - from);
        out.final = from + size == to;
        out.buffer_offset = static_cast<std::uint32_t>(from);
        send(out, data.subspan(from, size));
        out.data_sn = out.data_sn.next();
        from += size;
    }
}

command_result raw_initiator::finish(pdu::task_tag tag, std::span<const std::byte> data) {
    command_result result;
    for (;;) {
        const auto got = receive();
        if (pdu::opcode_of(got.bhs) == pdu::opcode::r2t) {
            const auto r2t = got.as<pdu::r2t>();
            ++result.r2ts;
            send_data_out(tag,
                          r2t.target_transfer_tag,
                          data,
                          r2t.buffer_offset,
                          r2t.buffer_offset + r2t.desired_data_transfer_length);
        } else if (pdu::opcode_of(got.bhs) == pdu::opcode::data_in) {
            const auto in = got.as<pdu::data_in>();
            ++result.data_in_pdus;
            if (result.data.size() != in.buffer_offset) throw std::runtime_error("Data-In offset out of order");
            result.data.insert(result.data.end(), got.data.begin(), got.data.end());
            if (!in.has_status) continue;
            result.status = in.status;
            result.status_in_data = true;
            result.residual = in.residual_count;
            result.overflow = in.overflow;
            result.underflow = in.underflow;
            return result;
        } else {
            const auto response = got.as<pdu::scsi_response>();
            result.status = response.status;
            result.residual = response.residual_count;
            result.overflow = response.overflow;
            result.underflow = response.underflow;
            if (got.data.size() > 2) result.sense.assign(got.data.begin() + 2, got.data.end());
            return result;
        }
    }
}

std::vector<std::byte> pattern(std::size_t size, unsigned seed) {
    std::vector<std::byte> bytes(size);
    std::uint32_t state = seed * 2654435761U + 1;
    for (auto& byte : bytes) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::byte>(state >> 24U);
    }
    return bytes;
}

}  // namespace persiscsi::target::test
