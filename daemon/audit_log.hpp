// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/peer.hpp"

#include <boost/json/value.hpp>

#include <filesystem>
#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace persiscsi::daemon {

/// Who changed what, with what came of it: JSON Lines in a file of mode 0600, which is rotated (audit.log, audit.1.log,
/// …, 10 MiB each). What it cannot write is said in the daemon's log; the request goes on. No secret has a way in here:
/// it records answers, never what was sent.
class audit_log {
  public:
    /// Throws store_error (io) where the file cannot be opened.
    explicit audit_log(const std::filesystem::path& file);

    /// One line for each item of `answer`'s "results"; one for an answer without items. `request` is "VERB pattern".
    void record(const peer& who, std::string_view request, unsigned status, const boost::json::value& answer);

  private:
    std::shared_ptr<spdlog::logger> lines_;
};

}  // namespace persiscsi::daemon
