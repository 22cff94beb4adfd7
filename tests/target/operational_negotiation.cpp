// SPDX-License-Identifier: Apache-2.0
#include "tests/target/operational_negotiation.hpp"

#include "tests/target/text_values.hpp"

#include <algorithm>

namespace persiscsi::target {
namespace {

constexpr std::uint32_t max_24_bits = 0xffffff;

enum class chosen { minimum, maximum, declared };

struct number_key {
    std::string_view name;
    std::uint32_t min, max;
    chosen result;
    bool in_discovery;
    std::uint32_t agreed_values::*member;
};
constexpr number_key number_keys[] = {
    {"MaxRecvDataSegmentLength", 512, max_24_bits, chosen::declared, true, &agreed_values::initiator_max_recv},
    {"MaxBurstLength", 512, max_24_bits, chosen::minimum, false, &agreed_values::max_burst_length},
    {"FirstBurstLength", 512, max_24_bits, chosen::minimum, false, &agreed_values::first_burst_length},
    {"MaxOutstandingR2T", 1, 65535, chosen::minimum, false, &agreed_values::max_outstanding_r2t},
    {"MaxConnections", 1, 65535, chosen::minimum, false, &agreed_values::max_connections},
    {"ErrorRecoveryLevel", 0, 2, chosen::minimum, true, &agreed_values::error_recovery_level},
    {"DefaultTime2Wait", 0, 3600, chosen::maximum, true, &agreed_values::default_time2wait},
    {"DefaultTime2Retain", 0, 3600, chosen::minimum, true, &agreed_values::default_time2retain},
};

std::uint32_t our_number(std::string_view key, const operational_limits& limits, const agreed_values& agreed) {
    if (key == "MaxBurstLength") return limits.max_burst_length;
    if (key == "FirstBurstLength") return std::min(limits.first_burst_length, agreed.max_burst_length);
    const bool one_r2t = agreed.error_recovery_level > 0 && agreed.data_sequence_in_order;  // RFC 7143 §13.19
    if (key == "MaxOutstandingR2T") return one_r2t ? 1 : limits.max_outstanding_r2t;
    if (key == "MaxConnections") return limits.max_connections;
    if (key == "ErrorRecoveryLevel") return limits.error_recovery_level;
    if (key == "DefaultTime2Wait") return limits.default_time2wait;
    if (key == "DefaultTime2Retain") return limits.default_time2retain;
    return 0;
}

/// `or_function`: the result is Yes where either side says Yes, else where both do.
struct boolean_key {
    std::string_view name;
    bool or_function;
    bool agreed_values::*member;
};
constexpr boolean_key boolean_keys[] = {
    {"InitialR2T", true, &agreed_values::initial_r2t},
    {"ImmediateData", false, &agreed_values::immediate_data},
    {"DataPDUInOrder", true, &agreed_values::data_pdu_in_order},
    {"DataSequenceInOrder", true, &agreed_values::data_sequence_in_order},
};

bool our_boolean(std::string_view key, const operational_limits& limits) {
    if (key == "InitialR2T") return limits.initial_r2t;
    if (key == "ImmediateData") return limits.immediate_data;
    return key == "DataPDUInOrder" ? limits.data_pdu_in_order : limits.data_sequence_in_order;
}

template <class Row, std::size_t N>
const Row* find(const Row (&rows)[N], std::string_view name) {
    const auto* found =
        std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return row.name == name; });
    return found == std::end(rows) ? nullptr : found;
}

/// Keys that the login itself looks at (RFC 7143 §12, §13.4-13.9, §13.21).
bool is_for_login(std::string_view key) {
    constexpr std::string_view names[] = {"InitiatorName",
                                          "InitiatorAlias",
                                          "TargetName",
                                          "SessionType",
                                          "AuthMethod",
                                          "CHAP_A",
                                          "CHAP_I",
                                          "CHAP_C",
                                          "CHAP_N",
                                          "CHAP_R"};
    return std::find(std::begin(names), std::end(names), key) != std::end(names);
}

/// Keys of the leading connection only (RFC 7143 §13, "use: LO").
bool is_leading_only(std::string_view key) {
    constexpr std::string_view others[] = {
        "SessionType", "IFMarker", "OFMarker", "IFMarkInt", "OFMarkInt", "TaskReporting", "iSCSIProtocolLevel"};
    if (const auto* row = find(number_keys, key)) return row->result != chosen::declared;
    return find(boolean_keys, key) || std::find(std::begin(others), std::end(others), key) != std::end(others);
}

std::string shown(const std::string& key, const std::string& value) {
    return pdu::escaped(key) + "=" + pdu::escaped(value);
}

}  // namespace

