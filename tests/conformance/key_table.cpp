// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/key_table.hpp"

#include <algorithm>
#include <cctype>

namespace persiscsi::conformance {
namespace {

using enum key_use;
using enum key_result;
using s = key_sender;
using k = key_kind;
constexpr std::uint64_t most_16 = 65535;
constexpr std::uint64_t most_24 = (1U << 24U) - 1;

// clang-format off
constexpr key_row rows[] = {
    // name                      use                sender        any    irrelevant kind        lowest highest  result
    {"HeaderDigest",             initialize_only,   s::both,      false, false,     k::list,    0,     0,       first_listed},  // §13.1
    {"DataDigest",               initialize_only,   s::both,      false, false,     k::list,    0,     0,       first_listed},
    {"MaxConnections",           leading_only,      s::both,      false, true,      k::number,  1,     most_16, minimum},       // §13.2
    {"SendTargets",              full_feature_only, s::initiator, false, false,     k::text,    0,     0,       declared},      // §13.3
    {"TargetName",               initialize_only,   s::both,      true,  false,     k::text,    0,     0,       declared},
    {"InitiatorName",            initialize_only,   s::initiator, true,  false,     k::text,    0,     0,       declared},
    {"TargetAlias",              all,               s::target,    true,  false,     k::text,    0,     0,       declared},
    {"InitiatorAlias",           all,               s::initiator, true,  false,     k::text,    0,     0,       declared},
    {"TargetAddress",            all,               s::target,    true,  false,     k::text,    0,     0,       declared},
    {"TargetPortalGroupTag",     initialize_only,   s::target,    true,  false,     k::number,  0,     most_16, declared},      // §13.9
    {"InitialR2T",               leading_only,      s::both,      false, true,      k::boolean, 0,     0,       logical_or},
    {"ImmediateData",            leading_only,      s::both,      false, true,      k::boolean, 0,     0,       logical_and},
    {"MaxRecvDataSegmentLength", all,               s::both,      false, false,     k::number,  512,   most_24, declared},      // §13.12
    {"MaxBurstLength",           leading_only,      s::both,      false, true,      k::number,  512,   most_24, minimum},
    {"FirstBurstLength",         leading_only,      s::both,      false, true,      k::number,  512,   most_24, minimum},
    {"DefaultTime2Wait",         leading_only,      s::both,      false, false,     k::number,  0,     3600,    maximum},       // §13.15
    {"DefaultTime2Retain",       leading_only,      s::both,      false, false,     k::number,  0,     3600,    minimum},
    {"MaxOutstandingR2T",        leading_only,      s::both,      false, true,      k::number,  1,     most_16, minimum},
    {"DataPDUInOrder",           leading_only,      s::both,      false, true,      k::boolean, 0,     0,       logical_or},    // §13.18
    {"DataSequenceInOrder",      leading_only,      s::both,      false, true,      k::boolean, 0,     0,       logical_or},
    {"ErrorRecoveryLevel",       leading_only,      s::both,      false, false,     k::number,  0,     2,       minimum},
    {"SessionType",              leading_only,      s::initiator, true,  false,     k::text,    0,     0,       declared},      // §13.21
    {"TaskReporting",            leading_only,      s::both,      false, true,      k::list,    0,     0,       first_listed},
    {"iSCSIProtocolLevel",       leading_only,      s::both,      false, true,      k::number,  0,     31,      minimum},       // §13.24
    {"IFMarker",                 initialize_only,   s::both,      false, false,     k::text,    0,     0,       obsolete},      // §13.25
    {"OFMarker",                 initialize_only,   s::both,      false, false,     k::text,    0,     0,       obsolete},
    {"IFMarkInt",                initialize_only,   s::both,      false, false,     k::text,    0,     0,       obsolete},
    {"OFMarkInt",                initialize_only,   s::both,      false, false,     k::text,    0,     0,       obsolete},
    {"X#NodeArchitecture",       leading_only,      s::both,      false, false,     k::text,    0,     0,       declared},      // §13.26
};
// clang-format on

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0) return std::nullopt;
    while (text.ends_with('=')) text.remove_suffix(1);
    std::vector<std::uint8_t> bytes;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char letter : text) {
        const auto value = digits.find(letter);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes.push_back(static_cast<std::uint8_t>(bits >> held));
    }
    return bytes;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
    std::string digits(text);
    if (digits.size() % 2 != 0) digits.insert(digits.begin(), '0');
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const auto pair = number_of("0x" + digits.substr(i, 2));
        if (!pair) return std::nullopt;
        bytes.push_back(static_cast<std::uint8_t>(*pair));
    }
    return bytes;
}

