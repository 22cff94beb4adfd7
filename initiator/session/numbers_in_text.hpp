// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "pdu/types.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace persiscsi {

/// A number, tag or code as a story names it.
template <class Number>
[[nodiscard]] std::string number(Number value) {
    return std::to_string(static_cast<std::uint64_t>(value));
}

[[nodiscard]] inline failure unknown_task(std::string_view pdu_title, pdu::task_tag tag) {
    return {protocol_errc::remote_unknown_task_tag, std::string(pdu_title) + " for Initiator Task Tag " + number(tag)};
}

}  // namespace persiscsi
