// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/key_table.hpp"
#include "tests/conformance/rules.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persiscsi::conformance {

using report = std::function<void(rule, std::string)>;
using key_values = std::vector<std::pair<std::string, std::string>>;

/// Where a text stands: it decides which keys are allowed.
struct negotiation_place {
    bool login = true;
    bool security_stage = false;
    bool leading = true;
    bool discovery = false;
};

/// Judges the keys of one negotiation: a whole Login Phase, or one Text sequence of Full Feature Phase
/// (RFC 7143 §6, §12.1.3, §13).
class negotiation_judge {
  public:
    /// A whole text of the initiator (all its PDUs joined).
    void on_initiator(std::span<const std::byte> text, const negotiation_place& place, const report& broken);
    void on_target(std::span<const std::byte> text);

    /// What the initiator said first: for the keys of the first Login Request.
    [[nodiscard]] bool has_sent(std::string_view key) const { return sent_.contains(std::string(key)); }
    [[nodiscard]] const std::map<std::string, std::string>& sent() const { return sent_; }
    /// Settled so far: what was answered, or decided alone. Declarations of the target are here as well.
    [[nodiscard]] std::map<std::string, std::string> results() const;

  private:
    void on_pair(const std::string& key,
                 const std::string& value,
                 const negotiation_place& place,
                 const report& broken);
    void on_proposal(const std::string& key, const std::string& value, const report& broken);
    void on_answer(const std::string& key, const std::string& value, const report& broken);
    void on_chap(const key_values& pairs, const report& broken);
    void on_chap_values(const key_values& pairs, const report& broken) const;

    std::map<std::string, std::string> sent_;      ///< by the initiator
    std::map<std::string, std::string> ours_;      ///< its proposals without an answer
    std::map<std::string, std::string> theirs_;    ///< the target's proposals without an answer
    std::map<std::string, std::string> answered_;  ///< by either side
    std::string targets_challenge_;
    bool chap_chosen_ = false;
    bool challenged_ = false;
    bool algorithms_sent_ = false;
};

}  // namespace persiscsi::conformance
