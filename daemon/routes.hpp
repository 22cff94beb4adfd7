// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/cancellation.hpp"
#include "daemon/control/target.hpp"
#include "daemon/json_fields.hpp"
#include "daemon/peer.hpp"
#include "daemon/service.hpp"
#include "daemon/table_document.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::daemon {

using boost::asio::awaitable;

/// Bytes of blocks in one request or answer.
inline constexpr std::size_t max_octets = std::size_t{8} << 20;

/// A request that found its route. A handler that changes something runs to its end, also when its client is gone; only
/// a cancelled job leaves undone what it has not begun, and says so.
struct api_request {
    std::string verb;
    control::parsed_target target;
    std::vector<std::string> arguments;  // what stands where the route's pattern has {…}, in order
    boost::json::value body;             // null where none came
    std::vector<std::byte> octets;       // of a route that takes octets
    deadline until{};                    // of the client
    peer who;                            // the client
    access may = access::none;           // and what it is allowed to do
    bool brought_deadline = false;       // `until` is what the client asked for
    const bool* client_gone = nullptr;   // becomes true when it hangs up; supervisor::wake() is called then
    cancellation* cancel = nullptr;      // of a job; supervisor::wake() is called when it is asked for

    /// The value of a query parameter; "" when there is none.
    [[nodiscard]] std::string query(std::string_view name) const;
    /// Nobody waits for the answer any more.
    [[nodiscard]] bool is_abandoned() const { return client_gone != nullptr && *client_gone; }
    /// api_failure cancelled, "<what>: cancelled", where its job was cancelled.
    void go_on_with(std::string_view what) const;
};

struct api_reply {
    unsigned status = 200;
    boost::json::value body;
    std::vector<std::byte> octets;
    bool is_octets = false;
    std::string_view octet_type = "application/octet-stream";
};

using api_handler = awaitable<api_reply> (*)(service&, api_request&);

enum class body_kind { none, json, table, octets, text };  // table: JSON too, but long

/// One route. `pattern` has a {name} where an argument stands.
struct route {
    std::string_view verb;
    std::string_view pattern;
    body_kind takes;
    access needs;  // what its caller must be allowed to do
    api_handler handler;
    std::string_view summary;
    std::string_view query = {};  // names of query parameters, with a space between
    body_kind answers = body_kind::json;
};
[[nodiscard]] std::span<const route> routes();

/// What a request line leads to: a route with its arguments, or why not.
struct found_route {
    const route* found = nullptr;
    std::vector<std::string> arguments;
    std::string allowed;  // verbs of the path, when only the verb is wrong
};
[[nodiscard]] found_route find_route(std::string_view verb, const std::vector<std::string>& segments);

/// Bytes that any route takes at most.
inline constexpr std::size_t longest_body = std::max(max_octets, max_table_body);
/// Bytes of a body that this route takes at most.
[[nodiscard]] constexpr std::size_t body_limit(const route& one) {
    return one.takes == body_kind::table ? max_table_body : one.takes == body_kind::octets ? max_octets : max_json_body;
}

}  // namespace persiscsi::daemon
