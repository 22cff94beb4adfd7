// SPDX-License-Identifier: Apache-2.0
#include "daemon/service.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/item_results.hpp"
#include "persistence/errors.hpp"

namespace persiscsi::daemon {

kept session_named(const service& in, const std::string& id) {
    const auto parsed = persistence::parse_session_id(id);
    auto found = parsed ? in.sessions.find(*parsed) : nullptr;
    if (!found)
        throw api_failure(api_errc::not_found, "session " + persistence::in_quotes(echoed(id)) + ": no such session");
    return found;
}

}  // namespace persiscsi::daemon
