// SPDX-License-Identifier: Apache-2.0
#include "tests/target/command_support.hpp"

#include "pdu/endian.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace persiscsi::target {
namespace {

using enum reservations::kind;
constexpr std::optional<std::uint16_t> no_action{};

// clang-format off
constexpr supported_command rows[] = {
    {0x00, no_action, looks,  "000000000000"},
    {0x03, no_action, always, "03000000ff00"},
    {0x08, no_action, reads,  "081fffffff00"},
    {0x0a, no_action, writes, "0a1fffffff00"},
    {0x12, no_action, always, "1201ffffff00"},
    {0x15, no_action, writes, "15110000ff00"},
    {0x16, no_action, always, "160000000000"},
    {0x17, no_action, always, "170000000000"},
    {0x1a, no_action, reads,  "1a08ffffff00"},
    {0x1b, no_action, looks,  "1b010ffff700"},
    {0x1d, no_action, writes, "1d0400000000"},
    {0x1e, no_action, looks,  "1e0000000300"},
    {0x25, no_action, looks,  "25000000000000000000"},
    {0x28, no_action, reads,  "28faffffffff3fffff00"},
    {0x2a, no_action, writes, "2afaffffffff3fffff00"},
    {0x2e, no_action, writes, "2ef2ffffffff3fffff00"},
    {0x2f, no_action, reads,  "2ff6ffffffff3fffff00"},
    {0x34, no_action, reads,  "3402ffffffff3fffff00"},
    {0x35, no_action, writes, "3502ffffffff3fffff00"},
    {0x37, no_action, reads,  "37001f00000000ffff00"},
    {0x41, no_action, writes, "41e8ffffffff3fffff00"},
    {0x42, no_action, writes, "4200000000003fffff00"},
    {0x4d, no_action, looks,  "4d00ffff00ffffffff00"},
    {0x53, no_action, writes, "53fcffffffff3fffff00"},
    {0x55, no_action, writes, "55110000000000ffff00"},
    {0x5a, no_action, reads,  "5a08ffff000000ffff00"},
    {0x5e, 0x00,      looks,  "5e000000000000ffff00"},
    {0x5e, 0x01,      looks,  "5e010000000000ffff00"},
    {0x5e, 0x02,      looks,  "5e020000000000ffff00"},
    {0x5e, 0x03,      looks,  "5e030000000000ffff00"},
    {0x5f, 0x00,      looks,  "5f000000" "00ffffffff00"},
    {0x5f, 0x01,      looks,  "5f01ff00" "00ffffffff00"},
    {0x5f, 0x02,      looks,  "5f02ff00" "00ffffffff00"},
    {0x5f, 0x03,      looks,  "5f030000" "00ffffffff00"},
    {0x5f, 0x04,      looks,  "5f04ff00" "00ffffffff00"},
    {0x5f, 0x05,      looks,  "5f05ff00" "00ffffffff00"},
    {0x5f, 0x06,      looks,  "5f060000" "00ffffffff00"},
    {0x5f, 0x07,      looks,  "5f070000" "00ffffffff00"},
    {0x7f, 0x0007,    writes, "7f00000000003f18" "0007fc00" "ffffffffffffffff" "0000000000000000" "ffffffff"},
    {0x7f, 0x0009,    reads,  "7f00000000003f18" "0009fa00" "ffffffffffffffff" "0000000000000000" "ffffffff"},
    {0x7f, 0x000a,    reads,  "7f00000000003f18" "000af600" "ffffffffffffffff" "0000000000000000" "ffffffff"},
    {0x7f, 0x000b,    writes, "7f00000000003f18" "000bfa00" "ffffffffffffffff" "0000000000000000" "ffffffff"},
    {0x7f, 0x000c,    writes, "7f00000000003f18" "000cf200" "ffffffffffffffff" "0000000000000000" "ffffffff"},
    {0x7f, 0x000d,    writes, "7f00000000003f18" "000de900" "ffffffffffffffff" "0000000000000000" "ffffffff"},
    {0x88, no_action, reads,  "88faffffffffffffffffffffffff3f00"},
    {0x89, no_action, writes, "89faffffffffffffffff000000ff3f00"},
    {0x8a, no_action, writes, "8afaffffffffffffffffffffffff3f00"},
    {0x8b, no_action, writes, "8bfaffffffffffffffffffffffff3f00"},
    {0x8e, no_action, writes, "8ef2ffffffffffffffffffffffff3f00"},
    {0x8f, no_action, reads,  "8ff6ffffffffffffffffffffffff3f00"},
    {0x90, no_action, reads,  "9002ffffffffffffffffffffffff3f00"},
    {0x91, no_action, writes, "9102ffffffffffffffffffffffff3f00"},
    {0x93, no_action, writes, "93e9ffffffffffffffffffffffff3f00"},
    {0x9c, no_action, writes, "9cfaffffffffffffffffffffffff3f00"},
    {0x9e, 0x10,      looks,  "9e100000000000000000ffffffff0000"},
    {0x9e, 0x12,      looks,  "9e12ffffffffffffffffffffffff0000"},
    {0xa0, no_action, always, "a000ff000000ffffffff0000"},
    {0xa3, 0x0a,      looks,  "a3ea00000000ffffffff0000"},
    {0xa3, 0x0c,      looks,  "a30c87ffffffffffffff0000"},
    {0xa3, 0x0d,      looks,  "a30d00000000ffffffff0000"},
    {0xa8, no_action, reads,  "a8faffffffffffffffff3f00"},
    {0xaa, no_action, writes, "aafaffffffffffffffff3f00"},
    {0xae, no_action, writes, "aef2ffffffffffffffff3f00"},
    {0xaf, no_action, reads,  "aff6ffffffffffffffff3f00"},
    {0xb7, no_action, reads,  "b71fffffffffffffffff0000"},
};
// clang-format on

constexpr std::uint8_t variable_length = 0x7f;
constexpr std::size_t timeouts_size = 12;

std::uint16_t service_action_of(std::span<const std::byte> cdb) {
    if (cdb[0] == std::byte{variable_length}) return static_cast<std::uint16_t>(pdu::load_be<2>(cdb.data() + 8));
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(cdb[1]) & 0x1fU);
}

