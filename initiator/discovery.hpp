// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/session.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace persiscsi {

/// One portal of a target as SendTargets gave it (RFC 7143 Appendix C).
struct discovered_portal {
    portal address;
    std::uint16_t portal_group_tag = 1;
};
struct discovered_target {
    std::string name;
    std::vector<discovered_portal> portals;
};

using discovery_handler = boost::asio::any_completion_handler<void(error_code, std::vector<discovered_target>)>;

void start_discovery(boost::asio::any_io_executor executor,
                     session_options options,
                     diagnostics& story,
                     discovery_handler handler);

/// Logs in to a discovery session at `options.portal`, asks SendTargets=All, logs out. `options.login.type` and
/// `.target_name` are set here. Completes as void(error_code, std::vector<discovered_target>): all of the answer, or an
/// error; never a part of it. Terminal cancellation closes the transport.
template <class Token = boost::asio::deferred_t>
auto async_discover(boost::asio::any_io_executor executor,
                    session_options options,
                    diagnostics& story,
                    Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code, std::vector<discovered_target>)>(
        [](auto handler, boost::asio::any_io_executor on, session_options with, diagnostics* into) {
            start_discovery(std::move(on), std::move(with), *into, std::move(handler));
        },
        token,
        std::move(executor),
        std::move(options),
        &story);
}

}  // namespace persiscsi
