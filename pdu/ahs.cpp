// SPDX-License-Identifier: Apache-2.0
#include "pdu/ahs.hpp"

#include "pdu/endian.hpp"
#include "pdu/errors.hpp"
#include "pdu/frame.hpp"

#include <cassert>

namespace persiscsi::pdu {
namespace {

constexpr std::size_t prefix_size = 3;             // AHSLength, AHSType: not counted by AHSLength (§11.2.2.2)
constexpr std::uint16_t bidirectional_length = 5;  // the reserved byte and the number (§11.2.2.4)

void append_segment(std::vector<std::byte>& ahs, ahs_type type, std::span<const std::byte> specific) {
    const std::size_t length = 1 + specific.size();  // counts the reserved byte 3 (§11.2.2.3)
    const auto at = ahs.size();
    ahs.resize(at + prefix_size + 1);
    store_be<2>(ahs.data() + at, length);
    ahs[at + 2] = static_cast<std::byte>(type);
    ahs.insert(ahs.end(), specific.begin(), specific.end());
    ahs.resize(ahs.size() + padding_of(ahs.size()));
}

parsed_ahs malformed(std::size_t position, const std::string& what) {
    return {{}, protocol_errc::remote_malformed_ahs, "AHS byte " + std::to_string(position) + ": " + what};
}

/// Lands one segment in `headers`; says what is wrong with it, or nothing. `specific` begins with the reserved byte.
std::string take_segment(additional_headers& headers, std::uint8_t code, std::span<const std::byte> specific) {
    const auto length = "AHSLength " + std::to_string(specific.size());
    switch (static_cast<ahs_type>(code)) {
        case ahs_type::extended_cdb:
            if (specific.size() < 2) return length + " leaves no extended CDB";
            if (!headers.extended_cdb.empty()) return "a second extended CDB";
            headers.extended_cdb.assign(specific.begin() + 1, specific.end());
            return {};
        case ahs_type::bidirectional_read_expected_data_transfer_length:
            if (specific.size() != bidirectional_length) return length + " of a bidirectional read length, must be 5";
            if (headers.bidirectional_read_expected_data_transfer_length) return "a second bidirectional read length";
            headers.bidirectional_read_expected_data_transfer_length =
                static_cast<std::uint32_t>(load_be<4>(specific.data() + 1));
            return {};
    }
    return "reserved AHS code " + std::to_string(code);
}

}  // namespace

std::vector<std::byte> encode_ahs(const additional_headers& headers) {
    assert(headers.extended_cdb.size() <= max_extended_cdb);
    std::vector<std::byte> ahs;
    if (!headers.extended_cdb.empty()) append_segment(ahs, ahs_type::extended_cdb, headers.extended_cdb);
    if (const auto length = headers.bidirectional_read_expected_data_transfer_length) {
        std::array<std::byte, 4> number{};
        store_be<4>(number.data(), *length);
        append_segment(ahs, ahs_type::bidirectional_read_expected_data_transfer_length, number);
    }
    return ahs;
}

parsed_ahs parse_ahs(std::span<const std::byte> ahs) {
    parsed_ahs parsed;
    for (std::size_t begin = 0; begin < ahs.size();) {
        const auto rest = ahs.subspan(begin);
        if (rest.size() < prefix_size)
            return malformed(begin, std::to_string(rest.size()) + " bytes, too few for an AHS");
        const auto length = static_cast<std::size_t>(load_be<2>(rest.data()));
        const auto size = prefix_size + length + padding_of(prefix_size + length);
        if (size > rest.size())
            return malformed(begin,
                             "AHSLength " + std::to_string(length) + " with " +
                                 std::to_string(rest.size() - prefix_size) + " bytes left");
        const auto code = std::to_integer<std::uint8_t>(rest[2] & std::byte{0x3f});
        if (const auto wrong = take_segment(parsed.headers, code, rest.subspan(prefix_size, length)); !wrong.empty())
            return malformed(begin, wrong);
        begin += size;
    }
    return parsed;
}

}  // namespace persiscsi::pdu
