// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/transport_id.hpp"

#include "initiator/scsi/reply.hpp"

#include <cassert>
#include <charconv>
#include <cstdio>

namespace persiscsi::scsi {
namespace {

constexpr unsigned iscsi_protocol = 0x5;
constexpr unsigned with_isid = 0x40;  // FORMAT CODE 01b
constexpr std::size_t header_size = 4;
constexpr std::size_t least_name_size = 20;
constexpr std::string_view separator = ",i,0x";
constexpr std::size_t isid_digits = 12;

std::optional<std::uint64_t> isid_of(std::string_view digits) {
    std::uint64_t isid = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, isid, 16);
    if (digits.size() != isid_digits || error != std::errc{} || stopped != end) return std::nullopt;
    return isid;
}

}  // namespace

std::vector<std::byte> encode_transport_id(const iscsi_transport_id& port) {
    assert(!port.name.empty() && port.name.size() <= 223 && port.isid.value_or(0) >> 48U == 0);
    auto text = port.name;
    if (port.isid) {
        char digits[isid_digits + 1];
        std::snprintf(digits, sizeof digits, "%012llx", static_cast<unsigned long long>(*port.isid));
        text.append(separator).append(digits);
    }
    const auto padded = std::max(least_name_size, (text.size() + 1 + 3) / 4 * 4);  // NUL, then a multiple of 4
    std::vector<std::byte> bytes(header_size + padded);
    pdu::store_be<1>(bytes.data(), iscsi_protocol | (port.isid ? with_isid : 0U));
    pdu::store_be<2>(bytes.data() + 2, padded);
    for (std::size_t i = 0; i < text.size(); ++i) bytes[header_size + i] = static_cast<std::byte>(text[i]);
    return bytes;
}

parsed<iscsi_transport_id> parse_transport_id(std::span<const std::byte> bytes) {
    using result = iscsi_transport_id;
    const std::string name = "TransportID";
    if (bytes.size() < header_size) return too_short<result>(name, bytes.size(), header_size);
    const unsigned format = byte_at(bytes, 0);
    if ((format & 0x0fU) != iscsi_protocol)
        return malformed<result>(name + ": protocol " + std::to_string(format & 0x0fU) + ", not iSCSI (5)");
    const auto length = number_at<2>(bytes, 2);
    if (length > bytes.size() - header_size) return too_short<result>(name, bytes.size(), header_size + length);
    std::string text;
    for (const auto byte : part_of(bytes, header_size, length)) text += static_cast<char>(byte);
    const auto end = text.find('\0');
    if (end == text.npos || end == 0) return malformed<result>(name + ": a name without " + (end ? "end" : "letters"));
    text.resize(end);
    if ((format & 0xc0U) == 0) return {.value = {.name = std::move(text)}};
    const auto at = text.find(separator);
    const auto isid = at == text.npos ? std::nullopt : isid_of(std::string_view(text).substr(at + separator.size()));
    if ((format & 0xc0U) != with_isid || !isid) return malformed<result>(name + ": no ISID behind the name");
    text.resize(at);
    return {.value = {.name = std::move(text), .isid = isid}};
}

}  // namespace persiscsi::scsi
