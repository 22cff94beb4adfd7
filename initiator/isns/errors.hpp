// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/error_table.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace persiscsi {

/// What can be wrong with an iSNS server's messages. `refused` is its own word; the status is in the story.
enum class isns_errc {
    remote_bad_header = 1,
    remote_bad_sequence,
    remote_message_too_long,
    remote_malformed_attribute,
    remote_unexpected_message,
    remote_closed,
    refused,
};

inline constexpr error_row<isns_errc> isns_errors[] = {
    {isns_errc::remote_bad_header, "remote_bad_header", "not a header of iSNS", error_class::permanent},
    {isns_errc::remote_bad_sequence,
     "remote_bad_sequence",
     "the PDUs of a message are out of sequence",
     error_class::permanent},
    {isns_errc::remote_message_too_long,
     "remote_message_too_long",
     "a message is longer than we accept",
     error_class::permanent},
    {isns_errc::remote_malformed_attribute,
     "remote_malformed_attribute",
     "an attribute is malformed",
     error_class::permanent},
    {isns_errc::remote_unexpected_message,
     "remote_unexpected_message",
     "a message that was not asked for",
     error_class::permanent},
    {isns_errc::remote_closed, "remote_closed", "the iSNS server closed the connection", error_class::retry_later},
    {isns_errc::refused, "refused", "the iSNS server refuses", error_class::permanent},
};

[[nodiscard]] const table_category& isns_category();
[[nodiscard]] inline std::error_code make_error_code(isns_errc value) {
    return {static_cast<int>(value), isns_category()};
}

}  // namespace persiscsi

template <>
struct std::is_error_code_enum<persiscsi::isns_errc> : std::true_type {};
