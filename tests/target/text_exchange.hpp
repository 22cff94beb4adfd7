// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/reject.hpp"
#include "pdu/text.hpp"
#include "pdu/text_request.hpp"
#include "pdu/text_response.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::target {

/// Text Requests of one connection in Full Feature Phase: SendTargets, and negotiation outside of the login (RFC 7143
/// §6.4, §11.10, §11.11).
class text_exchange {
  public:
    /// What SendTargets asks for: TargetName=… and TargetAddress=…
    using send_targets = std::function<std::vector<std::byte>(const std::string& value)>;
    explicit text_exchange(send_targets targets) : targets_(std::move(targets)) {}

    struct outcome {
        pdu::text_response response;  ///< without sequence numbers
        std::vector<std::byte> data;
        std::optional<pdu::reject_reason> rejected;  ///< instead of the response; the exchange begins anew
        std::string violation;                       ///< what the initiator did wrong; empty: nothing
        /// MaxRecvDataSegmentLength of the initiator from now on: the exchange that declared it is complete.
        std::optional<std::uint32_t> max_recv;
    };
    /// `fresh` is a transfer tag to give away, `most` the longest data segment the initiator takes.
    [[nodiscard]] outcome on_request(const pdu::text_request& request,
                                     std::span<const std::byte> data,
                                     pdu::transfer_tag fresh,
                                     std::uint32_t most);

    /// What is under way is forgotten.
    void reset();

  private:
    [[nodiscard]] std::optional<outcome> check(const pdu::text_request& request);
    [[nodiscard]] std::optional<outcome> answer_keys(std::span<const std::byte> text);
    [[nodiscard]] std::string answer_key(const pdu::text_key& key, outcome& wrong);
    [[nodiscard]] outcome refused(pdu::reject_reason reason, std::string violation);
    void give(const pdu::text_request& request, pdu::transfer_tag fresh, std::uint32_t most, outcome& result);

    send_targets targets_;
    bool open_ = false;
    pdu::task_tag itt_ = pdu::task_tag::reserved;
    pdu::transfer_tag ttt_ = pdu::transfer_tag::reserved;  ///< the one given last
    std::vector<std::byte> in_;
    std::vector<std::byte> out_;
    std::size_t sent_ = 0;
    std::set<std::string> seen_;
    std::optional<std::uint32_t> declared_;
};

}  // namespace persiscsi::target
