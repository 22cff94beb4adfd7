// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/requests.hpp"
#include "daemon/routes.hpp"
#include "initiator/discovery.hpp"

#include <boost/json/array.hpp>

#include <optional>
#include <string>
#include <vector>

namespace persiscsi::daemon {

/// Asks those discovery portals again, several at once, and records what they tell, or why they did not. One result
/// each, in order: {"portal", "result", "targets", "appeared", "gone", "message"}, result `refreshed`, `failed`,
/// `not_found`, or `cancelled` where its
/// job was cancelled before it answered: a portal that does not answer keeps nobody else waiting.
[[nodiscard]] awaitable<boost::json::array> ask_portals(service& in,
                                                        std::vector<std::string> portals,
                                                        const api_request& request,
                                                        bool dry_run);

/// What a portal that is to be added tells; nothing where it is not to be asked. Throws api_failure where it does not
/// answer. Gives the login the names of inline secrets the table has already.
[[nodiscard]] awaitable<std::optional<std::vector<discovered_target>>> ask_new_portal(service& in,
                                                                                      add_portal_request& wanted,
                                                                                      const api_request& request);

/// A login without a portal gets the place where its target was discovered; not_found where no portal told of it.
[[nodiscard]] awaitable<void> settle_place(service& in, persistence::login_record& login);

}  // namespace persiscsi::daemon
