// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/discovery.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace persiscsi {

/// An iSNS server (RFC 4171), and who asks it.
struct isns_options {
    portal server{.host = {}, .port = 3205};
    std::string initiator_name;  ///< the Source of every request: what we see is what this name shares a domain with
    std::string local_address;   ///< IP address to connect from; empty: the system chooses
    std::chrono::milliseconds timeout{30000};  ///< of all of a discovery; of a watch, up to each list
};

void start_isns_discovery(boost::asio::any_io_executor executor,
                          isns_options options,
                          diagnostics& story,
                          discovery_handler handler);

/// Asks the iSNS server for the targets and portals of our discovery domains. A server that does not know us is told
/// who we are before, and that we have gone after. Completes as void(error_code, std::vector<discovered_target>): all
/// of the answer, or an error; never a part of it. Errors: isns_errc, login_errc (no connection, timed out),
/// local_cancelled. Terminal cancellation closes the connection.
template <class Token = boost::asio::deferred_t>
auto async_discover_by_isns(boost::asio::any_io_executor executor,
                            isns_options options,
                            diagnostics& story,
                            Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code, std::vector<discovered_target>)>(
        [](auto handler, boost::asio::any_io_executor on, isns_options with, diagnostics* into) {
            start_isns_discovery(std::move(on), std::move(with), *into, std::move(handler));
        },
        token,
        std::move(executor),
        std::move(options),
        &story);
}

/// Called on the executor's thread with all targets there are now. It must not destroy what it watches by.
using isns_news = std::function<void(const std::vector<discovered_target>&)>;

void start_isns_watch(boost::asio::any_io_executor executor,
                      isns_options options,
                      diagnostics& story,
                      isns_news news,
                      boost::asio::any_completion_handler<void(error_code)> handler);

/// Registers with the iSNS server, tells `news` the targets, and again after each of the server's state change
/// notifications (they come by TCP to a port of ours, at the address that leads to the server). Completes as
/// void(error_code) when the server refuses, cannot be understood or is gone; without an error after a terminal
/// cancellation, which takes the registration back first.
template <class Token = boost::asio::deferred_t>
auto async_watch_isns(boost::asio::any_io_executor executor,
                      isns_options options,
                      diagnostics& story,
                      isns_news news,
                      Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code)>(
        [](auto handler, boost::asio::any_io_executor on, isns_options with, diagnostics* into, isns_news tell) {
            start_isns_watch(std::move(on), std::move(with), *into, std::move(tell), std::move(handler));
        },
        token,
        std::move(executor),
        std::move(options),
        &story,
        std::move(news));
}

}  // namespace persiscsi