bool starts_with_radix(std::string_view text, char letter) {
    return text.size() > 2 && text[0] == '0' && std::tolower(static_cast<unsigned char>(text[1])) == letter;
}

}  // namespace

const key_row* find_key_row(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(rows), std::end(rows), [&](const auto& row) { return row.name == name; });
    return found == std::end(rows) ? nullptr : found;
}

bool is_security_key(std::string_view name) {
    return name == "AuthMethod" || name.starts_with("CHAP_") || name.starts_with("SRP_") || name.starts_with("KRB_");
}

bool is_reserved_word(std::string_view value) {
    return value == "Reject" || value == "Irrelevant" || value == "NotUnderstood";
}

bool is_standard_label(std::string_view name) {
    if (name == "iSCSIProtocolLevel" || name == "X#NodeArchitecture") return true;  // named so by the RFC itself
    if (name.empty() || name.size() > 63 || name[0] < 'A' || name[0] > 'Z') return false;
    return std::all_of(name.begin(), name.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 ||
               std::string_view(".-+@_").find(static_cast<char>(letter)) != std::string_view::npos;
    });
}

std::vector<std::string> items_of(std::string_view list) {
    std::vector<std::string> items(1);
    for (const char letter : list) {
        if (letter == ',')
            items.emplace_back();
        else
            items.back() += letter;
    }
    return items;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    const bool hex = starts_with_radix(text, 'x');
    if (hex) text.remove_prefix(2);
    if (text.empty() || text.size() > (hex ? 16U : 19U) || (!hex && text.size() > 1 && text[0] == '0'))
        return std::nullopt;
    std::uint64_t number = 0;
    for (const char letter : text) {
        const auto digit = std::string_view("0123456789abcdef")
                               .find(static_cast<char>(std::tolower(static_cast<unsigned char>(letter))));
        if (digit >= (hex ? 16U : 10U)) return std::nullopt;
        number = number * (hex ? 16 : 10) + digit;
    }
    return number;
}

std::optional<std::vector<std::uint8_t>> binary_of(std::string_view text) {
    if (starts_with_radix(text, 'x')) return from_hex(text.substr(2));
    if (starts_with_radix(text, 'b')) return from_base64(text.substr(2));
    return std::nullopt;
}

bool is_legal(const key_row& row, std::string_view value) {
    if (is_reserved_word(value)) return false;
    switch (row.kind) {
        case key_kind::number: {
            const auto number = number_of(value);
            return number && *number >= row.lowest && *number <= row.highest;
        }
        case key_kind::boolean:
            return value == "Yes" || value == "No";
        case key_kind::list: {
            const auto items = items_of(value);
            return std::none_of(items.begin(), items.end(), [](const auto& item) { return item.empty(); });
        }
        case key_kind::text:
            return !value.empty();
    }
    return false;
}

bool is_admissible(const key_row& row, std::string_view proposal, std::string_view answer) {
    if (row.result == key_result::obsolete)
        return answer == "Reject" || (row.name.ends_with("Marker") && answer == "No");
    if (answer == "Reject" || answer == "Irrelevant") return true;
    if (!is_legal(row, answer)) return false;
    switch (row.result) {
        case minimum:
            return number_of(answer) <= number_of(proposal);
        case maximum:
            return number_of(answer) >= number_of(proposal);
        case logical_and:
            return answer == "No" || proposal == "Yes";
        case logical_or:
            return answer == "Yes" || proposal == "No";
        case first_listed: {
            const auto items = items_of(proposal);
            return std::find(items.begin(), items.end(), answer) != items.end();
        }
        case declared:
        case obsolete:
            break;
    }
    return false;
}

bool decides_alone(const key_row& row, std::string_view proposal) {
    return (row.result == logical_and && proposal == "No") || (row.result == logical_or && proposal == "Yes");
}

}  // namespace persiscsi::conformance
