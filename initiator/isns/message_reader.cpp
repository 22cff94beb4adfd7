// SPDX-License-Identifier: Apache-2.0
#include "initiator/isns/message_reader.hpp"

#include "pdu/endian.hpp"

#include <string>
#include <utility>

namespace persiscsi::isns {
namespace {

constexpr std::uint16_t version = 1;

std::uint16_t number_at(const std::array<std::byte, header_size>& header, std::size_t offset) {
    return static_cast<std::uint16_t>(pdu::load_be<2>(header.data() + offset));
}

}  // namespace

std::span<std::byte> message_reader::space() {
    if (failed_) return {};
    if (!in_payload_) return std::span(header_).subspan(have_);
    return std::span(payload_).subspan(payload_begin_ + have_);
}

message_reader::step message_reader::next() {
    if (failed_) return step::failed;
    if (!in_payload_) {
        if (have_ < header_size) return step::need_bytes;
        if (const auto ended = on_header(); ended == step::failed) return ended;
    }
    return on_payload();
}

message_reader::step message_reader::on_header() {
    const auto function = number_at(header_, 2);
    const auto length = number_at(header_, 4);
    const auto flags = number_at(header_, 6);
    const auto transaction = number_at(header_, 8);
    const auto sequence = number_at(header_, 10);
    const bool first = (flags & first_pdu) != 0;
    if (number_at(header_, 0) != version)
        return fail(isns_errc::remote_bad_header, "version " + std::to_string(number_at(header_, 0)) + ", allowed 1");
    if (length % 4 != 0)
        return fail(isns_errc::remote_bad_header, "PDU length " + std::to_string(length) + " is no multiple of 4");
    if ((flags & authentication_block) != 0)
        return fail(isns_errc::remote_bad_header, "an authentication block, which was not asked for");
    if (first == in_message_)
        return fail(isns_errc::remote_bad_sequence,
                    first ? "a first PDU within a message" : "the first PDU is missing");
    const std::uint16_t expected = first ? std::uint16_t{0} : sequence_;
    if (sequence != expected)
        return fail(isns_errc::remote_bad_sequence,
                    "PDU " + std::to_string(sequence) + " where " + std::to_string(expected) + " is due");
    if (first) {
        payload_.clear();
        message_ = {.function = function, .transaction = transaction};
    } else if (function != message_.function || transaction != message_.transaction) {
        return fail(isns_errc::remote_bad_sequence, "a PDU of another message within a message");
    }
    payload_begin_ = payload_.size();
    if (payload_begin_ + length > longest_message)
        return fail(isns_errc::remote_message_too_long,
                    "more than " + std::to_string(longest_message) + " bytes of payload");
    payload_.resize(payload_begin_ + length);
    in_message_ = in_payload_ = true;
    last_ = (flags & last_pdu) != 0;
    sequence_ = static_cast<std::uint16_t>(sequence + 1);
    have_ = 0;
    return step::need_bytes;
}

message_reader::step message_reader::on_payload() {
    if (payload_begin_ + have_ < payload_.size()) return step::need_bytes;
    in_payload_ = false;
    have_ = 0;
    if (!last_) return step::need_bytes;
    in_message_ = false;
    return take_message();
}

message_reader::step message_reader::take_message() {
    std::span<const std::byte> bytes(payload_);
    if (message_.is_response()) {
        if (bytes.size() < 4) return fail(isns_errc::remote_malformed_attribute, "a response without a status");
        message_.status = status{static_cast<std::uint32_t>(pdu::load_be<4>(bytes.data()))};
        bytes = bytes.subspan(4);
    }
    failure wrong;
    message_.attributes = parse_attributes(bytes, wrong);
    if (!wrong) return step::message;
    failed_ = std::move(wrong);
    return step::failed;
}

message_reader::step message_reader::fail(isns_errc code, std::string detail) {
    failed_ = {code, make_error_code(code).message() + ": " + std::move(detail)};
    return step::failed;
}

std::vector<attribute> parse_attributes(std::span<const std::byte> bytes, failure& wrong) {
    std::vector<attribute> found;
    const auto malformed = [&](const std::string& why) {
        wrong = {isns_errc::remote_malformed_attribute,
                 "attribute " + std::to_string(found.size() + 1) + " is malformed: " + why};
        return std::vector<attribute>{};
    };
    while (!bytes.empty()) {
        if (bytes.size() < 8) return malformed(std::to_string(bytes.size()) + " bytes are left of it");
        const auto number = static_cast<std::uint32_t>(pdu::load_be<4>(bytes.data()));
        const auto length = static_cast<std::size_t>(pdu::load_be<4>(bytes.data() + 4));
        bytes = bytes.subspan(8);
        if (length % 4 != 0) return malformed("length " + std::to_string(length) + " is no multiple of 4");
        if (length > bytes.size())
            return malformed("length " + std::to_string(length) + ", but " + std::to_string(bytes.size()) +
                             " bytes are left");
        if (number == 0 && length != 0) return malformed("a delimiter of " + std::to_string(length) + " bytes");
        const auto value = bytes.first(length);
        found.push_back({tag{number}, {value.begin(), value.end()}});
        bytes = bytes.subspan(length);
    }
    return found;
}

}  // namespace persiscsi::isns
