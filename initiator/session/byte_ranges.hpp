// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace persiscsi {

/// Which bytes of a transfer have moved. In order, as nearly always, it is one number.
class byte_ranges {
  public:
    /// How far the bytes reach without a hole, from the first on.
    [[nodiscard]] std::uint32_t prefix() const { return prefix_; }
    /// How many bytes there are in all.
    [[nodiscard]] std::uint64_t size() const;
    /// Whether one of these bytes is there already.
    [[nodiscard]] bool touches(std::uint32_t offset, std::uint32_t count) const;
    /// Adds bytes, whether they are there already or not. Precondition: offset + count < 2^32.
    void add(std::uint32_t offset, std::uint32_t count);

  private:
    struct range {
        std::uint32_t begin;
        std::uint32_t end;
    };

    std::uint32_t prefix_ = 0;
    std::vector<range> beyond_;  ///< ascending, neither touching each other nor the prefix
};

}  // namespace persiscsi
