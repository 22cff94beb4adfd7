// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/capacity.hpp"
#include "initiator/scsi/inquiry.hpp"
#include "initiator/scsi/vpd.hpp"
#include "pdu/types.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace persiscsi::cli {

/// "lun": the number, or the text "0x…" of a LUN that is none.
[[nodiscard]] boost::json::value lun_to_json(pdu::lun_id lun);

[[nodiscard]] boost::json::object capacity_to_json(const scsi::capacity& capacity);

/// The VPD pages are absent where the logical unit has none.
[[nodiscard]] boost::json::object inquiry_to_json(const scsi::standard_inquiry& inquiry,
                                                  const std::optional<std::string>& serial,
                                                  const std::optional<std::vector<scsi::designator>>& designators);

}  // namespace persiscsi::cli
