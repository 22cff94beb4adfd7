// SPDX-License-Identifier: Apache-2.0
// Logical units as JSON: the same fields as the direct verbs of the command line print.
#pragma once

#include "initiator/scsi/capacity.hpp"
#include "initiator/scsi/inquiry.hpp"
#include "pdu/types.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace persiscsi::daemon {

/// One row of a list; nullptr: the logical unit did not say.
[[nodiscard]] boost::json::object unit_json(pdu::lun_id lun,
                                            const scsi::standard_inquiry* who,
                                            const scsi::capacity* size);
[[nodiscard]] boost::json::object capacity_json(const scsi::capacity& size);
/// `serial` and `names` are the VPD pages 80h and 83h as the target sent them. api_failure io_error: malformed.
[[nodiscard]] boost::json::object inquiry_json(const scsi::standard_inquiry& who,
                                               const std::optional<std::vector<std::byte>>& serial,
                                               const std::optional<std::vector<std::byte>>& names);

}  // namespace persiscsi::daemon
