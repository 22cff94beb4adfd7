// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/fuzz/input.hpp"

namespace persiscsi::fuzz {

/// Makes an input as class input takes it apart.
class seed {
  public:
    seed& add(std::span<const std::byte> more) {
        all_.insert(all_.end(), more.begin(), more.end());
        return *this;
    }
    seed& text(std::string_view more) { return add(std::as_bytes(std::span(more))); }
    /// `width` bytes, most significant first.
    seed& number(std::uint64_t value, std::size_t width = 1) {
        for (std::size_t i = 0; i < width; ++i) all_.push_back(static_cast<std::byte>(value >> (8 * (width - 1 - i))));
        return *this;
    }
    seed& zeros(std::size_t count) { return add(bytes(count)); }

    operator bytes() const { return all_; }

  private:
    bytes all_;
};

}  // namespace persiscsi::fuzz
