// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/full_feature.hpp"

#include <utility>
#include <vector>

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

template <class Response>
void full_feature::send_numbered(Response response, std::vector<std::byte> data) {
    number(response, true);
    const auto bhs = encode(response);
    sent_statuses::entry sent{response.stat_sn, bhs, {}};
    if constexpr (requires { response.initiator_task_tag; }) sent.task_tag = response.initiator_task_tag;
    if (recovers()) {
        sent.data = data;
        statuses_.keep(std::move(sent));
    }
    wire_.transmit_owned(bhs, std::move(data));
}

}  // namespace persiscsi::target
