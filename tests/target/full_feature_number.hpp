// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/full_feature.hpp"

namespace persiscsi::target {

/// Fills StatSN of the connection, ExpCmdSN and MaxCmdSN of the session (RFC 7143 §4.2.2).
template <class Response>
void full_feature::number(Response& response, bool advance_stat_sn) {
    if (!wire_.frozen()) session_->window.advance();
    response.stat_sn = stat_sn_;
    if (advance_stat_sn) stat_sn_ = stat_sn_.next();
    response.exp_cmd_sn = session_->window.exp_cmd_sn();
    response.max_cmd_sn = session_->window.max_cmd_sn();
}

}  // namespace persiscsi::target
