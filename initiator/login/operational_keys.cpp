// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/operational_keys.hpp"

#include "initiator/login/text_values.hpp"
#include "pdu/text.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <vector>

namespace persiscsi::login {
namespace {

template <auto Member>
std::string wished(const login_options& options) {
    const auto value = options.wishes.*Member;
    if constexpr (std::is_same_v<decltype(value), const bool>) {
        return value ? "Yes" : "No";
    } else {
        return std::to_string(value);
    }
}

template <auto Member>
void settled(negotiated& result, std::uint32_t number, std::string_view) {
    auto& member = result.*Member;
    member = static_cast<std::remove_reference_t<decltype(member)>>(number);
}

template <auto Member>
std::string digest_wished(const login_options& options) {
    switch (options.*Member) {
        case digest_wish::none:
            return "None";
        case digest_wish::crc32c:
            return "CRC32C";
        case digest_wish::prefer:
            return "CRC32C,None";
    }
    return "None";
}

template <auto Member>
void digest_settled(negotiated& result, std::uint32_t, std::string_view choice) {
    result.*Member = choice == "CRC32C";
}

/// RFC 7143 §13.21: ErrorRecoveryLevel is 0 in Discovery sessions.
std::string recovery_level_wished(const login_options& options) {
    if (options.type == session_type::discovery) return "0";
    return wished<&operational_wishes::error_recovery_level>(options);
}

/// What of a key will be offered, by a parameter or by the wish.
template <auto Member>
std::string offered(const login_options& options, std::string_view key) {
    const auto parameter = pdu::find_key(options.parameters, key);
    return parameter ? std::string(*parameter) : wished<Member>(options);
}

/// RFC 7143 §13.19: with error recovery and sequences in order there is one R2T at a time.
std::string outstanding_r2ts_wished(const login_options& options) {
    const auto level = parse_number(offered<&operational_wishes::error_recovery_level>(options, "ErrorRecoveryLevel"));
    const bool in_order = offered<&operational_wishes::data_sequence_in_order>(options, "DataSequenceInOrder") == "Yes";
    return level != 0U && in_order ? "1" : wished<&operational_wishes::max_outstanding_r2t>(options);
}

constexpr task_reporting strongest_first[] = {
    task_reporting::fast_abort, task_reporting::response_fence, task_reporting::rfc3720};

std::string task_reporting_wished(const login_options& options) {
    std::string list;
    for (const auto semantics : strongest_first)
        if (semantics <= options.wishes.task_reporting)
            list += (list.empty() ? "" : ",") + std::string(name_of(semantics));
    return list;
}

void task_reporting_settled(negotiated& result, std::uint32_t, std::string_view choice) {
    for (const auto semantics : strongest_first)
        if (choice == name_of(semantics)) result.task_reporting = semantics;
}

constexpr std::string_view reporting_key = "TaskReporting";
constexpr std::string_view level_key = "iSCSIProtocolLevel";
/// The level of RFC 7143 itself (§13.24). The range is that of RFC 7144.
constexpr std::uint32_t own_level = 1;

std::string protocol_level(const login_options&) {
    return std::to_string(own_level);
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

void alias_settled(negotiated& result, std::uint32_t, std::string_view alias) {
    result.target_alias = pdu::escaped(alias);
}

void portal_group_settled(negotiated& result, std::uint32_t tag, std::string_view) {
    result.target_portal_group_tag = static_cast<std::uint16_t>(tag);
}

void nothing_settled(negotiated&, std::uint32_t, std::string_view) {}

constexpr std::uint32_t longest = (1U << 24U) - 1;
constexpr std::uint32_t largest = 65535;
constexpr std::string_view digest_names = "CRC32C,None";
constexpr std::string_view iscsi_name = "an iSCSI name";
constexpr std::string_view address = "host[:port][,tag]";
constexpr std::string_view send_targets = "All, a target's name or nothing";
constexpr std::string_view session_types = "Discovery or Normal";
constexpr std::string_view task_reporting_names = "RFC3720,ResponseFence,FastAbort";

using enum key_use;
using enum key_sender;
using enum result_function;
using enum offering;
using v = value_form;
using w = operational_wishes;
using n = negotiated;
constexpr auto SW = key_scope::session;
constexpr auto CO = key_scope::connection;
constexpr auto any = true;  // Any-Stage
constexpr auto operational = false;
constexpr auto irrelevant = true;  // when SessionType=Discovery
constexpr auto relevant = false;

// clang-format off
constexpr operational_key rows[] = {
    // name                      section  use                      scope  sender     stage        in discovery  form        lowest  highest  names                 result        offered     wish                                          settle
    {"HeaderDigest",             "13.1",  initialize_only,         CO,    both,      operational, relevant,     v::list,    0,      0,       digest_names,         first_listed, always,     digest_wished<&login_options::header_digest>, digest_settled<&n::header_digest>},
    {"DataDigest",               "13.1",  initialize_only,         CO,    both,      operational, relevant,     v::list,    0,      0,       digest_names,         first_listed, always,     digest_wished<&login_options::data_digest>,   digest_settled<&n::data_digest>},
    {"MaxConnections",           "13.2",  leading_only,            SW,    both,      operational, irrelevant,   v::number,  1,      largest, "",                   minimum,      always,     wished<&w::max_connections>,                  settled<&n::max_connections>},
    {"SendTargets",              "13.3",  full_feature_phase_only, SW,    initiator, operational, relevant,     v::text,    0,      0,       send_targets,         declared,     never,      nullptr,                                      nothing_settled},
    {"TargetName",               "13.4",  initialize_only,         SW,    initiator, any,         relevant,     v::text,    0,      0,       iscsi_name,           declared,     mandatory,  nullptr,                                      nothing_settled},
    {"InitiatorName",            "13.5",  initialize_only,         SW,    initiator, any,         relevant,     v::text,    0,      0,       iscsi_name,           declared,     mandatory,  nullptr,                                      nothing_settled},
    {"TargetAlias",              "13.6",  all,                     SW,    target,    any,         relevant,     v::local,   0,      0,       "",                   declared,     never,      nullptr,                                      alias_settled},
    {"InitiatorAlias",           "13.7",  all,                     SW,    initiator, any,         relevant,     v::local,   0,      0,       "",                   declared,     mandatory,  nullptr,                                      nothing_settled},
    {"TargetAddress",            "13.8",  all,                     SW,    target,    any,         relevant,     v::text,    0,      0,       address,              declared,     never,      nullptr,                                      nothing_settled},
    {"TargetPortalGroupTag",     "13.9",  initialize_only,         SW,    target,    any,         relevant,     v::binary,  0,      largest, "",                   declared,     never,      nullptr,                                      portal_group_settled},
    {"InitialR2T",               "13.10", leading_only,            SW,    both,      operational, irrelevant,   v::boolean, 0,      1,       "",                   logical_or,   always,     wished<&w::initial_r2t>,                      settled<&n::initial_r2t>},
    {"ImmediateData",            "13.11", leading_only,            SW,    both,      operational, irrelevant,   v::boolean, 0,      1,       "",                   logical_and,  always,     wished<&w::immediate_data>,                   settled<&n::immediate_data>},
    {"MaxRecvDataSegmentLength", "13.12", all,                     CO,    both,      operational, relevant,     v::number,  512,    longest, "",                   declared,     always,     wished<&w::max_recv_data_segment_length>,     settled<&n::max_send_data_segment_length>},
    {"MaxBurstLength",           "13.13", leading_only,            SW,    both,      operational, irrelevant,   v::number,  512,    longest, "",                   minimum,      always,     wished<&w::max_burst_length>,                 settled<&n::max_burst_length>},
    {"FirstBurstLength",         "13.14", leading_only,            SW,    both,      operational, irrelevant,   v::number,  512,    longest, "",                   minimum,      always,     wished<&w::first_burst_length>,               settled<&n::first_burst_length>},
    {"DefaultTime2Wait",         "13.15", leading_only,            SW,    both,      operational, relevant,     v::number,  0,      3600,    "",                   maximum,      always,     wished<&w::default_time2wait>,                settled<&n::default_time2wait>},
    {"DefaultTime2Retain",       "13.16", leading_only,            SW,    both,      operational, relevant,     v::number,  0,      3600,    "",                   minimum,      always,     wished<&w::default_time2retain>,              settled<&n::default_time2retain>},
    {"MaxOutstandingR2T",        "13.17", leading_only,            SW,    both,      operational, irrelevant,   v::number,  1,      largest, "",                   minimum,      always,     outstanding_r2ts_wished,                      settled<&n::max_outstanding_r2t>},
    {"DataPDUInOrder",           "13.18", leading_only,            SW,    both,      operational, irrelevant,   v::boolean, 0,      1,       "",                   logical_or,   always,     wished<&w::data_pdu_in_order>,                settled<&n::data_pdu_in_order>},
    {"DataSequenceInOrder",      "13.19", leading_only,            SW,    both,      operational, irrelevant,   v::boolean, 0,      1,       "",                   logical_or,   always,     wished<&w::data_sequence_in_order>,           settled<&n::data_sequence_in_order>},
    {"ErrorRecoveryLevel",       "13.20", leading_only,            SW,    both,      operational, relevant,     v::number,  0,      2,       "",                   minimum,      always,     recovery_level_wished,                        settled<&n::error_recovery_level>},
    {"SessionType",              "13.21", leading_only,            SW,    initiator, any,         relevant,     v::text,    0,      0,       session_types,        declared,     mandatory,  nullptr,                                      nothing_settled},
    {reporting_key,              "13.23", leading_only,            SW,    both,      operational, irrelevant,   v::list,    0,      0,       task_reporting_names, first_listed, when_asked, task_reporting_wished,                        task_reporting_settled},
    {level_key,                  "13.24", leading_only,            SW,    both,      operational, irrelevant,   v::number,  0,      31,      "",                   minimum,      when_asked, protocol_level,                               settled<&n::iscsi_protocol_level>},
    {"IFMarker",                 "13.25", initialize_only,         CO,    both,      operational, relevant,     v::text,    0,      0,       "",                   obsolete,     never,      nullptr,                                      nothing_settled},
    {"OFMarker",                 "13.25", initialize_only,         CO,    both,      operational, relevant,     v::text,    0,      0,       "",                   obsolete,     never,      nullptr,                                      nothing_settled},
    {"IFMarkInt",                "13.25", initialize_only,         CO,    both,      operational, relevant,     v::text,    0,      0,       "",                   obsolete,     never,      nullptr,                                      nothing_settled},
    {"OFMarkInt",                "13.25", initialize_only,         CO,    both,      operational, relevant,     v::text,    0,      0,       "",                   obsolete,     never,      nullptr,                                      nothing_settled},
    {"X#NodeArchitecture",       "13.26", leading_only,            SW,    both,      operational, relevant,     v::text,    0,      0,       "",                   declared,     never,      nullptr,                                      nothing_settled},
};
// clang-format on

}  // namespace

std::span<const operational_key> operational_keys() {
    return rows;
}

const operational_key* find_operational_key(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(rows), std::end(rows), [&](const auto& row) { return row.name == name; });
    return found == std::end(rows) ? nullptr : found;
}

bool is_security_key(std::string_view name) {
    constexpr std::array<std::string_view, 4> methods = {"CHAP_", "KRB_", "SPKM_", "SRP_"};
    return name == "AuthMethod" || name == "TargetAuth" ||  // the latter is of SRP, RFC 7143 §12.1.2
           std::any_of(methods.begin(), methods.end(), [&](auto method) { return name.starts_with(method); });
}

std::string legal_values(const operational_key& key) {
    switch (key.form) {
        case value_form::number:
        case value_form::binary:
            return std::to_string(key.lowest) + " to " + std::to_string(key.highest);
        case value_form::boolean:
            return "Yes or No";
        case value_form::list:
            return "a list of " + std::string(key.names);
        case value_form::text:
            return key.names.empty() ? "a text of at most 255 bytes" : std::string(key.names);
        case value_form::local:
            return "a text";
    }
    return {};
}

std::optional<std::uint32_t> read_value(const operational_key& key, std::string_view text) {
    if (is_reserved_answer(text)) return std::nullopt;
    const auto is_simple = [](std::string_view value) { return value.size() <= max_simple_value; };
    switch (key.form) {
        case value_form::number: {
            const auto number = is_simple(text) ? parse_number(text) : std::nullopt;
            if (!number || *number < key.lowest || *number > key.highest) return std::nullopt;
            return static_cast<std::uint32_t>(*number);
        }
        case value_form::binary:
            return is_simple(text) ? parse_binary_16(text) : std::nullopt;
        case value_form::boolean: {
            const auto truth = parse_boolean(text);
            if (!truth) return std::nullopt;
            return *truth ? 1U : 0U;
        }
        case value_form::list: {
            const auto names = split_list(text);
            const auto fits = [&](auto name) { return !name.empty() && is_simple(name); };
            return std::all_of(names.begin(), names.end(), fits) ? std::optional(0U) : std::nullopt;
        }
        case value_form::text:
            return is_simple(text) ? std::optional(0U) : std::nullopt;
        case value_form::local:
            return 0U;
    }
    return std::nullopt;
}

bool may_offer(const operational_key& key, std::string_view text) {
    const auto number = read_value(key, text);
    if (!number) return false;
    if (key.name == level_key) return *number == own_level;
    if (key.form != value_form::list) return true;
    const auto known = split_list(key.names);
    const auto wanted = split_list(text);
    if (!std::all_of(wanted.begin(), wanted.end(), [&](auto name) { return contains(known, name); })) return false;
    return key.name != reporting_key || (contains(wanted, "RFC3720") && contains(wanted, "ResponseFence"));
}

std::string legal_offers(const operational_key& key) {
    if (key.name == level_key) return std::to_string(own_level) + " (RFC 7143 §13.24)";
    if (key.name == reporting_key) return legal_values(key) + " with at least the first two of them (RFC 7143 §13.23)";
    return legal_values(key);
}

std::optional<std::string> combine(const operational_key& key, std::string_view ours, std::string_view theirs) {
    const auto a = read_value(key, ours).value();
    const auto b = read_value(key, theirs).value();
    switch (key.result) {
        case minimum:
            return std::to_string(std::min(a, b));
        case maximum:
            return std::to_string(std::max(a, b));
        case logical_and:
            return (a & b) != 0 ? "Yes" : "No";
        case logical_or:
            return (a | b) != 0 ? "Yes" : "No";
        case first_listed: {
            const auto supported = split_list(ours);
            for (const auto name : split_list(theirs))
                if (contains(supported, name)) return std::string(name);
            return std::nullopt;
        }
        case declared:
        case obsolete:
            return std::nullopt;
    }
    return std::nullopt;
}

bool is_possible_answer(const operational_key& key, std::string_view offered, std::string_view answer) {
    const auto a = read_value(key, offered).value();
    const auto b = read_value(key, answer).value();
    switch (key.result) {
        case minimum:
        case logical_and:
            return b <= a;
        case maximum:
        case logical_or:
            return b >= a;
        case first_listed:
            return contains(split_list(offered), answer);
        case declared:
            return true;
        case obsolete:
            return false;
    }
    return false;
}

bool decides_alone(const operational_key& key, std::string_view offered) {
    return (key.result == logical_and && offered == "No") || (key.result == logical_or && offered == "Yes");
}

}  // namespace persiscsi::login
