// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace persiscsi::scsi {

/// What T10 assigned to this additional sense code and qualifier, in small letters; empty where our table has no row.
[[nodiscard]] std::string_view additional_sense_text(std::uint8_t asc, std::uint8_t ascq);

}  // namespace persiscsi::scsi
