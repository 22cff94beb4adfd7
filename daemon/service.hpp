// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/audit_log.hpp"
#include "daemon/jobs.hpp"
#include "daemon/supervisor.hpp"
#include "daemon/table_thread.hpp"

#include <filesystem>
#include <string>

namespace persiscsi::daemon {

/// What the handlers of the control API work with. All of it outlives every request.
struct service {
    supervisor& sessions;
    table_thread& table;
    audit_log& audit;
    std::filesystem::path state_dir;
    std::string boot_id;
    std::string initiator_name;  // where a request names none
    persistence::timestamp started_at{};
    job_store jobs{};
};

/// The live session of that id, taken literally. api_failure not_found, echoing no more than a part of the text.
[[nodiscard]] kept session_named(const service& in, const std::string& id);

}  // namespace persiscsi::daemon
