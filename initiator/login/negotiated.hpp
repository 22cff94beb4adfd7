// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_options.hpp"
#include "pdu/types.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace persiscsi {

/// What a login agreed on. Starts with the defaults of RFC 7143 §13. Lengths in bytes, times in seconds. A further
/// connection of a session agrees on digests and segment lengths only; the rest is what the first one agreed on.
struct negotiated {
    bool header_digest = false;
    bool data_digest = false;
    std::uint32_t max_send_data_segment_length = 8192;  ///< the target's MaxRecvDataSegmentLength
    std::uint32_t max_recv_data_segment_length = 8192;  ///< ours
    std::uint32_t max_burst_length = 262144;
    std::uint32_t first_burst_length = 65536;
    std::uint16_t max_outstanding_r2t = 1;
    std::uint16_t max_connections = 1;
    std::uint16_t default_time2wait = 2;
    std::uint16_t default_time2retain = 20;
    std::uint8_t error_recovery_level = 0;
    bool initial_r2t = true;
    bool immediate_data = true;
    bool data_pdu_in_order = true;
    bool data_sequence_in_order = true;
    persiscsi::task_reporting task_reporting = persiscsi::task_reporting::rfc3720;
    std::uint8_t iscsi_protocol_level = 1;

    std::string auth_method = "None";  ///< "None", "CHAP" or "mutual CHAP"
    std::optional<chap_algorithm> algorithm;
    std::string target_alias;                              ///< as the target sent it, escaped
    std::optional<std::uint16_t> target_portal_group_tag;  ///< none where the target kept it to itself
    pdu::tsih tsih = pdu::tsih::fresh;

    friend bool operator==(const negotiated&, const negotiated&) = default;
};

}  // namespace persiscsi
