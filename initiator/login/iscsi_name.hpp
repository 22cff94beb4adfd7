// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace persiscsi {

/// RFC 7143 §4.2.7.2
inline constexpr std::size_t max_iscsi_name = 223;

/// What keeps `name` from being an iSCSI name (RFC 7143 §4.2.7), in one line; empty where it is one. Capital letters
/// and the underscore are let through, although §4.2.7.2 does not have them: targets in the field use them.
[[nodiscard]] std::string iscsi_name_fault(std::string_view name);

}  // namespace persiscsi
