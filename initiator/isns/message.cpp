// SPDX-License-Identifier: Apache-2.0
#include "initiator/isns/message.hpp"

#include "pdu/endian.hpp"

#include <algorithm>
#include <cassert>

namespace persiscsi {

const table_category& isns_category() {
    static const error_category_of<isns_errc, std::size(isns_errors)> category("iSNS", isns_errors);
    return category;
}

namespace isns {
namespace {

constexpr std::uint16_t version = 1;

struct status_row {
    std::uint32_t code;
    std::string_view text;
};
constexpr status_row statuses[] = {
    {0, "successful"},
    {1, "unknown error"},
    {2, "message format error"},
    {3, "invalid registration"},
    {5, "invalid query"},
    {6, "source unknown"},
    {7, "source absent"},
    {8, "source unauthorized"},
    {9, "no such entry"},
    {10, "version not supported"},
    {11, "internal error"},
    {12, "busy"},
    {13, "option not understood"},
    {14, "invalid update"},
    {15, "message not supported"},
    {16, "SCN event rejected"},
    {17, "SCN registration rejected"},
    {18, "attribute not implemented"},
    {21, "ESI not available"},
    {22, "invalid deregistration"},
    {23, "registration feature not supported"},
};

template <std::size_t Width>
void append(std::vector<std::byte>& to, std::uint64_t number) {
    to.resize(to.size() + Width);
    pdu::store_be<Width>(to.data() + to.size() - Width, number);
}

}  // namespace

std::string to_string(status status) {
    const auto code = static_cast<std::uint32_t>(status);
    const auto* row = std::find_if(
        std::begin(statuses), std::end(statuses), [&](const auto& candidate) { return candidate.code == code; });
    const auto text = row == std::end(statuses) ? std::string_view("unknown status") : row->text;
    return std::string(text) + " (status " + std::to_string(code) + ")";
}

attribute empty(tag tag) {
    return {tag, {}};
}

attribute text(tag tag, std::string_view value) {
    attribute made{tag, std::vector<std::byte>((value.size() + 4) / 4 * 4)};
    std::transform(value.begin(), value.end(), made.value.begin(), [](char c) { return static_cast<std::byte>(c); });
    return made;
}

attribute number(tag tag, std::uint32_t value) {
    attribute made{tag, {}};
    append<4>(made.value, value);
    return made;
}

std::vector<std::byte> encode(const message& message, header_flag sender) {
    std::vector<std::byte> payload;
    if (message.is_response()) append<4>(payload, static_cast<std::uint32_t>(message.status));
    for (const auto& attribute : message.attributes) {
        append<4>(payload, static_cast<std::uint32_t>(attribute.tag));
        append<4>(payload, attribute.value.size());
        payload.insert(payload.end(), attribute.value.begin(), attribute.value.end());
    }
    assert(payload.size() <= longest_payload && payload.size() % 4 == 0);
    std::vector<std::byte> pdu;
    append<2>(pdu, version);
    append<2>(pdu, message.function);
    append<2>(pdu, payload.size());
    append<2>(pdu, sender | first_pdu | last_pdu);
    append<2>(pdu, message.transaction);
    append<2>(pdu, 0);
    pdu.insert(pdu.end(), payload.begin(), payload.end());
    return pdu;
}

}  // namespace isns
}  // namespace persiscsi
