// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/full_feature.hpp"

namespace persiscsi::target {

/// Fills StatSN, ExpCmdSN and MaxCmdSN (RFC 7143 §4.2.2). MaxCmdSN moves by the commands that ended, never back.
template <class Response>
void full_feature::number(Response& response, bool advance_stat_sn) {
    if (!wire_.frozen()) {
        max_cmd_sn_ = max_cmd_sn_.plus(finished_commands_);
        finished_commands_ = 0;
    }
    response.stat_sn = stat_sn_;
    if (advance_stat_sn) stat_sn_ = stat_sn_.next();
    response.exp_cmd_sn = exp_cmd_sn_;
    response.max_cmd_sn = max_cmd_sn_;
}

}  // namespace persiscsi::target
