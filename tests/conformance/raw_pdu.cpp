// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/raw_pdu.hpp"

#include <algorithm>

namespace persiscsi::conformance {
namespace {

constexpr std::size_t digest_bytes = 4;

/// Bit by bit, with the polynomial of RFC 7143 §13.1 mirrored: slow, and no code of the initiator's.
std::uint32_t checksum(std::span<const std::byte> bytes) {
    std::uint32_t crc = 0xffffffff;
    for (const auto byte : bytes) {
        crc ^= std::to_integer<std::uint32_t>(byte);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
    }
    return ~crc;
}

bool follows(std::span<const std::byte> covered, const std::byte* digest) {
    std::uint32_t found = 0;
    for (unsigned i = 0; i < digest_bytes; ++i) found |= std::to_integer<std::uint32_t>(digest[i]) << (8U * i);
    return found == checksum(covered);
}

}  // namespace

std::optional<raw_pdu> pdu_cutter::next(digest_use digests) {
    if (waiting_.size() < pdu::bhs_size) return std::nullopt;
    const std::span<const std::byte> all(waiting_);
    const auto ahs = std::to_integer<std::size_t>(all[4]) * 4;
    const auto data = static_cast<std::size_t>(pdu::load_be<3>(all.data() + 5));
    const auto padding = (4 - data % 4) % 4;
    const auto head = pdu::bhs_size + ahs;
    const auto body = head + (digests.header ? digest_bytes : 0);
    const auto end = body + data + padding + (digests.data && data > 0 ? digest_bytes : 0);
    if (waiting_.size() < end) return std::nullopt;

    raw_pdu cut;
    std::copy_n(all.begin(), pdu::bhs_size, cut.bhs.begin());
    const auto piece = [&](std::size_t from, std::size_t size) {
        const auto part = all.subspan(from, size);
        return std::vector<std::byte>(part.begin(), part.end());
    };
    cut.ahs = piece(pdu::bhs_size, ahs);
    cut.data = piece(body, data);
    cut.padding = piece(body + data, padding);
    if (digests.header) cut.header_digest_wrong = !follows(all.first(head), all.data() + head);
    if (digests.data && data > 0)
        cut.data_digest_wrong = !follows(all.subspan(body, data + padding), all.data() + body + data + padding);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(end));
    return cut;
}

}  // namespace persiscsi::conformance
