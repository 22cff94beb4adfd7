// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/parsed.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace persiscsi::scsi {

/// What we look for in MODE SENSE replies of disks (SPC mode parameter header, SBC caching mode page).
struct mode_parameters {
    bool write_protected = false;               ///< WP
    bool supports_fua = false;                  ///< DPOFUA
    std::optional<bool> write_cache_enabled{};  ///< WCE; nothing where there is no caching page
};

/// The header must be there; pages and block descriptors are believed as far as there are bytes.
[[nodiscard]] parsed<mode_parameters> parse_mode_sense_6(std::span<const std::byte> reply);
[[nodiscard]] parsed<mode_parameters> parse_mode_sense_10(std::span<const std::byte> reply);

}  // namespace persiscsi::scsi
