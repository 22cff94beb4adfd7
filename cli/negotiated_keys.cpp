// SPDX-License-Identifier: Apache-2.0
#include "cli/negotiated_keys.hpp"

#include <initializer_list>
#include <utility>

namespace persiscsi::cli {
namespace {

std::string digest(bool used) {
    return used ? "CRC32C" : "None";
}

std::string boolean(bool value) {
    return value ? "Yes" : "No";
}

std::string segment_lengths(const negotiated& agreed) {
    return std::to_string(agreed.max_recv_data_segment_length) + "/" +
           std::to_string(agreed.max_send_data_segment_length);
}

/// ErrorRecoveryLevel may come as a wish or, as from --erl, by its key.
std::string recovery_level_of(const login_options& asked) {
    for (const auto& [key, value] : asked.parameters)
        if (key == "ErrorRecoveryLevel") return value;
    return std::to_string(asked.wishes.error_recovery_level);
}

}  // namespace

std::string negotiated_keys(const negotiated& agreed) {
    const bool mutual = agreed.auth_method == "mutual CHAP";
    std::string line = "AuthMethod=" + (mutual ? "CHAP (mutual)" : agreed.auth_method);
    if (agreed.algorithm) line += " CHAP_A=" + std::to_string(static_cast<unsigned>(*agreed.algorithm));
    const std::initializer_list<std::pair<const char*, std::string>> keys = {
        {"HeaderDigest", digest(agreed.header_digest)},
        {"DataDigest", digest(agreed.data_digest)},
        {"InitialR2T", boolean(agreed.initial_r2t)},
        {"ImmediateData", boolean(agreed.immediate_data)},
        {"MaxRecvDataSegmentLength", segment_lengths(agreed)},
        {"MaxBurstLength", std::to_string(agreed.max_burst_length)},
        {"FirstBurstLength", std::to_string(agreed.first_burst_length)},
        {"MaxOutstandingR2T", std::to_string(agreed.max_outstanding_r2t)},
        {"MaxConnections", std::to_string(agreed.max_connections)},
        {"ErrorRecoveryLevel", std::to_string(agreed.error_recovery_level)},
        {"DefaultTime2Wait", std::to_string(agreed.default_time2wait)},
        {"DefaultTime2Retain", std::to_string(agreed.default_time2retain)},
        {"DataPDUInOrder", boolean(agreed.data_pdu_in_order)},
        {"DataSequenceInOrder", boolean(agreed.data_sequence_in_order)},
        {"TaskReporting", std::string(name_of(agreed.task_reporting))},
        {"iSCSIProtocolLevel", std::to_string(agreed.iscsi_protocol_level)},
    };
    for (const auto& [name, value] : keys) line += std::string(" ") + name + "=" + value;
    return line;
}

std::string granted_less(const negotiated& agreed, const login_options& asked) {
    std::string less;
    const auto compare = [&less](const char* key, const std::string& granted, const std::string& wished) {
        if (granted == wished) return;
        less += (less.empty() ? "" : ", ") + std::string(key) + " " + granted + " (asked for: " + wished + ")";
    };
    compare("MaxConnections", std::to_string(agreed.max_connections), std::to_string(asked.wishes.max_connections));
    compare("ErrorRecoveryLevel", std::to_string(agreed.error_recovery_level), recovery_level_of(asked));
    return less;
}

}  // namespace persiscsi::cli
