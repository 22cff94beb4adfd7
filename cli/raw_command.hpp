// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/task.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::cli {

/// A CDB that passes through as it is, with the memory of its data, and how it ended.
struct raw_command {
    std::vector<std::byte> cdb;  ///< 6 to 260 bytes
    std::vector<std::byte> data_in;
    std::vector<std::byte> data_out;
    scsi_outcome outcome{};

    /// As many bytes of data_in as came from the target.
    [[nodiscard]] std::span<const std::byte> received() const;
    /// "READ (10)", or "operation code c1h" of one we do not know.
    [[nodiscard]] std::string name() const;
    /// "GOOD", "CHECK CONDITION, ILLEGAL REQUEST, invalid field in cdb (24/00)".
    [[nodiscard]] std::string ending() const;
};

/// docs/json.md, `scsi`. `with_data`: the bytes that came are in it.
[[nodiscard]] boost::json::object to_json(const raw_command& command, bool with_data);

/// The same for people: status, sense, what moved and what did not; without the bytes.
[[nodiscard]] std::string to_text(const raw_command& command);

}  // namespace persiscsi::cli
