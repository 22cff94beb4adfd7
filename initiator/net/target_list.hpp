// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/discovery.hpp"
#include "initiator/errors.hpp"
#include "pdu/text.hpp"

#include <vector>

namespace persiscsi {

struct parsed_target_list {
    failure failed;
    std::vector<discovered_target> targets;
};

/// Reads the answer to SendTargets (RFC 7143 Appendix C): TargetName, and the TargetAddress keys that belong to it. A
/// target without an address is reached where it was asked for, at `asked`. One illegal key spoils the whole answer.
[[nodiscard]] parsed_target_list parse_target_list(const pdu::text_keys& keys, const portal& asked);

}  // namespace persiscsi
