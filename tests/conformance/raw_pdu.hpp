// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/endian.hpp"
#include "pdu/layout.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace persiscsi::conformance {

inline constexpr std::uint32_t no_tag = 0xffffffff;

/// Which digests follow header and data, as the judge reads the negotiation.
struct digest_use {
    bool header = false;
    bool data = false;
};

/// A PDU as it stood on the wire.
struct raw_pdu {
    pdu::bhs_bytes bhs{};
    std::vector<std::byte> ahs;
    std::vector<std::byte> data;
    std::vector<std::byte> padding;
    bool header_digest_wrong = false;
    bool data_digest_wrong = false;

    template <std::size_t Width = 4>
    [[nodiscard]] std::uint64_t number(std::size_t offset) const {
        return pdu::load_be<Width>(bhs.data() + offset);
    }
    [[nodiscard]] std::uint32_t word(std::size_t offset) const { return static_cast<std::uint32_t>(number<4>(offset)); }
    [[nodiscard]] unsigned byte(std::size_t offset) const { return std::to_integer<unsigned>(bhs[offset]); }
    /// Bits are numbered as in the figures of RFC 7143: 0 is the most significant.
    [[nodiscard]] bool bit(std::size_t offset, unsigned bit) const { return ((byte(offset) >> (7U - bit)) & 1U) != 0; }

    [[nodiscard]] pdu::opcode opcode() const { return pdu::opcode_of(bhs); }
    [[nodiscard]] bool immediate() const { return bit(0, 1); }
    [[nodiscard]] std::uint64_t lun() const { return number<8>(8); }
    [[nodiscard]] std::uint32_t itt() const { return word(16); }
    [[nodiscard]] std::uint32_t ttt() const { return word(20); }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(data.size()); }
};

/// Cuts a byte stream into PDUs (RFC 7143 §11.1, §11.2).
class pdu_cutter {
  public:
    void feed(std::span<const std::byte> bytes) { waiting_.insert(waiting_.end(), bytes.begin(), bytes.end()); }
    [[nodiscard]] std::optional<raw_pdu> next(digest_use digests);

  private:
    std::vector<std::byte> waiting_;
};

}  // namespace persiscsi::conformance
