// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/errors.hpp"
#include "initiator/scsi/parsed.hpp"
#include "pdu/endian.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

// Reading fields of replies which may end anywhere.

namespace persiscsi::scsi {

/// Is all of [offset, offset + Width) there?
template <std::size_t Width>
bool has_field(std::span<const std::byte> reply, std::size_t offset) {
    return reply.size() >= Width && offset <= reply.size() - Width;
}

/// The number in [offset, offset + Width), most significant byte first; 0 where the reply ends before.
template <std::size_t Width>
std::uint64_t number_at(std::span<const std::byte> reply, std::size_t offset) {
    return has_field<Width>(reply, offset) ? pdu::load_be<Width>(reply.data() + offset) : 0;
}

inline std::uint8_t byte_at(std::span<const std::byte> reply, std::size_t offset) {
    return static_cast<std::uint8_t>(number_at<1>(reply, offset));
}

inline bool bit_at(std::span<const std::byte> reply, std::size_t offset, unsigned bit) {
    return (static_cast<unsigned>(byte_at(reply, offset)) >> bit & 1U) != 0;
}

/// As much of [offset, offset + size) as is there.
inline std::span<const std::byte> part_of(std::span<const std::byte> reply, std::size_t offset, std::size_t size) {
    const auto rest = reply.subspan(std::min(offset, reply.size()));
    return rest.first(std::min(size, rest.size()));
}

template <class Value>
parsed<Value> malformed(std::string detail) {
    return {.error = scsi_errc::malformed_reply, .detail = std::move(detail)};
}

template <class Value>
parsed<Value> too_short(const std::string& reply_name, std::size_t size, std::size_t least) {
    return malformed<Value>(reply_name + ": " + std::to_string(size) + " bytes, at least " + std::to_string(least));
}

}  // namespace persiscsi::scsi
