// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "initiator/isns/errors.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// RFC 4171. Functions, tags, flags and statuses were checked against nmap's isns library and open-isns with the users
// of its constants in open-iscsi, and where they could be seen against excerpts of Wireshark's dissector; they agree.
namespace persiscsi::isns {

inline constexpr std::uint16_t default_port = 3205;

/// A response has the number of its request and 8000h.
enum class function : std::uint16_t {
    dev_attr_reg = 0x0001,
    dev_attr_qry = 0x0002,
    dev_get_next = 0x0003,
    dev_dereg = 0x0004,
    scn_reg = 0x0005,
    scn_dereg = 0x0006,
    scn = 0x0008,  ///< sent by the server
};
inline constexpr std::uint16_t response_bit = 0x8000;

/// Of an attribute.
enum class tag : std::uint32_t {
    delimiter = 0,
    entity_identifier = 1,
    entity_protocol = 2,
    timestamp = 4,
    portal_ip_address = 16,
    portal_port = 17,
    scn_port = 23,
    iscsi_name = 32,
    iscsi_node_type = 33,
    iscsi_scn_bitmap = 35,
    pg_iscsi_name = 48,
    pg_portal_ip_address = 49,
    pg_portal_port = 50,
    pg_tag = 51,
};

/// Of a message's header.
enum header_flag : std::uint16_t {
    sent_by_client = 0x8000,
    sent_by_server = 0x4000,
    authentication_block = 0x2000,
    replace_registration = 0x1000,
    last_pdu = 0x0800,
    first_pdu = 0x0400,
};

/// iSCSI Node Type.
enum node_type : std::uint32_t { target_node = 1, initiator_node = 2, control_node = 4 };
/// iSCSI SCN Bitmap.
enum scn_bit : std::uint32_t {
    object_updated = 0x04,
    object_added = 0x08,
    object_removed = 0x10,
    target_and_self_only = 0x40,
};
/// Entity Protocol.
inline constexpr std::uint32_t protocol_iscsi = 2;

/// What a response begins with. The text of one that is not named there says its number.
enum class status : std::uint32_t { success = 0, source_unknown = 6, no_such_entry = 9, scn_event_rejected = 16 };
[[nodiscard]] std::string to_string(status status);

/// Tag, length, value. A value on the wire is a multiple of 4 bytes.
struct attribute {
    isns::tag tag{};
    std::vector<std::byte> value{};

    friend bool operator==(const attribute&, const attribute&) = default;
};
[[nodiscard]] attribute empty(tag tag);
/// With its NUL, padded.
[[nodiscard]] attribute text(tag tag, std::string_view value);
[[nodiscard]] attribute number(tag tag, std::uint32_t value);

struct message {
    std::uint16_t function = 0;  ///< with the response bit
    std::uint16_t transaction = 0;
    isns::status status{};  ///< of a response
    std::vector<attribute> attributes{};

    [[nodiscard]] bool is_response() const { return (function & response_bit) != 0; }
    [[nodiscard]] bool answers(isns::function request) const {
        return function == (static_cast<std::uint16_t>(request) | response_bit);
    }
};

inline constexpr std::size_t header_size = 12;         ///< bytes
inline constexpr std::size_t longest_payload = 65532;  ///< of one PDU: 16 bits, a multiple of 4

/// One PDU, which is the first and the last of its message. Precondition: at most `longest_payload` bytes of
/// attributes.
[[nodiscard]] std::vector<std::byte> encode(const message& message, header_flag sender = sent_by_client);

}  // namespace persiscsi::isns