std::optional<std::string> operational_negotiation::answer(const pdu::text_keys& offered, pdu::text_keys& reply) {
    auto keys = offered;  // first those that bound our answer to others
    std::stable_partition(keys.begin(), keys.end(), [](const auto& pair) {
        return pair.key == "MaxBurstLength" || pair.key == "ErrorRecoveryLevel" || pair.key == "DataSequenceInOrder";
    });
    for (const auto& [key, value] : keys) {
        if (login_ == login::further && is_leading_only(key))
            return "key " + pdu::escaped(key) + " belongs to the leading connection";
        if (is_for_login(key)) continue;
        if (!seen_.insert(key).second) return "key " + pdu::escaped(key) + " negotiated twice";
        auto [our_value, error] = answer_one(key, value);
        if (error) return error;
        if (!our_value.empty()) reply.push_back({key, our_value});
    }
    if (!declared_) {
        reply.push_back({"MaxRecvDataSegmentLength", std::to_string(limits_.max_recv_data_segment_length)});
        agreed_.target_max_recv = limits_.max_recv_data_segment_length;
        declared_ = true;
    }
    return std::nullopt;
}

std::optional<std::string> operational_negotiation::missing() const {
    if (header_policy_ == digest_policy::required && !agreed_.digests.header) return "HeaderDigest=CRC32C is required";
    if (data_policy_ == digest_policy::required && !agreed_.digests.data) return "DataDigest=CRC32C is required";
    return std::nullopt;
}

operational_negotiation::verdict operational_negotiation::answer_one(const std::string& key, const std::string& value) {
    if (key == "HeaderDigest") return answer_digest(value, header_policy_, agreed_.digests.header);
    if (key == "DataDigest") return answer_digest(value, data_policy_, agreed_.digests.data);
    if (find(number_keys, key)) return answer_number(key, value);
    if (find(boolean_keys, key)) return answer_boolean(key, value);
    if (key == "IFMarker" || key == "OFMarker") return {"No", {}};        // RFC 7143 §13.25
    if (key == "IFMarkInt" || key == "OFMarkInt") return {"Reject", {}};  // RFC 7143 §13.25
    if (key == "TaskReporting") return answer_task_reporting(value);
    if (key == "iSCSIProtocolLevel") return {"1", {}};  // RFC 7143 §13.24
    if (key == "X#NodeArchitecture") return {};         // declarative, RFC 7143 §13.26
    return {"NotUnderstood", {}};
}

operational_negotiation::verdict operational_negotiation::answer_number(const std::string& key,
                                                                        const std::string& value) {
    const auto& row = *find(number_keys, key);
    const auto offered = read_number(value, row.max);
    if (!offered || *offered < row.min)
        return {"", shown(key, value) + " is not from " + std::to_string(row.min) + " to " + std::to_string(row.max)};
    auto result = static_cast<std::uint32_t>(*offered);
    if (login_ == login::discovery && !row.in_discovery) return {"Irrelevant", {}};
    const auto ours = our_number(key, limits_, agreed_);
    if (row.result == chosen::minimum) result = std::min(result, ours);
    if (row.result == chosen::maximum) result = std::max(result, ours);
    if (row.member) agreed_.*row.member = result;
    if (row.result == chosen::declared) return {};
    return {std::to_string(result), {}};
}

operational_negotiation::verdict operational_negotiation::answer_boolean(const std::string& key,
                                                                         const std::string& value) {
    const auto& row = *find(boolean_keys, key);
    if (value != "Yes" && value != "No") return {"", shown(key, value) + " is neither Yes nor No"};
    if (login_ == login::discovery) return {"Irrelevant", {}};
    const bool offered = value == "Yes";
    const bool ours = our_boolean(key, limits_);
    const bool result = row.or_function ? offered || ours : offered && ours;
    if (row.member) agreed_.*row.member = result;
    return {result ? "Yes" : "No", {}};
}

/// The first of the initiator's that we know (RFC 7143 §6.2.1).
operational_negotiation::verdict operational_negotiation::answer_task_reporting(const std::string& value) {
    constexpr std::string_view names[] = {"RFC3720", "ResponseFence", "FastAbort"};  // in the order of task_reporting
    if (login_ == login::discovery) return {"Irrelevant", {}};
    for (const auto offered : read_list(value))
        for (std::size_t i = 0; i <= static_cast<std::size_t>(limits_.reporting); ++i) {
            if (offered != names[i]) continue;
            agreed_.reporting = static_cast<task_reporting>(i);
            return {std::string(offered), {}};
        }
    return {"Reject", {}};
}

operational_negotiation::verdict operational_negotiation::answer_digest(const std::string& value,
                                                                        digest_policy policy,
                                                                        bool& member) {
    for (const auto offered : read_list(value)) {
        if (offered == "CRC32C" && policy != digest_policy::no) {
            member = true;
            return {"CRC32C", {}};
        }
        if (offered == "None" && policy != digest_policy::required) return {"None", {}};
    }
    return {"", "no digest of '" + pdu::escaped(value) + "' is allowed here"};
}

}  // namespace persiscsi::target
