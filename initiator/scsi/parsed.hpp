// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <system_error>

namespace persiscsi::scsi {

/// What became of a reply: a value, or `scsi_errc::malformed_reply` with a detail that names the reply and the numbers.
template <class Value>
struct parsed {
    Value value{};
    std::error_code error{};
    std::string detail{};
};

}  // namespace persiscsi::scsi
