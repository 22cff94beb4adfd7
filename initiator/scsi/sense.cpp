// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/sense.hpp"

#include "initiator/scsi/additional_sense.hpp"
#include "pdu/endian.hpp"

#include <algorithm>
#include <cstdio>

namespace persiscsi::scsi {
namespace {

constexpr std::byte valid_bit{0x80};
constexpr std::size_t additional_length_at = 7;  // in both formats
constexpr std::size_t header_size = 8;           // in both formats

std::uint8_t byte_at(std::span<const std::byte> sense, std::size_t at) {
    return at < sense.size() ? std::to_integer<std::uint8_t>(sense[at]) : std::uint8_t{0};
}

sense_key key_of(std::uint8_t byte) {
    return static_cast<sense_key>(byte & 0x0fU);
}

/// Cuts what lies behind the end that the sense data itself names.
std::span<const std::byte> without_excess(std::span<const std::byte> sense) {
    if (sense.size() <= additional_length_at) return sense;
    return sense.first(std::min(sense.size(), header_size + byte_at(sense, additional_length_at)));
}

std::optional<sense_data> parse_fixed(std::span<const std::byte> sense, bool deferred) {
    if (sense.size() < 3) return std::nullopt;
    sense_data parsed{.key = key_of(byte_at(sense, 2)), .asc = byte_at(sense, 12), .ascq = byte_at(sense, 13)};
    parsed.deferred = deferred;
    if ((sense[0] & valid_bit) != std::byte{0} && sense.size() >= 7)
        parsed.information = pdu::load_be<4>(sense.data() + 3);
    return parsed;
}

/// SPC, Information sense data descriptor: type 00h, length 0Ah, VALID in byte 2, the number in bytes 4 to 11.
std::optional<std::uint64_t> find_information(std::span<const std::byte> descriptors) {
    while (descriptors.size() >= 2) {
        const std::size_t size = 2U + byte_at(descriptors, 1);
        if (size > descriptors.size()) break;
        const bool is_information = descriptors[0] == std::byte{0} && size == 12;
        if (is_information && (descriptors[2] & valid_bit) != std::byte{0})
            return pdu::load_be<8>(descriptors.data() + 4);
        descriptors = descriptors.subspan(size);
    }
    return std::nullopt;
}

std::optional<sense_data> parse_descriptors(std::span<const std::byte> sense, bool deferred) {
    if (sense.size() < 2) return std::nullopt;
    sense_data parsed{.key = key_of(byte_at(sense, 1)), .asc = byte_at(sense, 2), .ascq = byte_at(sense, 3)};
    parsed.deferred = deferred;
    if (sense.size() > header_size) parsed.information = find_information(sense.subspan(header_size));
    return parsed;
}

}  // namespace

std::optional<sense_data> parse_sense(std::span<const std::byte> sense) {
    const auto useful = without_excess(sense);
    switch (byte_at(useful, 0) & 0x7fU) {
        case 0x70:
            return parse_fixed(useful, false);
        case 0x71:
            return parse_fixed(useful, true);
        case 0x72:
            return parse_descriptors(useful, false);
        case 0x73:
            return parse_descriptors(useful, true);
        default:
            return std::nullopt;
    }
}

std::optional<sense_data> parse_response_sense(std::span<const std::byte> data_segment) {
    if (data_segment.size() < 2) return std::nullopt;
    const auto length = static_cast<std::size_t>(pdu::load_be<2>(data_segment.data()));
    const auto behind = data_segment.subspan(2);
    return parse_sense(behind.first(std::min(length, behind.size())));
}

std::string_view to_string(sense_key key) {
    static constexpr std::string_view names[16] = {"NO SENSE",
                                                   "RECOVERED ERROR",
                                                   "NOT READY",
                                                   "MEDIUM ERROR",
                                                   "HARDWARE ERROR",
                                                   "ILLEGAL REQUEST",
                                                   "UNIT ATTENTION",
                                                   "DATA PROTECT",
                                                   "BLANK CHECK",
                                                   "VENDOR SPECIFIC",
                                                   "COPY ABORTED",
                                                   "ABORTED COMMAND",
                                                   "RESERVED SENSE KEY",
                                                   "VOLUME OVERFLOW",
                                                   "MISCOMPARE",
                                                   "COMPLETED"};
    return names[static_cast<std::uint8_t>(key) & 0x0fU];
}

std::string describe(const sense_data& sense) {
    std::string text = sense.deferred ? "of an earlier command: " : "";
    text += to_string(sense.key);
    if (const auto what = additional_sense_text(sense.asc, sense.ascq); !what.empty()) text.append(", ").append(what);
    char code[16];
    std::snprintf(
        code, sizeof code, " (%02x/%02x)", static_cast<unsigned>(sense.asc), static_cast<unsigned>(sense.ascq));
    return text + code;
}

}  // namespace persiscsi::scsi
