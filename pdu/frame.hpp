// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persiscsi::pdu {

inline constexpr std::size_t digest_size = 4;
inline constexpr std::size_t max_data_segment = 0xffffff;  ///< 24 bits (RFC 7143 §11.2.1.6)
inline constexpr std::size_t max_ahs_size = 255 * 4;       ///< TotalAHSLength counts 4-byte words (RFC 7143 §11.2.1.5)

/// Bytes of zero that bring a segment of `size` bytes to the next 4-byte boundary (RFC 7143 §11.1).
constexpr std::size_t padding_of(std::size_t size) {
    return (4 - size % 4) % 4;
}

/// Which digests the sender of a PDU appends (RFC 7143 §13.1).
struct digests {
    bool header = false;
    bool data = false;

    friend bool operator==(const digests&, const digests&) = default;
};

/// Reads TotalAHSLength (in bytes, not words) and DataSegmentLength out of a header.
constexpr std::size_t ahs_size_of(const bhs_bytes& bhs) {
    return std::to_integer<std::size_t>(bhs[4]) * 4;
}
constexpr std::uint32_t data_size_of(const bhs_bytes& bhs) {
    return static_cast<std::uint32_t>(load_be<3>(bhs.data() + 5));
}

/// A PDU ready to be sent: head (BHS, AHS, header digest), data and tail (padding, data digest). The data is either
/// owned or the caller's, which then must stay until the last byte was sent.
class frame {
  public:
    /// `ahs` is padded by its maker to whole words. Precondition: ahs.size() <= max_ahs_size, a multiple of 4, and
    /// data.size() <= max_data_segment.
    frame(bhs_bytes bhs, std::span<const std::byte> ahs, std::span<const std::byte> data, digests digests);

    /// As above, and keeps the data.
    frame(bhs_bytes bhs, std::vector<std::byte> owned_data, digests digests);

    frame(frame&&) noexcept = default;
    frame& operator=(frame&&) noexcept = default;
    frame(const frame&) = delete;
    frame& operator=(const frame&) = delete;
    ~frame() = default;

    [[nodiscard]] std::span<const std::byte> head() const {
        return long_head_.empty() ? std::span<const std::byte>(head_).first(head_size_) : long_head_;
    }
    [[nodiscard]] std::span<const std::byte> data() const { return data_; }
    [[nodiscard]] std::span<const std::byte> tail() const { return std::span(tail_).first(tail_size_); }
    [[nodiscard]] std::size_t size() const { return head().size() + data_.size() + tail_size_; }

  private:
    void seal(bhs_bytes bhs, std::span<const std::byte> ahs, digests digests);

    std::array<std::byte, bhs_size + digest_size> head_{};
    std::size_t head_size_ = 0;
    std::vector<std::byte> long_head_;  ///< used instead of head_ where there is an AHS
    std::vector<std::byte> owned_data_;
    std::span<const std::byte> data_;
    std::array<std::byte, 3 + digest_size> tail_{};
    std::size_t tail_size_ = 0;
};

}  // namespace persiscsi::pdu
