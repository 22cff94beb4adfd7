// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace persiscsi::target {

/// Bytes of a transfer, by their offset.
struct byte_range {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;

    [[nodiscard]] std::uint64_t end() const { return std::uint64_t{offset} + length; }
    friend bool operator==(const byte_range&, const byte_range&) = default;
};

/// Which bytes of a transfer are there; as many parts as there are holes and one more.
class byte_ranges {
  public:
    void add(byte_range range);
    [[nodiscard]] bool touches(byte_range range) const;
    /// What is not there of `range`, in order.
    [[nodiscard]] std::vector<byte_range> missing(byte_range range) const;
    [[nodiscard]] bool covers(byte_range range) const { return missing(range).empty(); }
    /// What is there, in order.
    [[nodiscard]] std::vector<byte_range> present() const;

  private:
    struct part {
        std::uint64_t begin;
        std::uint64_t end;
    };
    std::vector<part> parts_;  ///< in order, none touches the next
};

}  // namespace persiscsi::target
