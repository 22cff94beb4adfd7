// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/frame.hpp"
#include "pdu/text.hpp"
#include "tests/target/target_options.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace persiscsi::target {

/// What holds for a connection and its session; the initial values are the defaults of RFC 7143 §13.
struct agreed_values {
    pdu::digests digests;
    std::uint32_t initiator_max_recv = 8192;  ///< MaxRecvDataSegmentLength the initiator declared
    std::uint32_t target_max_recv = 8192;     ///< the one we declared
    std::uint32_t max_burst_length = 262144;
    std::uint32_t first_burst_length = 65536;
    std::uint32_t max_outstanding_r2t = 1;
    std::uint32_t max_connections = 1;
    std::uint32_t error_recovery_level = 0;
    bool initial_r2t = true;
    bool immediate_data = true;
    task_reporting reporting = task_reporting::rfc3720;
    bool data_pdu_in_order = true;
    bool data_sequence_in_order = true;
    std::uint32_t default_time2wait = 2;
    std::uint32_t default_time2retain = 20;
};

/// The target's answers to operational keys (RFC 7143 §13), one login.
class operational_negotiation {
  public:
    enum class login { leading, further, discovery };
    operational_negotiation(operational_limits limits, digest_policy header, digest_policy data, login kind)
        : limits_(limits), header_policy_(header), data_policy_(data), login_(kind) {}

    /// Answers the operational keys of one request into `reply`. An error text means: the login fails as wrong.
    [[nodiscard]] std::optional<std::string> answer(const pdu::text_keys& offered, pdu::text_keys& reply);

    /// Why what was agreed on is not enough for Full Feature Phase.
    [[nodiscard]] std::optional<std::string> missing() const;
    [[nodiscard]] const agreed_values& agreed() const { return agreed_; }

  private:
    struct verdict {
        std::string value;  ///< empty: declarative, no answer
        std::optional<std::string> error;
    };
    [[nodiscard]] verdict answer_one(const std::string& key, const std::string& value);
    [[nodiscard]] verdict answer_number(const std::string& key, const std::string& value);
    [[nodiscard]] verdict answer_boolean(const std::string& key, const std::string& value);
    [[nodiscard]] verdict answer_task_reporting(const std::string& value);
    [[nodiscard]] verdict answer_digest(const std::string& value, digest_policy policy, bool& member);

    operational_limits limits_;
    digest_policy header_policy_;
    digest_policy data_policy_;
    login login_;
    bool declared_ = false;
    std::set<std::string> seen_;
    agreed_values agreed_;
};

}  // namespace persiscsi::target
