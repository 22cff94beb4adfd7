// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/lun.hpp"

#include <cassert>
#include <charconv>
#include <cstdio>

namespace persiscsi::scsi {
namespace {

constexpr std::uint64_t flat_space = 0x4000;  // addressing method 01b in the two highest bits of the first level

/// All of `text` as a number without a sign.
template <class Number>
std::optional<Number> whole_number(std::string_view text, int base) {
    Number number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number, base);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return number;
}

}  // namespace

std::uint64_t encode_lun(std::uint16_t number) {
    assert(number <= max_lun_number);
    const std::uint64_t first_level = number < 256 ? number : flat_space | number;
    return first_level << 48U;
}

std::string format_lun(std::uint64_t lun) {
    const auto number = static_cast<std::uint16_t>(lun >> 48U & max_lun_number);
    if (encode_lun(number) == lun) return std::to_string(number);
    char text[20];
    std::snprintf(text, sizeof text, "0x%016llx", static_cast<unsigned long long>(lun));
    return text;
}

std::optional<std::uint64_t> parse_lun(std::string_view text) {
    if (text.size() == 18 && text.starts_with("0x")) return whole_number<std::uint64_t>(text.substr(2), 16);
    const auto number = whole_number<std::uint16_t>(text, 10);
    if (!number || *number > max_lun_number) return std::nullopt;
    return encode_lun(*number);
}

}  // namespace persiscsi::scsi
