// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::fuzz {

using bytes = std::vector<std::byte>;

/// What is being tried, for the message of `must`.
inline std::string& circumstances() {
    static std::string text;
    return text;
}

/// An invariant of the code under test. Ends the process where it does not hold: that is what a fuzzer calls a finding.
inline void must(bool holds, std::string_view what) {
    if (holds) return;
    std::fprintf(stderr,
                 "does not hold: %.*s%s%s\n",
                 static_cast<int>(what.size()),
                 what.data(),
                 circumstances().empty() ? "" : "; ",
                 circumstances().c_str());
    std::abort();
}

/// With PERSISCSI_TRACE in the environment: one line on stderr, to read a finding by.
template <class Line>
void trace(Line line) {
    static const bool wanted = std::getenv("PERSISCSI_TRACE") != nullptr;
    if (wanted) std::fprintf(stderr, "%s\n", std::string(line()).c_str());
}

/// Is it one line of printable ASCII (and of the section sign)? What a peer sent must be escaped in every message.
inline bool printable(std::string_view text) {
    return std::all_of(
        text.begin(), text.end(), [](char c) { return (c >= 0x20 && c <= 0x7e) || c == '\xc2' || c == '\xa7'; });
}

inline std::string_view as_text(std::span<const std::byte> from) {
    return {reinterpret_cast<const char*>(from.data()), from.size()};
}

/// A fuzzer's bytes, taken from the front; where they have ended every number is 0.
class input {
  public:
    explicit input(std::span<const std::byte> all) : rest_(all) {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }
    [[nodiscard]] std::span<const std::byte> rest() const { return rest_; }
    [[nodiscard]] std::string_view text() const { return as_text(rest_); }

    /// As many of `size` bytes as there are.
    std::span<const std::byte> take(std::size_t size) {
        const auto taken = rest_.first(std::min(size, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }
    /// `width` bytes, most significant first.
    std::uint32_t number(std::size_t width = 1) {
        std::uint32_t value = 0;
        for (const auto byte : take(width)) value = value << 8U | std::to_integer<std::uint32_t>(byte);
        return value;
    }
    std::uint32_t below(std::uint32_t bound) { return number(bound > 256 ? 2 : 1) % bound; }
    bool flag() { return (number() & 1U) != 0; }
    template <class Range>
    const auto& one_of(const Range& range) {
        return range[below(static_cast<std::uint32_t>(std::size(range)))];
    }

  private:
    std::span<const std::byte> rest_;
};

}  // namespace persiscsi::fuzz
