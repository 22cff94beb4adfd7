// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/types.hpp"
#include "tests/target/received_fault.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace persiscsi::target {

class full_feature;

/// The numbered requests of one session in the order of their CmdSN, whatever connection they come on (RFC 7143
/// §4.2.2.1): ExpCmdSN, MaxCmdSN, and the requests that came before their turn.
class command_window {
  public:
    command_window(pdu::command_sn first, std::uint32_t size)
        : exp_cmd_sn_(first), max_cmd_sn_(first.plus(size - 1)), size_(size) {}

    /// A request that waits. `by` null: a number that counts as received, without a request.
    struct held {
        full_feature* by = nullptr;
        pdu::bhs_bytes bhs{};
        std::vector<std::byte> data{};
        received_fault fault{};
    };

    enum class place { due, ahead, below, above };
    [[nodiscard]] place place_of(pdu::command_sn cmd_sn) const;
    [[nodiscard]] bool holds(pdu::command_sn cmd_sn) const { return held_.contains(cmd_sn.value); }

    /// The request that is due is there.
    void take() { exp_cmd_sn_ = exp_cmd_sn_.next(); }

    /// Precondition: place_of(cmd_sn) is due or ahead. False: too many bytes would wait.
    [[nodiscard]] bool hold(pdu::command_sn cmd_sn, held request);
    /// Takes off the request whose turn it is.
    [[nodiscard]] std::optional<held> take_next();
    /// Requests of that connection never came; their numbers are holes now. Says how many.
    std::size_t discard(const full_feature& by);

    /// A request has ended: MaxCmdSN may move by one.
    void finish() { ++finished_; }
    /// MaxCmdSN moves by the requests that ended, never back.
    void advance() {
        max_cmd_sn_ = max_cmd_sn_.plus(finished_);
        finished_ = 0;
    }
    [[nodiscard]] pdu::command_sn exp_cmd_sn() const { return exp_cmd_sn_; }
    [[nodiscard]] pdu::command_sn max_cmd_sn() const { return max_cmd_sn_; }
    [[nodiscard]] std::uint32_t size() const { return size_; }

  private:
    pdu::command_sn exp_cmd_sn_;
    pdu::command_sn max_cmd_sn_;
    std::uint32_t size_;
    std::uint32_t finished_ = 0;
    std::map<std::uint32_t, held> held_;  ///< by CmdSN; looked up one by one, so that the wrap does not matter
    std::size_t held_bytes_ = 0;
};

}  // namespace persiscsi::target
