// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/login_request.hpp"
#include "pdu/login_response.hpp"
#include "pdu/text.hpp"
#include "tests/target/chap_authentication.hpp"
#include "tests/target/operational_negotiation.hpp"
#include "tests/target/target_options.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::target {

/// The target's part of one login (RFC 7143 §6.3), without I/O: requests in, responses out.
class login_phase {
  public:
    struct answer {
        pdu::login_response response;  ///< without sequence numbers
        pdu::text_keys keys;
        std::string reason;  ///< why it is refused, for log and violations(); no secrets
        [[nodiscard]] bool refused() const { return response.status != pdu::login_status::success; }
    };

    explicit login_phase(const server_options& server) : server_(server) {}

    [[nodiscard]] answer on_request(const pdu::login_request& request, std::span<const std::byte> data);

    /// True after the response that moves to Full Feature Phase.
    [[nodiscard]] bool finished() const { return stage_ == pdu::login_stage::full_feature_phase; }

    [[nodiscard]] const std::string& initiator_name() const { return initiator_name_; }
    /// Precondition: there was one.
    [[nodiscard]] const pdu::login_request& first_request() const { return *first_; }
    [[nodiscard]] bool discovery() const { return discovery_; }
    /// Names and session type are known.
    [[nodiscard]] bool identified() const { return identified_; }
    [[nodiscard]] const target_options* target() const { return target_; }  ///< null in a discovery session
    [[nodiscard]] const agreed_values& agreed() const { return operational_->agreed(); }

  private:
    struct refusal {
        pdu::login_status status;
        std::string reason;
    };
    using outcome = std::optional<refusal>;

    [[nodiscard]] outcome check_header(const pdu::login_request& request) const;
    [[nodiscard]] outcome gather(std::span<const std::byte> data);
    [[nodiscard]] outcome take_request(const pdu::login_request& request, answer& reply);
    [[nodiscard]] outcome identify(const pdu::text_keys& keys, answer& reply);
    [[nodiscard]] outcome find_target(const pdu::text_keys& keys, answer& reply);
    [[nodiscard]] outcome negotiate_security(const pdu::text_keys& keys, answer& reply);
    [[nodiscard]] outcome choose_auth_method(std::string_view offered, answer& reply);
    [[nodiscard]] outcome move_on(const pdu::login_request& request, answer& reply);
    [[nodiscard]] bool authenticated() const;

    const server_options& server_;
    const target_options* target_ = nullptr;
    const chap_options* chap_options_ = nullptr;
    bool discovery_ = false;
    bool identified_ = false;
    std::string initiator_name_;
    std::optional<pdu::login_request> first_;
    pdu::login_stage stage_ = pdu::login_stage::security_negotiation;
    std::size_t requests_ = 0;
    std::vector<std::byte> text_;  ///< of requests with the C bit
    std::optional<chap_authentication> chap_;
    std::optional<operational_negotiation> operational_;
};

}  // namespace persiscsi::target
