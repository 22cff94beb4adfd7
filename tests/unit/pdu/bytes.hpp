// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::test {

using bytes = std::vector<std::byte>;

inline bytes bytes_of(std::initializer_list<unsigned> values) {
    bytes result;
    for (const unsigned value : values) result.push_back(static_cast<std::byte>(value));
    return result;
}

inline bytes bytes_of(std::string_view text) {
    bytes result;
    for (const char c : text) result.push_back(static_cast<std::byte>(c));
    return result;
}

/// "01 c0 00": two hexadecimal digits per byte; blanks and line ends only part them.
inline bytes from_hex(std::string_view hex) {
    bytes result;
    std::string digits;
    for (const char c : hex) {
        if (c == ' ' || c == '\n') continue;
        digits += c;
        if (digits.size() < 2) continue;
        result.push_back(static_cast<std::byte>(std::stoul(digits, nullptr, 16)));
        digits.clear();
    }
    return result;
}

/// The same numbers in every run: a failure can be repeated.
inline bytes random_bytes(std::mt19937& generator, std::size_t size) {
    bytes result(size);
    for (auto& byte : result) byte = static_cast<std::byte>(generator());
    return result;
}

inline void append(bytes& to, std::span<const std::byte> more) {
    to.insert(to.end(), more.begin(), more.end());
}

}  // namespace persiscsi::test