std::size_t cdb_size(const supported_command& row) {
    return row.usage.size() / 2;
}

unsigned digit(char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

void append_timeouts(std::vector<std::byte>& data) {
    const auto at = data.size();
    data.resize(at + timeouts_size);
    pdu::store_be<2>(data.data() + at, timeouts_size - 2);
}

command_plan report_all(bool timeouts, std::uint64_t allocation_length) {
    std::vector<std::byte> data(4);
    for (const auto& row : rows) {
        const auto at = data.size();
        data.resize(at + 8);
        pdu::store_be<1>(data.data() + at, row.operation_code);
        pdu::store_be<2>(data.data() + at + 2, row.service_action.value_or(0));
        pdu::store_be<1>(data.data() + at + 5, (timeouts ? 0x02U : 0U) | (row.service_action ? 0x01U : 0U));
        pdu::store_be<2>(data.data() + at + 6, cdb_size(row));
        if (timeouts) append_timeouts(data);
    }
    pdu::store_be<4>(data.data(), data.size() - 4);
    return answers(std::move(data), allocation_length);
}

command_plan report_one(const supported_command* row, bool timeouts, std::uint64_t allocation_length) {
    std::vector<std::byte> data(4);
    data[1] = static_cast<std::byte>(row ? 0x03 : 0x01);
    if (!row) return answers(std::move(data), allocation_length);
    pdu::store_be<2>(data.data() + 2, cdb_size(*row));
    for (std::size_t i = 0; i < row->usage.size(); i += 2)
        data.push_back(static_cast<std::byte>(digit(row->usage[i]) << 4U | digit(row->usage[i + 1])));
    if (timeouts) {
        data[1] |= std::byte{0x80};
        append_timeouts(data);
    }
    return answers(std::move(data), allocation_length);
}

const supported_command* find(std::uint8_t operation_code, std::optional<std::uint16_t> service_action) {
    const auto* row = std::find_if(std::begin(rows), std::end(rows), [&](const auto& one) {
        return one.operation_code == operation_code && one.service_action == service_action;
    });
    return row == std::end(rows) ? nullptr : row;
}

bool has_service_actions(std::uint8_t operation_code) {
    return knows_operation(operation_code) && find(operation_code, no_action) == nullptr;
}

}  // namespace

bool knows_operation(std::uint8_t operation_code) {
    return std::any_of(
        std::begin(rows), std::end(rows), [&](const auto& row) { return row.operation_code == operation_code; });
}

const supported_command* find_supported(std::span<const std::byte> cdb) {
    const auto operation_code = std::to_integer<std::uint8_t>(cdb[0]);
    if (has_service_actions(operation_code)) return find(operation_code, service_action_of(cdb));
    return find(operation_code, no_action);
}

command_plan report_operations(std::span<const std::byte> cdb) {
    const auto options = std::to_integer<unsigned>(cdb[2]) & 0x07U;
    const bool timeouts = (cdb[2] & std::byte{0x80}) != std::byte{0};
    const auto operation_code = std::to_integer<std::uint8_t>(cdb[3]);
    const auto action = static_cast<std::uint16_t>(pdu::load_be<2>(cdb.data() + 4));
    const auto allocation_length = pdu::load_be<4>(cdb.data() + 6);
    switch (options) {
        case 0:
            return report_all(timeouts, allocation_length);
        case 1:
            if (has_service_actions(operation_code)) return fails(sense::invalid_field_in_cdb);
            return report_one(find(operation_code, no_action), timeouts, allocation_length);
        case 2:
            if (knows_operation(operation_code) && !has_service_actions(operation_code))
                return fails(sense::invalid_field_in_cdb);
            return report_one(find(operation_code, action), timeouts, allocation_length);
        default:
            return fails(sense::invalid_field_in_cdb);
    }
}

}  // namespace persiscsi::target
